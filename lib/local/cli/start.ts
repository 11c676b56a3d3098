import { createConsole } from '../console/console.ts';
import { failureText } from '../emulator/lambda/invocation.ts';
import { startPipeline } from '../emulator/emulator.ts';
import { removeRunning, writeRunning } from '../emulator/pid-file.ts';
import { portOf, readArguments } from './arguments.ts';
import { bodyBytes } from './gateway-event.ts';
import { whenOrphaned } from './orphan.ts';
import {
  DEFAULT_PORT,
  EVENTS_FOLDER,
  LOCAL_SECRET,
  MERCHANT_QUEUES,
  PROJECT_FOLDER,
  WEBHOOK_PATH,
} from './paths.ts';
import { type ReadableLine, readableLine } from './format-log-line.ts';
import { readWebhookSamples } from './samples.ts';
import { signedCurl } from './signed-curl.ts';
import { timedLine } from './terminal.ts';
import { runTool } from './run-cli.ts';

const USAGE = 'Usage: npm start -- [--port PORT]';

await runTool(async (say) => {
  const { values } = readArguments({ options: { port: { type: 'string' } } }, USAGE);
  const port = portOf(values.port, DEFAULT_PORT, USAGE);
  const stopped = Promise.withResolvers<void>();
  // once: a second signal ends the process at once
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stopped.resolve());
  if (process.env['npm_lifecycle_event'] !== undefined) {
    void whenOrphaned(() => process.ppid).then(stopped.resolve);
  }
  const tell = (line: ReadableLine): void => say(timedLine(line, new Date()));

  say('Starting the pipeline: serverless.yml, embedded SQS and DynamoDB, the functions ...');
  const page = await createConsole();
  const { observer } = page;
  const pipeline = await startPipeline({
    ...observer,
    elsewhere: page.listener,
    projectFolder: PROJECT_FOLDER,
    port,
    consumers: MERCHANT_QUEUES,
    reload: true,
    onLine(line, journal) {
      observer.onLine?.(line, journal);
      tell(readableLine(journal));
    },
    onInvocation(invocation) {
      observer.onInvocation?.(invocation);
      const failure = failureText(invocation.outcome);
      if (failure !== null) {
        tell({ tone: 'bad', text: `${invocation.functionName} failed: ${failure}` });
      }
    },
    onTrouble(text) {
      observer.onTrouble?.(text);
      tell({ tone: 'bad', text });
    },
    onReload(names) {
      observer.onReload?.(names);
      tell({ tone: 'good', text: `reloaded ${names.join(', ')}` });
    },
  });
  const webhookUrl = pipeline.httpEndpoint + WEBHOOK_PATH;
  try {
    await page.watch(pipeline);
    await writeRunning(PROJECT_FOLDER, { pid: process.pid, webhookUrl, ...pipeline.endpoints });
    for (const { name, events } of pipeline.stack.functions) {
      if (events.others.length > 0)
        say(`Nothing here calls ${name} for: ${events.others.join(', ')}`);
    }
    const example = await exampleBody();
    say(`ready ${webhookUrl}  (Ctrl-C stops it)`);
    say(`console ${pipeline.httpEndpoint}/  (see it happen, in a browser)`);
    if (example !== null) say(`\n${signedCurl(webhookUrl, example, LOCAL_SECRET)}\n`);
    await stopped.promise;
    say('Stopping ...');
    return 0;
  } finally {
    page.stop();
    await removeRunning(PROJECT_FOLDER, process.pid);
    await pipeline.stop();
  }
});

/** The shortest body of events/ that is delivered, no mapping needed; null when there is none. */
async function exampleBody(): Promise<string | null> {
  const samples = await readWebhookSamples(EVENTS_FOLDER);
  const bodies = samples
    .filter(({ rawPath, expect }) => rawPath === WEBHOOK_PATH && expect?.delivered.length)
    .map((sample) => bodyBytes(sample).toString('utf8'))
    .sort((a, b) => a.length - b.length);
  return bodies[0] ?? null;
}
