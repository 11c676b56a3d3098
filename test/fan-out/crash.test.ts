import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Destination } from '../../lib/destinations/destination.ts';
import { http } from '../../lib/destinations/http.ts';
import { createFanOut } from '../../lib/fan-out/fan-out.ts';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import { createFailureQueues } from '../../lib/fan-out/failure-queues.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import {
  respondWith,
  type Behaviour,
  type HttpReceiver,
  startReceiver,
} from '../support/http-receiver.ts';
import { aBatch, aContext } from '../support/lambda.ts';
import { recordingTelemetry } from '../support/recording-telemetry.ts';

const RECORD = aRecord({ data: { voucher: aVoucher({ expiresAt: null }) } });
const SECRET = 'whsec_aW52ZW50ZWQtc2VjcmV0LW9mLXRlc3Rz';

let aws: Aws;
let worldCount = 0;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());

/** Where an invocation crashes: before its n-th call to a service or receiver, or right after. */
interface Crash {
  readonly call: number;
  readonly when: 'before' | 'after';
}

/** Everything that outlives a crash: the queues, the deliveries table, the receiver. */
async function startCrashableFanOut(receiver: HttpReceiver) {
  worldCount += 1;
  const table = `deliveries-${worldCount}`;
  await aws.createTable(table);
  const retriesUrl = await aws.createQueue(`retries-${worldCount}`);
  const deadLettersUrl = await aws.createQueue(`dead-letters-${worldCount}`);

  /** One execution environment. `crashed` resolves when it has stopped for good. */
  const environment = (crash: Crash | null) => {
    const { promise: crashed, resolve } = Promise.withResolvers<'crashed'>();
    const calls: string[] = [];
    const track = async <Result>(name: string, call: () => Promise<Result>): Promise<Result> => {
      const callNumber = calls.push(name);
      const hang = (): Promise<never> => {
        resolve('crashed');
        return new Promise<never>(() => {});
      };
      if (crash?.call === callNumber && crash.when === 'before') return hang();
      const result = await call();
      return crash?.call === callNumber ? hang() : result;
    };
    const dynamo = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: aws.dynamoEndpoint });
    dynamo.middlewareStack.add(
      (next) => (args) =>
        track(JSON.stringify(args.input).includes('":state"') ? 'finish' : 'take', () =>
          next(args),
        ),
    );
    const queues = createFailureQueues(aws.sqs, {
      RETRIES_QUEUE_URL: retriesUrl,
      DEAD_LETTERS_QUEUE_URL: deadLettersUrl,
    });
    const crm = http({ name: 'crm', url: receiver.url, signingSecrets: async () => SECRET });
    const trackedDestination: Destination = {
      ...crm,
      deliver: (record, context) => track('deliver', () => crm.deliver(record, context)),
    };
    const telemetry = recordingTelemetry();
    const handler = createFanOut({
      destinations: [trackedDestination],
      deliveries: createDeliveriesTable({
        client: dynamo,
        tableName: table,
        now: () => new Date(),
        random: () => 0.5,
        wait,
      }),
      sendRetry: (retry, seconds) => track('retry', () => queues.sendRetry(retry, seconds)),
      sendDeadLetter: (deadLetter) =>
        track('send dead letter', () => queues.sendDeadLetter(deadLetter)),
      schedule: { delaysSeconds: [0, 0], maxAgeSeconds: 3_600, circuitOpenSeconds: 30 },
      telemetry,
      now: () => new Date(),
      random: () => 0.5,
    });
    const handle = async (body: unknown): Promise<'acknowledged' | 'reported' | 'crashed'> =>
      Promise.race([
        crashed,
        handler(aBatch(body), aContext()).then(({ batchItemFailures }) =>
          batchItemFailures.length === 0 ? 'acknowledged' : 'reported',
        ),
      ]);
    return { handle, calls };
  };

  /** Ends the hold of every row, as time does after a crash. */
  const expireHolds = async (): Promise<void> => {
    for (const { id, destination } of await aws.scan(table)) {
      if (id === undefined || destination === undefined) continue;
      await aws.dynamo.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { id, destination },
          UpdateExpression: 'SET heldUntil = :past',
          ExpressionAttributeValues: { ':past': { S: '2026-01-01T00:00:00.000Z' } },
        }),
      );
    }
  };

  /** Processes waiting retries, each in a new environment, until none is left. */
  const drainRetries = async (): Promise<void> => {
    const waiting = await aws.drain(retriesUrl);
    for (const { Body } of waiting) {
      expect(await environment(null).handle(Body)).toBe('acknowledged');
    }
    if (waiting.length > 0) await drainRetries();
  };

  return {
    environment,
    expireHolds,
    drainRetries,
    deadLetters: () => aws.drain(deadLettersUrl),
  };
}

function crashPoints(calls: readonly string[]): (Crash & { readonly name: string })[] {
  return calls.flatMap((name, n) => [
    { name, call: n + 1, when: 'before' as const },
    { name, call: n + 1, when: 'after' as const },
  ]);
}

/** One way of a delivery: what the receiver does, the calls that follow, and where a crash repeats it. */
const SCENARIOS: readonly {
  readonly receiver: string;
  readonly behaviour: Behaviour;
  readonly calls: readonly string[];
  readonly requests: number;
  readonly duplicateAfter: readonly string[];
  readonly deadLetters: number;
}[] = [
  {
    receiver: 'takes the record',
    behaviour: respondWith(204),
    calls: ['take', 'deliver', 'finish'],
    requests: 1,
    duplicateAfter: ['after deliver', 'before finish'],
    deadLetters: 0,
  },
  {
    receiver: 'is busy at first',
    behaviour: (request, response, n) => respondWith(n === 0 ? 503 : 204)(request, response, n),
    calls: ['take', 'deliver', 'retry', 'finish'],
    requests: 2,
    duplicateAfter: [],
    deadLetters: 0,
  },
  {
    receiver: 'rejects the record',
    behaviour: respondWith(422),
    calls: ['take', 'deliver', 'send dead letter', 'finish'],
    requests: 1,
    duplicateAfter: [
      'after deliver',
      'before send dead letter',
      'after send dead letter',
      'before finish',
      'after finish',
    ],
    deadLetters: 1,
  },
];

describe.each(SCENARIOS)('a delivery whose receiver $receiver', (scenario) => {
  it('takes these calls', async () => {
    const receiver = await startReceiver(scenario.behaviour);
    const { environment } = await startCrashableFanOut(receiver);
    const { handle, calls } = environment(null);
    expect(await handle(RECORD)).toBe('acknowledged');
    expect(calls).toEqual(scenario.calls);
    await receiver.stop();
  });

  it.each(crashPoints(scenario.calls))(
    'is not lost when the function crashes $when $name',
    async (crash) => {
      const receiver = await startReceiver(scenario.behaviour);
      const { environment, expireHolds, drainRetries, deadLetters } =
        await startCrashableFanOut(receiver);

      expect(await environment(crash).handle(RECORD)).toBe('crashed');
      await expireHolds();
      expect(await environment(null).handle(RECORD)).toBe('acknowledged');
      await drainRetries();

      const duplicates = scenario.duplicateAfter.includes(`${crash.when} ${crash.name}`) ? 1 : 0;
      const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
      expect(ids).toEqual(Array.from({ length: scenario.requests + duplicates }, () => RECORD.id));
      // a dead letter may be there twice, which is better than a lost one
      const wasSent =
        crash.name === 'finish' || (crash.name === 'send dead letter' && crash.when === 'after');
      const expectedDeadLetters = scenario.deadLetters * (wasSent ? 2 : 1);
      expect(await deadLetters()).toHaveLength(expectedDeadLetters);
      await receiver.stop();
    },
  );
});
