import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDeliverySender } from '../../lib/fan-out/queues.ts';
import { createOperator } from '../../lib/operator/operator.ts';
import { runToEnd } from '../../lib/operator/run-to-end.ts';
import { createSqsQueue } from '../../lib/operator/sqs-queue.ts';
import { createGroupSender } from '../../lib/platform/sqs.ts';
import { splitEvery } from '../../lib/split-every.ts';
import { aRecord } from '../support/a-record.ts';
import { type Aws, startAws } from '../support/aws.ts';
import { aContext } from '../support/lambda.ts';
import { recordingTelemetry } from '../support/recording-telemetry.ts';
import { QUEUES_ONLY } from '../support/operator.ts';

// the same with 100,000 messages, and with the memory that it takes: test/bench/replay-size.ts
const MESSAGES = 2_000;
const isWanted = (n: number): boolean => n % 40 === 39;
/** A slice receives nothing more when its invocation has no more time than this. */
const LAST_MESSAGES_MS = 15_000;
const at = '2026-03-05T10:00:00.000Z';

let aws: Aws;
beforeEach(async () => {
  aws = await startAws();
});
afterEach(() => aws.stop());

it('finds 50 dead letters among 2,000, replays each once, and shows the others again at once', async () => {
  const deadLetters = await aws.createQueue('dead-letters');
  const crm = await aws.createQueue('to-crm');
  const numbers = Array.from({ length: MESSAGES }, (_, n) => n);
  for (const batch of splitEvery(10, numbers)) {
    const Entries = batch.map((n) => ({
      Id: String(n),
      MessageBody: JSON.stringify({
        record: aRecord({ id: `whs_${n}` }),
        destination: isWanted(n) ? 'crm' : 'sms',
        reason: 'rejected',
        lastFailure: null,
        detail: null,
        attempts: 1,
        firstAt: at,
        lastAt: at,
        responseBody: null,
      }),
    }));
    await aws.sqs.send(new SendMessageBatchCommand({ QueueUrl: deadLetters, Entries }));
  }
  const queue = createSqsQueue(aws.sqs, deadLetters, 0);
  const operate = createOperator({
    ...QUEUES_ONLY,
    indexDelivery: async () => {},
    queues: { quarantine: queue, 'dead-letters': queue },
    enqueueRecord: createGroupSender(aws.sqs, deadLetters),
    enqueueDelivery: createDeliverySender(aws.sqs, {
      DESTINATION_QUEUES_URL: crm.replace(/crm$/, ''),
    }),
    normalise: { currency: null, maxWebhookAgeDays: null, mappings: new Map() },
    telemetry: recordingTelemetry(),
    now: () => new Date(),
  });
  let slices = 0;
  const run = (dryRun: boolean, sliceMs: number) => {
    const invoke = (request: object) => {
      slices += 1;
      const endsAtMs = performance.now() + LAST_MESSAGES_MS + sliceMs;
      return operate(
        request,
        aContext(() => endsAtMs - performance.now()),
      );
    };
    const request = { from: 'dead-letters', destination: 'crm', dryRun } as const;
    return runToEnd({ invoke }, { command: 'replay', ...request });
  };
  const dryRun = await run(true, 30_000);
  expect(dryRun.report).toMatchObject({ wouldReplay: 50, skipped: 1_950, stopReason: 'empty' });

  // calls so short that the run takes many
  slices = 0;
  const finished = await run(false, 100);
  expect(slices).toBeGreaterThan(3);
  expect(finished).toMatchObject({
    report: { scanned: MESSAGES, replayed: 50, skipped: 1_950, failed: 0 },
    stillHidden: 0,
  });
  const ids = (await aws.drain(crm)).map(
    ({ Body = '' }) => (JSON.parse(Body) as { record: { id: string } }).record.id,
  );
  expect(ids.sort()).toEqual(
    numbers
      .filter(isWanted)
      .map((n) => `whs_${n}`)
      .sort(),
  );

  expect((await run(true, 30_000)).report).toMatchObject({ wouldReplay: 0, skipped: 1_950 });
}, 60_000);
