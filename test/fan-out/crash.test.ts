import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Destination } from '../../lib/destinations/destination.ts';
import { http } from '../../lib/destinations/http.ts';
import { createFanOut } from '../../lib/fan-out/fan-out.ts';
import { createLedger } from '../../lib/fan-out/idempotency.ts';
import { createQueues } from '../../lib/fan-out/failure-queues.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import {
  answering,
  type Behaviour,
  type HttpReceiver,
  startReceiver,
} from '../support/http-receiver.ts';
import { aBatch, aContext } from '../support/lambda.ts';
import { recordingJournal } from '../support/recording-telemetry.ts';

const RECORD = aRecord({ data: { voucher: aVoucher({ expiresAt: null }) } });
const SECRET = 'whsec_aW52ZW50ZWQtc2VjcmV0LW9mLXRlc3Rz';

let aws: Aws;
let worlds = 0;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());

/** Where an invocation stops for good: before its n-th call to anything outside, or right after. */
interface Crash {
  readonly call: number;
  readonly when: 'before' | 'after';
}

/** Everything that outlives a crash: the queues, the ledger, the receiver. */
async function aWorld(receiver: HttpReceiver) {
  worlds += 1;
  const table = `ledger-${worlds}`;
  await aws.makeTable(table);
  const retriesUrl = await aws.makeQueue(`retries-${worlds}`);
  const deadLettersUrl = await aws.makeQueue(`dead-letters-${worlds}`);

  /** One execution environment. `crashed` resolves when it has stopped for good. */
  const environment = (crash: Crash | null) => {
    const { promise: crashed, resolve } = Promise.withResolvers<'crashed'>();
    const calls: string[] = [];
    const outside = async <Answer>(name: string, call: () => Promise<Answer>): Promise<Answer> => {
      const number = calls.push(name);
      const stop = (): Promise<never> => {
        resolve('crashed');
        return new Promise<never>(() => {});
      };
      if (crash?.call === number && crash.when === 'before') return stop();
      const answer = await call();
      return crash?.call === number ? stop() : answer;
    };
    const dynamo = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: aws.dynamoEndpoint });
    dynamo.middlewareStack.add(
      (next, { commandName }) =>
        (args) =>
          outside(commandName ?? '', () => next(args)),
    );
    const queues = createQueues(aws.sqs, {
      RETRIES_QUEUE_URL: retriesUrl,
      DEAD_LETTERS_QUEUE_URL: deadLettersUrl,
    });
    const crm = http({ name: 'crm', url: receiver.url, signingSecrets: async () => SECRET });
    const watched: Destination = {
      ...crm,
      deliver: (record, attempt) => outside('deliver', () => crm.deliver(record, attempt)),
    };
    const journal = recordingJournal();
    const handler = createFanOut({
      destinations: [watched],
      ledger: createLedger(dynamo, table, journal),
      sendRetry: (retry, seconds) => outside('retry', () => queues.sendRetry(retry, seconds)),
      sendDeadLetter: (letter) => outside('bury', () => queues.sendDeadLetter(letter)),
      schedule: { waitsSeconds: [0, 0], maxAgeSeconds: 3_600, breakerPauseSeconds: 30 },
      journal,
      now: () => new Date(),
      random: () => 0.5,
    });
    const take = async (body: unknown): Promise<'settled' | 'reported' | 'crashed'> =>
      Promise.race([
        crashed,
        handler(aBatch(body), aContext()).then(({ batchItemFailures }) =>
          batchItemFailures.length === 0 ? 'settled' : 'reported',
        ),
      ]);
    return { take, calls };
  };

  /** What SQS and the time do after a crash: claims run out, and the message comes back. */
  const claimsRunOut = async (): Promise<void> => {
    for (const { id } of await aws.items(table)) {
      if (id === undefined) continue;
      await aws.dynamo.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { id },
          UpdateExpression: 'SET in_progress_expiration = :past',
          ExpressionAttributeValues: { ':past': { N: '1' } },
        }),
      );
    }
  };

  /** Runs everything that waits until nothing does, each in a new environment. */
  const untilQuiet = async (): Promise<void> => {
    const waiting = await aws.drain(retriesUrl);
    for (const { Body } of waiting) {
      expect(await environment(null).take(Body)).toBe('settled');
    }
    if (waiting.length > 0) await untilQuiet();
  };

  return {
    environment,
    claimsRunOut,
    untilQuiet,
    deadLetters: () => aws.drain(deadLettersUrl),
  };
}

function crashesAround(calls: readonly string[]): (Crash & { readonly name: string })[] {
  return calls.flatMap((name, n) => [
    { name, call: n + 1, when: 'before' as const },
    { name, call: n + 1, when: 'after' as const },
  ]);
}

/** One way of a delivery: what the receiver does, the calls that follow, and where a crash repeats it. */
const WAYS: readonly {
  readonly receiver: string;
  readonly behaviour: Behaviour;
  readonly calls: readonly string[];
  readonly requests: number;
  readonly oneMoreAfter: readonly string[];
  readonly letters: number;
}[] = [
  {
    receiver: 'takes the record',
    behaviour: answering(204),
    calls: ['PutItemCommand', 'deliver', 'UpdateItemCommand'],
    requests: 1,
    oneMoreAfter: ['after deliver', 'before UpdateItemCommand'],
    letters: 0,
  },
  {
    receiver: 'is busy at first',
    behaviour: (request, response, n) => answering(n === 0 ? 503 : 204)(request, response, n),
    calls: ['PutItemCommand', 'deliver', 'DeleteItemCommand', 'retry'],
    requests: 2,
    oneMoreAfter: [],
    letters: 0,
  },
  {
    receiver: 'refuses the record',
    behaviour: answering(422),
    calls: ['PutItemCommand', 'deliver', 'DeleteItemCommand', 'bury'],
    requests: 1,
    oneMoreAfter: [
      'after deliver',
      'before DeleteItemCommand',
      'after DeleteItemCommand',
      'before bury',
      'after bury',
    ],
    letters: 1,
  },
];

describe.each(WAYS)('a delivery whose receiver $receiver', (way) => {
  it('takes these calls', async () => {
    const receiver = await startReceiver(way.behaviour);
    const { environment } = await aWorld(receiver);
    const { take, calls } = environment(null);
    expect(await take(RECORD)).toBe('settled');
    expect(calls).toEqual(way.calls);
    await receiver.stop();
  });

  it.each(crashesAround(way.calls))(
    'is not lost when the function crashes $when $name',
    async (crash) => {
      const receiver = await startReceiver(way.behaviour);
      const { environment, claimsRunOut, untilQuiet, deadLetters } = await aWorld(receiver);

      expect(await environment(crash).take(RECORD)).toBe('crashed');
      await claimsRunOut();
      expect(await environment(null).take(RECORD)).toBe('settled');
      await untilQuiet();

      const more = way.oneMoreAfter.includes(`${crash.when} ${crash.name}`) ? 1 : 0;
      const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
      expect(ids).toEqual(Array.from({ length: way.requests + more }, () => RECORD.id));
      // a dead letter may be there twice: better than not at all
      const letters = way.letters + (crash.name === 'bury' && crash.when === 'after' ? 1 : 0);
      expect(await deadLetters()).toHaveLength(letters);
      await receiver.stop();
    },
  );
});
