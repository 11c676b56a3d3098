import {
  DeleteItemCommand,
  type DeleteItemCommandInput,
  DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { delivered, rejected, retry } from '../../lib/destinations/outcome.ts';
import { toDeliveryKey, toBusinessKey } from '../../lib/fan-out/claim.ts';
import { createIdempotencyStore, type RunOnce } from '../../lib/fan-out/idempotency.ts';
import type { DeliveryResult } from '../../lib/fan-out/delivery.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import { aContext } from '../support/lambda.ts';
import { recordingTelemetry } from '../support/recording-telemetry.ts';

const DONE = delivered(204);
const CLAIM = toDeliveryKey('whs_1', 'crm');
const DAY_SECONDS = 86_400;

let aws: Aws;
let table: string;
let tables = 0;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(async () => {
  tables += 1;
  table = `ledger-${tables}`;
  await aws.createTable(table);
});

/** The claims of one invocation, and what its journal was told. */
function ledgerOn(client: DynamoDBClient = aws.dynamo) {
  const journal = recordingTelemetry();
  const runOnce = createIdempotencyStore(client, table, journal)(aContext());
  return { runOnce, journal };
}

/** An attempt with that result, counted. */
function attempt(result: DeliveryResult) {
  const made = { times: 0 };
  return {
    made,
    run: async () => {
      made.times += 1;
      return result;
    },
  };
}

/** An invocation that stopped in the middle of its attempt, and whose time is over. */
async function crashedUnder(underClaim: RunOnce, key: string): Promise<void> {
  const { promise: started, resolve } = Promise.withResolvers<void>();
  void underClaim(CLAIM, () => {
    resolve();
    return new Promise<DeliveryResult>(() => {});
  });
  await started;
  await aws.dynamo.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { id: { S: key } },
      UpdateExpression: 'SET in_progress_expiration = :past',
      ExpressionAttributeValues: { ':past': { N: '1' } },
    }),
  );
}

describe('a claim', () => {
  it('is completed by a delivery: the next one finds a duplicate, in any invocation', async () => {
    const first = attempt(DONE);
    const second = attempt(DONE);
    expect(await ledgerOn().runOnce(CLAIM, first.run)).toEqual(DONE);
    expect(await ledgerOn().runOnce(CLAIM, second.run)).toEqual({ kind: 'duplicate' });
    expect([first.made.times, second.made.times]).toEqual([1, 0]);
  });

  it.each<DeliveryResult>([
    retry('http_status', { status: 503 }),
    rejected('http_status', { status: 404 }),
    { kind: 'insufficient_time' },
    { kind: 'in_progress' },
    { kind: 'idempotency_unavailable', cause: 'TimeoutError' },
  ])('is given back by anything else: $kind', async (result) => {
    const { runOnce, journal } = ledgerOn();
    expect(await runOnce(CLAIM, attempt(result).run)).toEqual(result);
    expect(await aws.scan(table)).toEqual([]);
    expect(await runOnce(CLAIM, attempt(DONE).run)).toEqual(DONE);
    expect(journal.errors).toEqual([]);
  });

  it('is given back when the attempt throws, which is a fault of ours', async () => {
    const { runOnce } = ledgerOn();
    const broken = runOnce(CLAIM, async () => Promise.reject(new RangeError('broken')));
    await expect(broken).rejects.toThrow(RangeError);
    expect(await aws.scan(table)).toEqual([]);
  });

  it('is held while the attempt runs', async () => {
    const { promise: answer, resolve } = Promise.withResolvers<DeliveryResult>();
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    const first = ledgerOn().runOnce(CLAIM, () => {
      start();
      return answer;
    });
    await started;
    const second = attempt(DONE);
    expect(await ledgerOn().runOnce(CLAIM, second.run)).toEqual({ kind: 'in_progress' });
    expect(second.made.times).toBe(0);
    resolve(DONE);
    expect(await first).toEqual(DONE);
  });

  it('is taken by one only, of many at the same moment', async () => {
    const { made, run } = attempt(DONE);
    const results = await Promise.all(
      Array.from({ length: 10 }, () => ledgerOn().runOnce(CLAIM, run)),
    );
    expect(made.times).toBe(1);
    expect(results.filter(({ kind }) => kind === 'delivered')).toHaveLength(1);
  });

  it('that a crash left behind ends with the time of the crashed invocation', async () => {
    const { runOnce } = ledgerOn();
    await crashedUnder(runOnce, CLAIM.key);
    expect(await ledgerOn().runOnce(CLAIM, attempt(DONE).run)).toEqual(DONE);
  });

  it('is told apart by record and by destination', async () => {
    const { runOnce } = ledgerOn();
    for (const claim of [CLAIM, toDeliveryKey('whs_2', 'crm'), toDeliveryKey('whs_1', 'sms')]) {
      expect(await runOnce(claim, attempt(DONE).run)).toEqual(DONE);
    }
  });
});

describe('the table', () => {
  it.each([
    ['the id of a send-out', toDeliveryKey('whs_1', 'crm'), 15 * DAY_SECONDS],
    ['a hash', toDeliveryKey(`sha_${'0'.repeat(64)}`, 'crm'), 26 * 3_600],
    ['a key of the business', toBusinessKey('pub_n3', 'crm'), 15 * DAY_SECONDS],
  ])('keeps a delivery under %s for its time', async (_what, claim, seconds) => {
    await ledgerOn().runOnce(claim, attempt(DONE).run);
    const [item] = await aws.scan(table);
    const leftSeconds = Number(item?.['expiration']?.N) - Date.now() / 1_000;
    expect(Math.abs(leftSeconds - seconds)).toBeLessThan(60);
  });

  it('names record and destination for an operator, and nothing else', async () => {
    await ledgerOn().runOnce(CLAIM, attempt(DONE).run);
    const [item] = await aws.scan(table);
    expect(item?.['id']).toEqual({ S: 'delivery#crm#whs_1' });
    expect(Object.keys(item ?? {}).sort()).toEqual([
      'expiration',
      'id',
      'in_progress_expiration',
      'status',
    ]);
  });

  it('does not name a key of the business, which may be personal', async () => {
    await ledgerOn().runOnce(toBusinessKey('ida.quay@example.test', 'crm'), attempt(DONE).run);
    expect(JSON.stringify(await aws.scan(table))).not.toContain('ida');
  });
});

describe('a claim within a claim', () => {
  const both = (underClaim: RunOnce, recordId: string, run: () => Promise<DeliveryResult>) =>
    underClaim(toDeliveryKey(recordId, 'crm'), () =>
      underClaim(toBusinessKey('pub_n3', 'crm'), run),
    );

  it('tells a destination of one publication once, whichever record comes first', async () => {
    const { runOnce } = ledgerOn();
    const { made, run } = attempt(DONE);
    expect(await both(runOnce, 'whs_1', run)).toEqual(DONE);
    expect(await both(runOnce, 'whs_2', run)).toEqual({ kind: 'duplicate' });
    expect(await both(runOnce, 'whs_2', run)).toEqual({ kind: 'duplicate' });
    expect(made.times).toBe(1);
    const statuses = (await aws.scan(table)).map((item) => item['status']?.S);
    expect(statuses).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED']);
  });

  it('gives both back when the delivery failed, so that another record may tell', async () => {
    const { runOnce } = ledgerOn();
    expect(
      await both(runOnce, 'whs_1', attempt(retry('http_status', { status: 503 })).run),
    ).toMatchObject({
      kind: 'retry',
    });
    expect(await aws.scan(table)).toEqual([]);
    expect(await both(runOnce, 'whs_2', attempt(DONE).run)).toEqual(DONE);
    expect(await both(runOnce, 'whs_1', attempt(DONE).run)).toEqual({ kind: 'duplicate' });
  });
});

describe('a claim that is given back, carried out late by the table', () => {
  /** An attempt that failed, and the call by which its claim was given back. */
  async function givenBack(): Promise<DeleteItemCommandInput> {
    const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: aws.dynamoEndpoint });
    const calls: unknown[] = [];
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'DeleteItemCommand') calls.push(args.input);
          return next(args);
        },
      { step: 'initialize' },
    );
    await ledgerOn(client).runOnce(CLAIM, attempt(retry('http_status', { status: 503 })).run);
    expect(calls).toHaveLength(1);
    return calls[0] as DeleteItemCommandInput;
  }

  it('does not take away what another invocation has delivered meanwhile', async () => {
    const late = await givenBack();
    expect(await ledgerOn().runOnce(CLAIM, attempt(DONE).run)).toEqual(DONE);
    await expect(aws.dynamo.send(new DeleteItemCommand(late))).rejects.toThrow('conditional');
    expect(await ledgerOn().runOnce(CLAIM, attempt(DONE).run)).toEqual({ kind: 'duplicate' });
  });

  it('does not take away what another invocation is delivering', async () => {
    const late = await givenBack();
    const { made, run } = attempt(DONE);
    await ledgerOn().runOnce(CLAIM, async () => {
      await expect(aws.dynamo.send(new DeleteItemCommand(late))).rejects.toThrow('conditional');
      expect(await ledgerOn().runOnce(CLAIM, run)).toEqual({ kind: 'in_progress' });
      return DONE;
    });
    expect(made.times).toBe(0);
  });

  it('may be asked for twice, when the answer to the first was lost', async () => {
    const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: aws.dynamoEndpoint });
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const answer = await next(args);
          return commandName === 'DeleteItemCommand' ? next(args) : answer;
        },
      { step: 'serialize' },
    );
    const { runOnce, journal } = ledgerOn(client);
    expect(await runOnce(CLAIM, attempt(retry('http_status', { status: 503 })).run)).toMatchObject({
      kind: 'retry',
    });
    expect([await aws.scan(table), journal.errors]).toEqual([[], []]);
  });
});

describe('when the ledger fails', () => {
  /** A client of the ledger whose calls from the n-th on fail, and succeed before. */
  function failingFrom(n: number): DynamoDBClient {
    const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: aws.dynamoEndpoint });
    let calls = 0;
    client.middlewareStack.add((next) => async (args) => {
      calls += 1;
      if (calls <= n) return next(args);
      throw Object.assign(new Error('throttled'), { name: 'ThrottlingException' });
    });
    return client;
  }

  it('before the delivery, there is none: late is mended sooner than twice', async () => {
    const { runOnce } = ledgerOn(failingFrom(0));
    const { made, run } = attempt(DONE);
    expect(await runOnce(CLAIM, run)).toEqual({
      kind: 'idempotency_unavailable',
      cause: 'ThrottlingException',
    });
    expect(made.times).toBe(0);
  });

  it.each<DeliveryResult>([
    DONE,
    retry('http_status', { status: 503 }),
    rejected('http_status', { status: 404 }),
  ])('after the attempt, its outcome stands, and is told: $kind', async (result) => {
    const { runOnce, journal } = ledgerOn(failingFrom(1));
    expect(await runOnce(CLAIM, attempt(result).run)).toEqual(result);
    expect(journal.errors).toEqual([
      {
        code: 'idempotency_write_failed',
        id: CLAIM.key,
        outcome: result.kind,
        cause: 'ThrottlingException',
      },
    ]);
  });
});
