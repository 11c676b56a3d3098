import { loadDestinations } from '../../project/own-files.ts';
import { findDestinationQueues } from '../emulator/destination-queues.ts';
import { startLocalPipeline } from '../emulator/local-pipeline.ts';
import { parseArguments } from './arguments.ts';
import { formatDemoReport } from './demo-report.ts';
import { type DemoDelivery, runDemo } from './demo-run.ts';
import { EVENTS_FOLDER, MERCHANT_QUEUES, PROJECT_FOLDER } from './paths.ts';
import { readWebhookSamples } from './samples.ts';
import { runCli } from './run-cli.ts';

const USAGE = `Usage: npm run demo -- [--strict]
  Runs the pipeline with your destinations and mappings, posts every webhook of events/, and shows what
  each destination received. It fails when a webhook gets another response than its \`expect\` says, when
  something is delivered twice, or when the code of a destination fails.
  --strict  fails too when the deliveries are not those that \`expect\` lists`;

await runCli(async (print) => {
  const { values } = parseArguments(
    { options: { strict: { type: 'boolean', default: false } } },
    USAGE,
  );
  const startedAt = performance.now();
  const declarations = await loadDestinations(PROJECT_FOLDER);
  const names = new Map(declarations.map(({ id, name }) => [id, name]));
  const samples = await readWebhookSamples(EVENTS_FOLDER);
  print('Starting serverless.yml on this machine: emulated SQS and DynamoDB, the functions ...');
  const deliveredRequests: DemoDelivery[] = [];
  const withIds = new Set(Object.keys(MERCHANT_QUEUES));
  const sentCounts = new Map<string, number>();
  const pipeline = await startLocalPipeline({
    projectFolder: PROJECT_FOLDER,
    consumers: MERCHANT_QUEUES,
    onRequestDelivered(request) {
      if (request.recordId === null) return;
      withIds.add(request.destination);
      deliveredRequests.push(request);
    },
    // a request to a system of the merchant need not name the record; fanOut's log does
    onLine(_line, parsed) {
      if (parsed.kind !== 'delivery' || parsed.entry.status !== 'delivered') return;
      const { destination, id } = parsed.entry;
      if (!withIds.has(destination)) deliveredRequests.push({ destination, recordId: id });
    },
    onMessageSent: ({ queueName }) =>
      sentCounts.set(queueName, (sentCounts.get(queueName) ?? 0) + 1),
    onError: print,
  });
  try {
    print(`Posting the ${samples.length} webhooks of events/ to ${pipeline.httpEndpoint} ...\n`);
    const { observations, unmatchedDeliveries } = await runDemo(
      { pipeline, deliveredRequests },
      samples,
    );
    const counts = await pipeline.readQueueCounts();
    const queues = [...findDestinationQueues(pipeline.stack)].map(
      ([destinationId, { id, name }]) => ({
        name,
        destination: names.get(destinationId) ?? destinationId,
        sent: sentCounts.get(name) ?? 0,
        waiting: counts.get(id) ?? 0,
      }),
    );
    const report = formatDemoReport(
      observations,
      { unmatchedDeliveries, queues, isStrict: values.strict },
      (performance.now() - startedAt) / 1_000,
    );
    print(report.text);
    return report.isAsExpected ? 0 : 1;
  } finally {
    await pipeline.stop();
  }
});
