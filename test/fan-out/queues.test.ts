import type { SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeadLetter } from '../../lib/fan-out/queue-messages.ts';
import {
  createDeliverySender,
  createFanOutQueues,
  type OutgoingDelivery,
} from '../../lib/fan-out/queues.ts';
import { aRecord } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import { aDelivery } from '../support/fan-out.ts';

const MAX_BATCH_BYTES = 1_048_576;
const PREFIX = 'https://sqs.eu-west-1.amazonaws.com/000000000000/voucher-relay-test-to-';

let aws: Aws;
let queueCount = 0;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());

/** The queues of fanOut with a new queue of the destination crm and new dead letters. */
async function startQueues(client: SQSClient = aws.sqs) {
  queueCount += 1;
  const name = `relay-${queueCount}-to-`;
  const crmUrl = await aws.createQueue(`${name}crm`);
  const recordsUrl = await aws.createQueue(`records-${queueCount}`);
  const deadLettersUrl = await aws.createQueue(`dead-letters-${queueCount}`);
  const settings = {
    RECORDS_QUEUE_URL: recordsUrl,
    DESTINATION_QUEUES_URL: crmUrl.slice(0, -'crm'.length),
    DEAD_LETTERS_QUEUE_URL: deadLettersUrl,
  };
  return {
    ...createFanOutQueues(client, settings),
    settings,
    crmUrl,
    readBodies: async () => (await aws.drain(crmUrl)).map(({ Body = '' }) => Body),
    readDeadLetters: async () => aws.drain(deadLettersUrl),
  };
}

const isSend = (input: object): input is SendMessageBatchCommandInput => 'Entries' in input;

/** A client whose batch requests are recorded, and changed by `around`. */
function createClient(
  around: (
    input: SendMessageBatchCommandInput,
    send: () => Promise<unknown>,
  ) => Promise<unknown> = async (_input, send) => send(),
) {
  const requests: SendMessageBatchCommandInput[] = [];
  const client = new SQSClient({
    ...LOCAL_CLIENT,
    endpoint: aws.sqsEndpoint,
    maxAttempts: 1,
  });
  client.middlewareStack.add((next) => async (args) => {
    if (!isSend(args.input)) return next(args);
    requests.push(args.input);
    return (await around(args.input, () => next(args))) as Awaited<ReturnType<typeof next>>;
  });
  return { client, requests };
}

const messages = (bodies: readonly string[]): OutgoingDelivery[] =>
  bodies.map((body) => ({ body, groupId: 'group' }));
const bodies = (count: number, size = 5) =>
  Array.from({ length: count }, (_, n) => String(n).padStart(size, '0'));
const STORED = { kind: 'stored' };

describe('deliveries', () => {
  it('are put on the queue of their destination, at most ten in a request', async () => {
    const { client, requests } = createClient();
    const { sendDeliveries, readBodies } = await startQueues(client);
    const sent = bodies(25);
    expect(await sendDeliveries('crm', messages(sent))).toEqual(sent.map(() => STORED));
    expect(requests.map(({ Entries }) => Entries?.length)).toEqual([10, 10, 5]);
    expect((await readBodies()).toSorted()).toEqual(sent);
  });

  it('need no request when there are none', async () => {
    const { client, requests } = createClient();
    const { sendDeliveries } = await startQueues(client);
    expect(await sendDeliveries('crm', [])).toEqual([]);
    expect(requests).toEqual([]);
  });

  it('carry their group, by which SQS shares the queue out fairly', async () => {
    const { client, requests } = createClient();
    const { sendDeliveries } = await startQueues(client);
    await sendDeliveries('crm', [
      { body: 'a', groupId: 'distr_w4' },
      { body: 'b', groupId: 'voucherify.voucher.published' },
    ]);
    expect(requests[0]?.Entries?.map(({ MessageGroupId }) => MessageGroupId)).toEqual([
      'distr_w4',
      'voucherify.voucher.published',
    ]);
  });

  it('are at most 1 MiB in a request, counted in bytes, and none is left out', async () => {
    const anySizes = fc.array(fc.integer({ min: 1, max: 300_000 }), {
      minLength: 1,
      maxLength: 30,
    });
    const { client, requests } = createClient(async ({ Entries = [] }) => ({
      output: { Successful: Entries.map(({ Id }) => ({ Id })) },
      response: {},
    }));
    const { sendDeliveries } = await startQueues(client);
    await fc.assert(
      fc.asyncProperty(anySizes, async (sizes) => {
        requests.splice(0);
        // three bytes each in UTF-8
        const sent = messages(sizes.map((size) => '漢'.repeat(size)));
        expect(await sendDeliveries('crm', sent)).toEqual(sent.map(() => STORED));
        const batches = requests.map(({ Entries = [] }) =>
          Entries.map(({ MessageBody = '' }) => MessageBody),
        );
        expect(batches.flat()).toEqual(sent.map(({ body }) => body));
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(10);
          expect(Buffer.byteLength(batch.join(''))).toBeLessThanOrEqual(MAX_BATCH_BYTES);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('that SQS refuses in a batch are sent again alone, and the others are not', async () => {
    const { client, requests } = createClient(async ({ Entries = [] }, send) => {
      if (Entries.length === 1) return send();
      const refused = Entries.filter(({ MessageBody }) => MessageBody === 'b');
      return {
        output: {
          Successful: Entries.filter(({ MessageBody }) => MessageBody !== 'b'),
          Failed: refused.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })),
        },
        response: {},
      };
    });
    const { sendDeliveries, readBodies } = await startQueues(client);
    expect(await sendDeliveries('crm', messages(['a', 'b', 'c']))).toEqual([
      STORED,
      STORED,
      STORED,
    ]);
    expect(requests.map(({ Entries = [] }) => Entries.length)).toEqual([3, 1]);
    expect(await readBodies()).toEqual(['b']);
  });

  it('that SQS refuses alone too have failed with its code, each by itself', async () => {
    const { client } = createClient(async ({ Entries = [] }) => ({
      output: {
        Successful: Entries.filter(({ MessageBody }) => MessageBody !== 'b'),
        Failed: Entries.filter(({ MessageBody }) => MessageBody === 'b').map(({ Id }) => ({
          Id,
          Code: 'InvalidMessageContents',
        })),
      },
      response: {},
    }));
    const { sendDeliveries } = await startQueues(client);
    expect(await sendDeliveries('crm', messages(['a', 'b', 'c']))).toEqual([
      STORED,
      { kind: 'failed', cause: 'InvalidMessageContents' },
      STORED,
    ]);
  });

  it('of which a response says nothing have failed', async () => {
    const { client } = createClient(async () => ({ output: {}, response: {} }));
    const { sendDeliveries } = await startQueues(client);
    expect(await sendDeliveries('crm', messages(['a']))).toEqual([
      { kind: 'failed', cause: 'NoResult' },
    ]);
  });

  it('fail, and reject nothing, when the request fails', async () => {
    const { client } = createClient(async () => {
      throw Object.assign(new Error('HARBOUR-K7Q2'), { name: 'ThrottlingException' });
    });
    const { sendDeliveries } = await startQueues(client);
    const failed = { kind: 'failed', cause: 'ThrottlingException' };
    expect(await sendDeliveries('crm', messages(['a', 'b']))).toEqual([failed, failed]);
  });

  it('have no queue when it does not exist', async () => {
    const { client, requests } = createClient();
    const { sendDeliveries } = await startQueues(client);
    const results = await sendDeliveries('nowhere', messages(['a', 'b']));
    expect(results.map(({ kind }) => kind)).toEqual(['no_queue', 'no_queue']);
    // no repetition brings it into being
    expect(requests).toHaveLength(1);
  });

  it.each([
    'QueueDoesNotExist',
    'AWS.SimpleQueueService.NonExistentQueue',
    'AccessDenied',
    'AccessDeniedException',
    'KmsAccessDenied',
  ])('have no queue when SQS responds with %s', async (name) => {
    const { client } = createClient(async () => {
      throw Object.assign(new Error('not allowed'), { name });
    });
    const { sendDeliveries } = await startQueues(client);
    expect(await sendDeliveries('crm', messages(['a']))).toEqual([
      { kind: 'no_queue', cause: name },
    ]);
  });

  it('have room around the largest record that receive accepts', async () => {
    const { settings, readBodies } = await startQueues();
    const empty = JSON.stringify(aRecord({ data: { distributionLabel: '' } })).length;
    const distributionLabel = 'x'.repeat(MAX_BATCH_BYTES - 16_384 - empty);
    const record = aRecord({ data: { distributionLabel } });
    await createDeliverySender(aws.sqs, settings)(aDelivery(record, 'crm'));
    expect(await readBodies()).toHaveLength(1);
  });

  it('are put on their queue one by one by a replay, which rejects when there is none', async () => {
    const { settings, readBodies } = await startQueues();
    const send = createDeliverySender(aws.sqs, settings);
    const message = aDelivery(aRecord(), 'crm');
    await send(message);
    expect((await readBodies()).map((body) => JSON.parse(body) as unknown)).toEqual([message]);
    await expect(send({ ...message, destination: 'nowhere' })).rejects.toThrow(/queue/);
  });
});

describe('a message that stays', () => {
  const receive = async (url: string, count: number) => {
    const received = await aws.receive(url, count);
    return received.map(({ ReceiptHandle = '' }) => ReceiptHandle);
  };

  it('is hidden for its seconds, however many there are', async () => {
    const { sendDeliveries, hide, readBodies, crmUrl } = await startQueues();
    await sendDeliveries('crm', messages(bodies(25)));
    const handles = [
      ...(await receive(crmUrl, 10)),
      ...(await receive(crmUrl, 10)),
      ...(await receive(crmUrl, 10)),
    ];
    expect(handles).toHaveLength(25);
    const shown = 3;
    await hide(
      'crm',
      handles.map((receiptHandle, n) => ({ receiptHandle, seconds: n < shown ? 0 : 900 })),
    );
    expect(await readBodies()).toHaveLength(shown);
  });

  it('rejects when its queue cannot be reached', async () => {
    const { hide } = await startQueues();
    const message = { receiptHandle: 'handle', seconds: 5 };
    await expect(hide('nowhere', [message])).rejects.toThrow(/queue/);
  });
});

describe('a dead letter', () => {
  const deadLetter: DeadLetter = {
    reason: 'invalid_message',
    issues: ['is not JSON'],
    body: '{"key \uFFFE": ',
    lastAt: '2026-03-05T09:15:05.000Z',
  };

  it('is put on its queue, whatever characters it has', async () => {
    const { sendDeadLetter, readDeadLetters } = await startQueues();
    await sendDeadLetter(deadLetter);
    const stored = await readDeadLetters();
    expect(stored.map(({ Body }) => JSON.parse(Body ?? '') as unknown)).toEqual([deadLetter]);
  });

  it('rejects when its queue does not accept it', async () => {
    const { settings } = await startQueues();
    const { sendDeadLetter } = createFanOutQueues(aws.sqs, {
      ...settings,
      DEAD_LETTERS_QUEUE_URL: `${settings.DEAD_LETTERS_QUEUE_URL}-nowhere`,
    });
    await expect(sendDeadLetter(deadLetter)).rejects.toThrow(/queue/);
  });
});

describe('the ARN of a queue', () => {
  const { toDestinationId } = createFanOutQueues(new SQSClient(LOCAL_CLIENT), {
    RECORDS_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/000000000000/records',
    DESTINATION_QUEUES_URL: PREFIX,
    DEAD_LETTERS_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/000000000000/dead-letters',
  });

  it.each([
    ['voucher-relay-test-to-crm', 'crm'],
    ['voucher-relay-test-to-to-crm', 'to-crm'],
    ['voucher-relay-test-records', null],
    ['another-voucher-relay-test-to-crm', null],
  ])('that ends with %s is that of the destination %s', (name, expected) => {
    expect(toDestinationId(`arn:aws:sqs:eu-west-1:000000000000:${name}`)).toBe(expected);
  });
});
