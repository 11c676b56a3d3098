import { createConsole } from './console/console.ts';
import { describeFailure } from './emulator/lambda/invocation.ts';
import { startLocalPipeline } from './emulator/local-pipeline.ts';
import { removePidFile, writePidFile } from './emulator/pid-file.ts';
import { parsePort, parseArguments } from './cli/arguments.ts';
import { decodeEventBody } from './cli/gateway-event.ts';
import { waitUntilOrphaned } from './emulator/process.ts';
import {
  DEFAULT_PORT,
  EVENTS_FOLDER,
  LOCAL_SECRET,
  MERCHANT_QUEUES,
  PROJECT_FOLDER,
  WEBHOOK_PATH,
} from './cli/paths.ts';
import { type FormattedLine, formatLogLine, formatWithTime } from './cli/format-log-line.ts';
import { readWebhookSamples } from './cli/samples.ts';
import { formatSignedCurl } from './cli/signed-curl.ts';
import { runCli } from './cli/run-cli.ts';

const USAGE = 'Usage: npm start -- [--port PORT]';

await runCli(async (print) => {
  const { values } = parseArguments({ options: { port: { type: 'string' } } }, USAGE);
  const port = parsePort(values.port, DEFAULT_PORT, USAGE);
  const stopRequested = Promise.withResolvers<void>();
  // once: a second signal ends the process at once
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stopRequested.resolve());
  if (process.env['npm_lifecycle_event'] !== undefined) {
    void waitUntilOrphaned(() => process.ppid).then(stopRequested.resolve);
  }
  const printLine = (line: FormattedLine): void => print(formatWithTime(line, new Date()));

  print('Starting the pipeline: serverless.yml, embedded SQS and DynamoDB, the functions ...');
  const webConsole = await createConsole();
  const { observer } = webConsole;
  const pipeline = await startLocalPipeline({
    ...observer,
    fallback: webConsole.listener,
    projectFolder: PROJECT_FOLDER,
    port,
    consumers: MERCHANT_QUEUES,
    reload: true,
    onLine(line, parsed) {
      observer.onLine?.(line, parsed);
      printLine(formatLogLine(parsed));
    },
    onInvocation(invocation) {
      observer.onInvocation?.(invocation);
      const failure = describeFailure(invocation.result);
      if (failure !== null) {
        printLine({ level: 'error', text: `${invocation.functionName} failed: ${failure}` });
      }
    },
    onError(text) {
      observer.onError?.(text);
      printLine({ level: 'error', text });
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
        print(`Nothing here calls ${name} for: ${events.unsupported.join(', ')}`);
    }
    const example = await findExampleBody();
    print(`ready ${webhookUrl}  (Ctrl-C stops it)`);
    print(`console ${pipeline.httpEndpoint}/  (see it happen, in a browser)`);
    if (example !== null) print(`\n${formatSignedCurl(webhookUrl, example, LOCAL_SECRET)}\n`);
    await stopRequested.promise;
    print('Stopping ...');
    return 0;
  } finally {
    webConsole.stop();
    await removePidFile(PROJECT_FOLDER, process.pid);
    await pipeline.stop();
  }
});

/** The shortest body of events/ that is delivered, no mapping needed; null when there is none. */
async function findExampleBody(): Promise<string | null> {
  const samples = await readWebhookSamples(EVENTS_FOLDER);
  const bodies = samples
    .filter(({ rawPath, expect }) => rawPath === WEBHOOK_PATH && expect?.delivered.length)
    .map((sample) => decodeEventBody(sample).toString('utf8'))
    .sort((a, b) => a.length - b.length);
  return bodies[0] ?? null;
}
