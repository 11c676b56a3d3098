import type { DeliveredRequest } from '../emulator/delivered-requests.ts';
import { findDestinationQueues } from '../emulator/destination-queues.ts';
import { startLocalPipeline } from '../emulator/local-pipeline.ts';
import { readFixtureStack } from '../emulator/fixture-stack.ts';
import { parseArguments } from './arguments.ts';
import { formatDemoReport } from './demo-report.ts';
import { runDemo } from './demo-run.ts';
import { EVENTS_FOLDER, MERCHANT_QUEUES, PROJECT_FOLDER } from './paths.ts';
import { readWebhookSamples } from './samples.ts';
import { runCli } from './run-cli.ts';

const USAGE = `Usage: npm run demo
  Runs the pipeline, posts every webhook of events/, and compares the results with those that each expects.`;

await runCli(async (print) => {
  parseArguments({}, USAGE);
  const startedAt = performance.now();
  const samples = await readWebhookSamples(EVENTS_FOLDER);
  print('Starting serverless.yml on this machine: emulated SQS and DynamoDB, the functions ...');
  const deliveredRequests: DeliveredRequest[] = [];
  const sentCounts = new Map<string, number>();
  const pipeline = await startLocalPipeline({
    projectFolder: PROJECT_FOLDER,
    // each sample's expected result is for these destinations and mappings, not for the merchant's
    stack: await readFixtureStack(PROJECT_FOLDER),
    consumers: MERCHANT_QUEUES,
    onRequestDelivered: (request) => deliveredRequests.push(request),
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
    const queues = [...findDestinationQueues(pipeline.stack).values()].map(({ id, name }) => ({
      name,
      sent: sentCounts.get(name) ?? 0,
      waiting: counts.get(id) ?? 0,
    }));
    const report = formatDemoReport(
      observations,
      unmatchedDeliveries,
      queues,
      (performance.now() - startedAt) / 1_000,
    );
    print(report.text);
    return report.isAsExpected ? 0 : 1;
  } finally {
    await pipeline.stop();
  }
});
