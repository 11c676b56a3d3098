import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Destination } from '../../lib/destinations/destination.ts';
import { http } from '../../lib/destinations/http.ts';
import { createFanOut } from '../../lib/fan-out/fan-out.ts';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import { createFanOutQueues } from '../../lib/fan-out/queues.ts';
import { createRelease } from '../../lib/operator/release.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import {
  respondWith,
  type Behaviour,
  type HttpReceiver,
  startReceiver,
} from '../support/http-receiver.ts';
import { openIndex } from '../support/delivery-index.ts';
import { aBatchOf, aContext } from '../support/lambda.ts';
import { recordingTelemetry } from '../support/recording-telemetry.ts';

const RECORD = aRecord({ data: { voucher: aVoucher({ expiresAt: null }) } });
const PAST = '2026-01-01T00:00:00.000Z';

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

/** What a call of the AWS SDK is for. */
function nameCall(commandName: string, input: object): string {
  switch (commandName) {
    case 'SendMessageBatchCommand':
      return 'route';
    case 'SendMessageCommand':
      return 'send dead letter';
    case 'ChangeMessageVisibilityBatchCommand':
      return 'hide';
    case 'BatchWriteItemCommand':
      return 'index';
    case 'GetItemCommand':
      return 'read';
    default:
      return JSON.stringify(input).includes('":inProgress"') ? 'take' : 'finish';
  }
}

/** Everything that outlives a crash: the queues, the deliveries table, the receiver. */
async function startCrashableFanOut(
  receiver: HttpReceiver,
  options: { readonly deduplicateBy?: () => string } = {},
) {
  worldCount += 1;
  const table = `deliveries-${worldCount}`;
  await aws.createTable(table);
  const queueUrl = await aws.createQueue(`relay-${worldCount}-to-crm`, {
    VisibilityTimeout: '360',
  });
  const recordsUrl = await aws.createQueue(`records-${worldCount}`);
  const deadLettersUrl = await aws.createQueue(`dead-letters-${worldCount}`);
  const queueArn = `arn:aws:sqs:eu-west-1:000000000000:relay-${worldCount}-to-crm`;

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
      (next, { commandName }) =>
        (args) =>
          track(nameCall(commandName ?? '', args.input), () => next(args)),
    );
    const sqs = new SQSClient({ ...LOCAL_CLIENT, endpoint: aws.sqsEndpoint });
    sqs.middlewareStack.add(
      (next, { commandName }) =>
        (args) =>
          track(nameCall(commandName ?? '', args.input), () => next(args)),
    );
    const crm = http({ name: 'crm', url: receiver.url, ...options }).create({
      environment: {},
      sqs,
    });
    if (crm === null) throw new Error('crm does not exist');
    const trackedDestination: Destination = {
      ...crm,
      deliver: (record, context) => track('deliver', () => crm.deliver(record, context)),
    };
    const handler = createFanOut({
      destinations: [trackedDestination],
      deliveries: createDeliveriesTable({
        client: dynamo,
        tableName: table,
        historyDays: 90,
        now: () => new Date(),
        random: () => 0.5,
        wait,
      }),
      index: openIndex(dynamo, table),
      queues: createFanOutQueues(sqs, {
        RECORDS_QUEUE_URL: recordsUrl,
        DESTINATION_QUEUES_URL: queueUrl.slice(0, -'crm'.length),
        DEAD_LETTERS_QUEUE_URL: deadLettersUrl,
      }),
      schedule: { delaysSeconds: [0, 0], maxAgeSeconds: 3_600, circuitOpenSeconds: 30 },
      telemetry: recordingTelemetry(),
      now: () => new Date(),
      random: () => 0.5,
      wait: (ms, signal) => wait(ms, undefined, { signal }),
    });

    /** Routes the record; returns whether its message was acknowledged. */
    const route = async (): Promise<boolean> => {
      const handled = handler(aBatchOf({}, RECORD), aContext());
      const result = await Promise.race([crashed, handled]);
      return result !== 'crashed' && result.batchItemFailures.length === 0;
    };
    /** Delivers what is on the queue, and deletes what is acknowledged, as the event source mapping does. */
    const deliver = async (): Promise<void> => {
      const messages = await aws.receive(queueUrl);
      const event = aBatchOf(
        { queueArn, sentAt: new Date() },
        ...messages.map(({ Body }) => Body ?? ''),
      );
      for (const [index, { ReceiptHandle = '' }] of messages.entries()) {
        const message = event.Records[index];
        if (message !== undefined) message.receiptHandle = ReceiptHandle;
      }
      const result = await Promise.race([crashed, handler(event, aContext())]);
      const staying = new Set(
        result === 'crashed' ? [] : result.batchItemFailures.map((each) => each.itemIdentifier),
      );
      for (const [index, { ReceiptHandle }] of messages.entries()) {
        const isDone = result !== 'crashed' && !staying.has(`m${index}`);
        if (isDone) {
          await aws.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
          continue;
        }
        // time passes until SQS shows it again; one that is shown already is an entry in Failed
        const shown = { Id: 'shown', ReceiptHandle, VisibilityTimeout: 0 };
        await aws.sqs.send(
          new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries: [shown] }),
        );
      }
    };
    return { route, deliver, calls };
  };

  /** Ends every hold and every wait of a row, as time does. */
  const passTime = async (): Promise<void> => {
    for (const { id, destination, state } of await aws.scan(table)) {
      if (id === undefined || destination === undefined) continue;
      const name = { in_progress: 'heldUntil', waiting: 'nextAt' }[state?.S ?? ''];
      if (name === undefined) continue;
      await aws.dynamo.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { id, destination },
          UpdateExpression: `SET ${name} = :past`,
          ExpressionAttributeValues: { ':past': { S: PAST } },
        }),
      );
    }
  };

  const countMessages = async (): Promise<number> => {
    const { Attributes = {} } = await aws.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
    );
    return (
      Number(Attributes['ApproximateNumberOfMessages']) +
      Number(Attributes['ApproximateNumberOfMessagesNotVisible'])
    );
  };

  return {
    environment,
    /** Delivers, each time in a new environment, until the queue is empty. */
    drain: async (): Promise<void> => {
      for (let n = 0; (await countMessages()) > 0; n += 1) {
        if (n > 10) throw new Error('The queue does not become empty');
        await passTime();
        await environment(null).deliver();
      }
    },
    readRows: () => aws.scan(table),
    /** Releases the delivery of the record, as an operator does. */
    release: () =>
      createRelease({ client: aws.dynamo, tableName: table, now: () => new Date() }).release(
        [RECORD.id],
        'crm',
      ),
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
  readonly state: 'delivered' | 'dead';
  readonly twoDeadLettersAfter: readonly string[];
}[] = [
  {
    receiver: 'takes the record',
    behaviour: respondWith(204),
    calls: ['route', 'index', 'take', 'deliver', 'finish'],
    requests: 1,
    duplicateAfter: ['after deliver', 'before finish'],
    state: 'delivered',
    twoDeadLettersAfter: [],
  },
  {
    receiver: 'is busy at first',
    behaviour: (request, response, n) => respondWith(n === 0 ? 503 : 204)(request, response, n),
    calls: ['route', 'index', 'take', 'deliver', 'finish', 'hide'],
    requests: 2,
    duplicateAfter: [],
    state: 'delivered',
    twoDeadLettersAfter: [],
  },
  {
    receiver: 'rejects the record',
    behaviour: respondWith(422),
    calls: ['route', 'index', 'take', 'deliver', 'send dead letter', 'finish'],
    requests: 1,
    duplicateAfter: [
      'after deliver',
      'before send dead letter',
      'after send dead letter',
      'before finish',
    ],
    state: 'dead',
    twoDeadLettersAfter: ['after send dead letter', 'before finish'],
  },
];

describe.each(SCENARIOS)('a record whose receiver $receiver', (scenario) => {
  it('takes these calls', async () => {
    const receiver = await startReceiver(scenario.behaviour);
    const { environment } = await startCrashableFanOut(receiver);
    const { route, deliver, calls } = environment(null);
    expect(await route()).toBe(true);
    await deliver();
    expect(calls).toEqual(scenario.calls);
    await receiver.stop();
  });

  it.each(crashPoints(scenario.calls))(
    'is not lost when the function crashes $when $name',
    async (crash) => {
      const receiver = await startReceiver(scenario.behaviour);
      const { environment, drain, readRows, deadLetters } = await startCrashableFanOut(receiver);

      const crashing = environment(crash);
      const isRouted = await crashing.route();
      if (isRouted) await crashing.deliver();
      // a record that was not acknowledged is routed again
      expect(isRouted || (await environment(null).route())).toBe(true);
      await drain();

      const point = `${crash.when} ${crash.name}`;
      const duplicates = scenario.duplicateAfter.includes(point) ? 1 : 0;
      const ids = receiver.received.map(({ body }) => (JSON.parse(body) as { id: unknown }).id);
      expect(ids).toEqual(Array.from({ length: scenario.requests + duplicates }, () => RECORD.id));
      const rows = await readRows();
      const indexRows = rows.filter(({ rowId }) => rowId !== undefined);
      expect(rows.filter((row) => !indexRows.includes(row))).toMatchObject([
        { id: { S: RECORD.id }, state: { S: scenario.state } },
      ]);
      // by the e-mail, the source id and the code
      expect(indexRows.map(({ rowId, routedTo }) => [rowId?.S, routedTo?.S])).toEqual(
        Array.from({ length: 3 }, () => [RECORD.id, 'crm']),
      );
      // a dead letter may be there twice, which is better than a lost one
      const letters = scenario.twoDeadLettersAfter.includes(point) ? 2 : 1;
      expect(await deadLetters()).toHaveLength(scenario.state === 'dead' ? letters : 0);
      await receiver.stop();
    },
  );
});

describe.each([
  ['without a business key', {}],
  ['with a business key, whose row stays delivered', { deduplicateBy: () => 'pub_n3' }],
])('a record that was delivered, is released and is resent, %s,', (_case, options) => {
  const RESENT_CALLS = ['route', 'index', 'take', 'deliver', 'finish'];

  /** Delivers the record, and releases it. */
  const startReleased = async () => {
    const receiver = await startReceiver(respondWith(204));
    const fanOut = await startCrashableFanOut(receiver, options);
    await fanOut.environment(null).route();
    await fanOut.drain();
    expect(await fanOut.release()).toMatchObject([{ status: 'released' }]);
    return { receiver, ...fanOut };
  };

  it('takes these calls, and is delivered once more', async () => {
    const { receiver, environment, drain } = await startReleased();
    const { route, deliver, calls } = environment(null);
    await route();
    await deliver();
    expect(calls).toEqual(RESENT_CALLS);
    await environment(null).route();
    await drain();
    expect(receiver.received).toHaveLength(2);
    await receiver.stop();
  });

  it.each(crashPoints(RESENT_CALLS))(
    'is neither lost nor delivered twice when the function crashes $when $name',
    async (crash) => {
      const { receiver, environment, drain, readRows } = await startReleased();
      const crashing = environment(crash);
      const isRouted = await crashing.route();
      if (isRouted) await crashing.deliver();
      expect(isRouted || (await environment(null).route())).toBe(true);
      await drain();

      // the request was sent, and nothing says so
      const isUnknown = ['after deliver', 'before finish'].includes(`${crash.when} ${crash.name}`);
      expect(receiver.received).toHaveLength(isUnknown ? 3 : 2);
      await environment(null).route();
      await drain();
      expect(receiver.received).toHaveLength(isUnknown ? 3 : 2);
      const rows = (await readRows()).filter(({ rowId }) => rowId === undefined);
      expect(new Set(rows.map(({ state }) => state?.S))).toEqual(new Set(['delivered']));
      expect(rows.filter(({ releasedAt }) => releasedAt !== undefined)).toEqual([]);
      await receiver.stop();
    },
  );
});
