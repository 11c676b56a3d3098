import { createConsole } from './console/console.ts';
import { describeFailure } from './emulator/lambda/invocation.ts';
import { startLocalPipeline } from './emulator/local-pipeline.ts';
import { describeConfigurationChange } from './emulator/watch-configuration.ts';
import { getQueueById } from './emulator/stack.ts';
import { buildQueueUrl } from './emulator/local-addresses.ts';
import { removePidFile, writePidFile } from './emulator/pid-file.ts';
import { parsePort, parseArguments } from './cli/arguments.ts';
import { escapeLine, escapeText } from './cli/escape-controls.ts';
import { decodeEventBody } from './cli/gateway-event.ts';
import { waitUntilOrphaned } from './emulator/process.ts';
import {
  DEFAULT_PORT,
  EVENTS_FOLDER,
  HISTORY_FILE,
  LOCAL_SECRET,
  MERCHANT_QUEUES,
  PROJECT_FOLDER,
  WEBHOOK_PATH,
} from './cli/paths.ts';
import { type FormattedLine, formatLogLine, formatWithTime } from './cli/format-log-line.ts';
import { readWebhookSamples, type WebhookSample } from './cli/samples.ts';
import { formatSignedCurl } from './cli/signed-curl.ts';
import { runCli } from './cli/run-cli.ts';
import { checkEnvironmentKeys } from './cli/signing-secret.ts';

const USAGE = `Usage: npm start -- [--port PORT] [--keep-consumers]
  Runs the pipeline and its console on this machine, until Ctrl-C.
  --port            the port of the HTTP API and the console; ${DEFAULT_PORT} by default, 0 for any free port
  --keep-consumers  leave the messages on the queue [consumers] to your own program; without it they are
                    deleted as soon as they are there`;

await runCli(async (print) => {
  const { values } = parseArguments(
    {
      options: {
        port: { type: 'string' },
        'keep-consumers': { type: 'boolean', default: false },
      },
    },
    USAGE,
  );
  const port = parsePort(values.port, DEFAULT_PORT, USAGE);
  checkEnvironmentKeys(process.env);
  const stopRequested = Promise.withResolvers<void>();
  // `once`, so that a second signal ends the process immediately
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stopRequested.resolve());
  if (process.env['npm_lifecycle_event'] !== undefined) {
    void waitUntilOrphaned(() => process.ppid).then(stopRequested.resolve);
  }
  let isStopping = false;
  const printLine = (line: FormattedLine): void =>
    print(line.text, (text) => formatWithTime({ ...line, text }, new Date()));

  print('Starting serverless.yml on this machine: emulated SQS and DynamoDB, the functions ...');
  const webConsole = await createConsole(HISTORY_FILE);
  const { observer } = webConsole;
  const pipeline = await startLocalPipeline({
    ...observer,
    fallback: webConsole.listener,
    projectFolder: PROJECT_FOLDER,
    port,
    consumers: values['keep-consumers'] ? {} : MERCHANT_QUEUES,
    reload: true,
    onLine(line, parsed) {
      observer.onLine?.(line, parsed);
      printLine(formatLogLine(parsed));
    },
    onInvocation(invocation) {
      observer.onInvocation?.(invocation);
      const failure = describeFailure(invocation.result);
      if (failure !== null && !isStopping) {
        const text = `${invocation.functionName} failed: ${escapeLine(failure)}`;
        printLine({ level: 'error', text });
      }
    },
    onError(text) {
      observer.onError?.(text);
      printLine({ level: 'error', text });
    },
    onConfigurationChange(changedFiles) {
      observer.onConfigurationChange?.(changedFiles);
      if (changedFiles.length === 0) return;
      printLine({ level: 'warn', text: describeConfigurationChange(changedFiles) });
    },
    onReload(names) {
      observer.onReload?.(names);
      printLine({ level: 'success', text: `reloaded ${names.join(', ')}` });
    },
  });
  const webhookUrl = pipeline.httpEndpoint + WEBHOOK_PATH;
  try {
    await webConsole.watch(pipeline);
    await writePidFile(PROJECT_FOLDER, { pid: process.pid, webhookUrl, ...pipeline.endpoints });
    for (const { name, events } of pipeline.stack.functions) {
      if (events.unsupported.length > 0)
        print(`${name} has events that are not emulated: ${events.unsupported.join(', ')}`);
    }
    const example = await findExample();
    const { name: consumersName } = getQueueById(pipeline.stack, MERCHANT_QUEUES.consumers);
    const { sqsEndpoint } = pipeline.endpoints;
    print(`ready ${webhookUrl}  (Ctrl-C to stop)`);
    print(`console ${pipeline.httpEndpoint}/  (open it in a browser)`);
    print(`sqs ${sqsEndpoint}  (region ${pipeline.stack.region}, any credentials)`);
    print(
      `consumers ${buildQueueUrl(sqsEndpoint, consumersName)}  ` +
        (values['keep-consumers']
          ? '(kept for your own program)'
          : '(emptied; --keep-consumers keeps the messages for your own program)'),
    );
    if (example !== null) {
      print(`\nTo post a webhook: npm run send -- events/${example.name}.json, or this command:`);
      const body = decodeEventBody(example).toString('utf8');
      print(`${formatSignedCurl(webhookUrl, body, LOCAL_SECRET)}\n`);
    }
    await stopRequested.promise;
    isStopping = true;
    print('Stopping ...');
    return 0;
  } finally {
    await webConsole.stop();
    await removePidFile(PROJECT_FOLDER, process.pid);
    await pipeline.stop();
  }
});

/**
 * Returns the sample with the shortest body, a code if there is one, that is delivered without a mapping; null when there is none.
 * A body with control characters is left out: they are escaped when printed, and its signature would not match.
 */
async function findExample(): Promise<WebhookSample | null> {
  const samples = await readWebhookSamples(EVENTS_FOLDER);
  const [shortest] = samples
    .filter(({ rawPath, expect }) => rawPath === WEBHOOK_PATH && expect?.delivered.length)
    .filter((sample) => isPrintable(decodeEventBody(sample).toString('utf8')))
    .sort((a, b) => isCode(b) - isCode(a) || a.body.length - b.body.length);
  return shortest ?? null;
}

/** 1 for a code, which destinations accept that take nothing else. */
function isCode({ name }: WebhookSample): number {
  return name.startsWith('code-') ? 1 : 0;
}

function isPrintable(text: string): boolean {
  return escapeText(text) === text;
}
