import type { Arrival } from '../emulator/delivered-requests.ts';
import { startPipeline } from '../emulator/emulator.ts';
import { demoReport } from './demo-report.ts';
import { runDemo } from './demo-run.ts';
import { EVENTS_FOLDER, MERCHANT_QUEUES, PROJECT_FOLDER } from './paths.ts';
import { readWebhookSamples } from './samples.ts';
import { runTool } from './run-cli.ts';

await runTool(async (say) => {
  const startedAt = performance.now();
  const samples = await readWebhookSamples(EVENTS_FOLDER);
  say('Starting the pipeline: serverless.yml, embedded SQS and DynamoDB, the functions ...');
  const arrivals: Arrival[] = [];
  const pipeline = await startPipeline({
    projectFolder: PROJECT_FOLDER,
    consumers: MERCHANT_QUEUES,
    onArrival: (arrival) => arrivals.push(arrival),
    onTrouble: say,
  });
  try {
    say(`Posting the ${samples.length} webhooks of events/ to ${pipeline.httpEndpoint} ...\n`);
    const { seen, strays } = await runDemo({ pipeline, arrivals }, samples);
    const report = demoReport(seen, strays, (performance.now() - startedAt) / 1_000);
    say(report.text);
    return report.asExpected ? 0 : 1;
  } finally {
    await pipeline.stop();
  }
});
