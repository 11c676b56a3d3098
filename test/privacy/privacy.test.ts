import type { ServerResponse } from 'node:http';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createErase } from '../../lib/operator/erase.ts';
import { type Aws, startAws } from '../support/aws.ts';
import { indexKeys } from '../support/delivery-index.ts';
import {
  respondWith,
  type Behaviour,
  type HttpReceiver,
  type Received,
  startReceiver,
} from '../support/http-receiver.ts';
import { aBatchOf, type BatchOptions } from '../support/lambda.ts';
import { codeData, customer, fromDistribution, type Json, voucher } from '../support/payloads.ts';
import {
  benefitResult,
  card,
  digitalResult,
  fromWorkflow,
  inTrigger,
  member,
  program,
  transaction,
} from '../support/workflow-payloads.ts';
import { readBody, LOCAL_SECRET, sample, sampleNames, withBody } from '../support/samples.ts';
import { findFragments, splitIntoFragments, collectSensitiveTexts } from './sensitive-values.ts';
import { runFunction } from './run-function.ts';

const DESTINATION_SECRET = 'whsec_cHJpdmFjeS10ZXN0LXNlY3JldC1vZi1vdXJz';
const INDEX_KEY = 'privacy-test-index-key-0123456789';
const SECRETS = [
  INDEX_KEY,
  LOCAL_SECRET,
  DESTINATION_SECRET,
  DESTINATION_SECRET.slice('whsec_'.length),
];
/** What a person is erased by. */
const PersonSchema = v.object({
  data: v.object({
    customer: v.nullable(v.object({ email: v.nullable(v.string()) })),
    voucher: v.nullable(v.object({ code: v.nullable(v.string()) })),
  }),
});
const UNREACHABLE_URL = 'http://127.0.0.1:9';

const PERSONAL_CUSTOMER = customer({
  phone: '+351910000000',
  address: { line_1: '7 Tidewater Steps', postal_code: '4050-613', city: 'Matosinhos' },
  birthdate: '1988-11-02',
  description: 'asked for a call back',
  metadata: { passport: 'CA1234567' },
});

/** Creates webhooks with personal data in every field, whole, cut off and with invalid values. */
function createPersonalWebhooks(): APIGatewayProxyEventV2[] {
  const event = sample('code-percent-discount');
  const createBody = (changes: object = {}) =>
    fromDistribution(
      'manual_distribution_schedule',
      codeData({
        customer: PERSONAL_CUSTOMER,
        voucher: voucher({ code: 'QUAY-PRIVATE-1' }),
        ...changes,
      }),
    );
  const completeBody = JSON.stringify(createBody());
  const bodies = [
    completeBody,
    ...[1, 2, 3, 4, 5, 6, 7].map((eighths) =>
      completeBody.slice(0, (completeBody.length * eighths) / 8),
    ),
    JSON.stringify(createBody({ voucher: 'QUAY-PRIVATE-1' })),
    JSON.stringify(createBody({ voucher: voucher({ code: ['QUAY-PRIVATE-1'] }) })),
    JSON.stringify(
      createBody({ voucher: voucher({ code: null, expiration_date: 'QUAY-PRIVATE-1' }) }),
    ),
    JSON.stringify(
      createBody({ voucher: voucher({ type: 'QUAY-PRIVATE-1', gift: 'QUAY-PRIVATE-1' }) }),
    ),
    JSON.stringify(createBody({ customer: [PERSONAL_CUSTOMER], publication: PERSONAL_CUSTOMER })),
    JSON.stringify(createBody({ customer: 'Mara Lind <mara.lind@shop.example>' })),
    JSON.stringify({ id: 'whs_1', data: { 'mara.lind@shop.example': PERSONAL_CUSTOMER } }),
    JSON.stringify('Mara Lind <mara.lind@shop.example>'),
    `Mara Lind <mara.lind@shop.example>, your code: QUAY-PRIVATE-1`,
  ];
  return bodies.map((body) => withBody(event, body));
}

/** Webhooks of workflows with a code wherever one can be, also where its field cannot be read. */
function createLoyaltyWebhooks(): APIGatewayProxyEventV2[] {
  const code = 'QUAY-PRIVATE-1';
  const person = member({ metadata: { passport: 'CA1234567', nick: 'mara.lind@shop.example' } });
  const contents: readonly (readonly [string, Json])[] = [
    ['PURCHASE', transaction('PURCHASE', digitalResult({ code }))],
    ['PURCHASE', transaction('PURCHASE', digitalResult({ code: [code] }))],
    ['PURCHASE', transaction('PURCHASE', digitalResult({ result: code, balance: code }))],
    ['PURCHASE', transaction('PURCHASE', { result: code, points: code, payment: code })],
    ['PURCHASE', transaction('PURCHASE', digitalResult(), { status: code, type: code })],
    ['REFUND', transaction('REFUND', digitalResult({ code, result: 'DELETED' }))],
    ['FULFILLMENT', transaction('FULFILLMENT', benefitResult({ code }))],
    ['FULFILLMENT', transaction('FULFILLMENT', { reason: code, metadata: { code } })],
    ['vl.card.assigned', { card: card({ code }), member: person, member_card: { card: { code } } }],
    ['vl.card.created', { card: code, program: code }],
    ['vl.member.updated', { member: person, program: program() }],
    ['vl.lamp.lit', { [code]: code, member: code, trigger: { [code]: [code] } }],
  ];
  const event = sample('workflow-reward-purchased');
  return contents.flatMap(([name, data], index) =>
    [data, inTrigger(name, data)].map((shape, shapeIndex) =>
      withBody(
        event,
        JSON.stringify(fromWorkflow(name, shape, { id: `whs_privacy${index}${shapeIndex}` })),
      ),
    ),
  );
}

const WEBHOOKS = [
  ...sampleNames().map((name) => sample(name)),
  ...createPersonalWebhooks(),
  ...createLoyaltyWebhooks(),
];
const SENSITIVE_TEXTS = new Set([
  ...WEBHOOKS.flatMap((event) => [...collectSensitiveTexts(event)]),
  'QUAY-PRIVATE-1',
  ...SECRETS,
]);
const FRAGMENTS = [...new Set(WEBHOOKS.flatMap((event) => splitIntoFragments(event)))].filter(
  // a log line has the event's name, in quotes as in the body
  (fragment) => !/manual_distribution_schedule|code_generation\.succeede/.test(fragment),
);

/** Finds sensitive texts, and pieces of a body, in an output. */
function findLeaks(output: string): string[] {
  const texts = [...SENSITIVE_TEXTS].filter((text) => output.includes(text));
  return [...texts, ...new Set(findFragments(output, FRAGMENTS))];
}

/** Ids that Voucherify makes, and a time; each may be unknown. */
const PUBLICATION = /^\{"S":"(?:pub_\w+|-) (?:[\dT:.Z-]+|-) (?:(?:distr|wh)_\w+|-)"\}$/;

/**
 * The rows as text, without the time at which a code expires, and without the ids and the time of a publication:
 * they are of the webhook, say nothing of a person, and are kept on purpose (docs/privacy.md).
 */
function toText(rows: readonly object[]): string {
  return JSON.stringify(rows, (name, value: unknown) => {
    const isKept =
      name === 'codeExpiresAt' ||
      (name === 'publication' && PUBLICATION.test(JSON.stringify(value)));
    return isKept ? undefined : value;
  });
}

describe('the leak search of these tests', () => {
  it.each([
    ['a code', '{"message":"x","code":"QUAY-PRIVATE-1"}'],
    ['an e-mail address', 'Error: no mailbox mara.lind@shop.example'],
    ['a telephone number', '{"to":"+351910000000"}'],
    ['a secret', `key ${LOCAL_SECRET}`],
    ['a piece of a body', '"amount_limit":4000,"effect":"APPLY_TO_ORDER"'],
    [
      'a piece of a body in a text',
      JSON.stringify('"amount_limit":4000,"effect":"APPLY_TO_ORDER"'),
    ],
  ])('finds %s', (_case, output) => {
    expect(findLeaks(output)).not.toEqual([]);
  });
});

let aws: Aws;
let receiver: HttpReceiver;
let respond: Behaviour = respondWith(204);
let queues: { [Name in 'records' | 'quarantine' | 'dead-letters']: string };
let records: string[] = [];

beforeAll(async () => {
  [aws, receiver] = await Promise.all([startAws(), startReceiver((...call) => respond(...call))]);
  queues = {
    records: await aws.createQueue('records'),
    quarantine: await aws.createQueue('quarantine'),
    'dead-letters': await aws.createQueue('dead-letters'),
  };
  for (const id of DESTINATIONS) await aws.createQueue(`relay-to-${id}`);
});
afterAll(async () => {
  await Promise.all([aws.stop(), receiver.stop()]);
});

/** The destinations of the fixture. */
const DESTINATIONS = ['consumers', 'http'];
const destinationQueuesUrl = () => `${aws.sqsEndpoint}/000000000000/relay-to-`;

/** Keeps one record for each id: of two in one batch the second has to wait for the first. */
function uniqueById(bodies: readonly string[]): string[] {
  const byId = bodies.map((body) => [(JSON.parse(body) as { id: string }).id, body] as const);
  return [...new Map(byId).values()];
}

const receiveEnv = () => ({
  AWS_ENDPOINT_URL_SQS: aws.sqsEndpoint,
  AWS_ENDPOINT_URL: UNREACHABLE_URL,
  // the samples have a fixed time
  MAX_WEBHOOK_AGE_DAYS: 'off',
  RECORDS_QUEUE_URL: queues.records,
  QUARANTINE_QUEUE_URL: queues.quarantine,
  WEBHOOK_SECRET: LOCAL_SECRET,
  SENDER_REGION: 'eu1',
});

describe('receive writes nothing of the content of a webhook', () => {
  it('when everything works', async () => {
    const { output, results } = await runFunction('receive', receiveEnv(), WEBHOOKS);
    records = uniqueById((await aws.drain(queues.records)).map(({ Body = '' }) => Body));

    expect(results).toHaveLength(WEBHOOKS.length);
    expect(output.match(/"message":"webhook"/g)).toHaveLength(WEBHOOKS.length);
    expect(output).toContain('"WebhookQuarantined"');
    expect(findLeaks(output)).toEqual([]);
    expect(findLeaks(JSON.stringify(results))).toEqual([]);
    expect(records.join()).toContain('QUAY-PRIVATE-1');
  });

  it.each([
    ['the queues do not exist', (url: string) => `${url}-gone`, {}],
    ['the queues cannot be reached', () => `${UNREACHABLE_URL}/000000000000/records`, {}],
    ['it has another secret', (url: string) => url, { WEBHOOK_SECRET: 'another-secret' }],
    [
      'its secret cannot be read',
      (url: string) => url,
      { WEBHOOK_SECRET: '', WEBHOOK_SECRET_NAME: 'relay/webhook' },
    ],
    ['it has no secret', (url: string) => url, { WEBHOOK_SECRET: '' }],
    ['it enforces the sender IP check', (url: string) => url, { SENDER_IP_CHECK: 'enforce' }],
  ])('when %s', async (_case, queueUrl, changes) => {
    const env = {
      ...receiveEnv(),
      RECORDS_QUEUE_URL: queueUrl(queues.records),
      QUARANTINE_QUEUE_URL: queueUrl(queues.quarantine),
      ...changes,
    };
    const webhooks = [
      sample('code-gift-card'),
      sample('forged-signature'),
      ...createPersonalWebhooks(),
    ];
    const { output, results } = await runFunction('receive', env, webhooks.slice(0, 5));

    expect(output.match(/"level":"(WARN|ERROR)"/g)?.length).toBeGreaterThanOrEqual(5);
    expect(findLeaks(output)).toEqual([]);
    expect(findLeaks(JSON.stringify(results))).toEqual([]);
  });
});

const echoRequest =
  (status: number, headers: { [name: string]: string } = {}): Behaviour =>
  ({ body }, response) =>
    void response.writeHead(status, { ...headers, 'x-echo': 'QUAY-PRIVATE-1' }).end(body);

const abortResponse: Behaviour = ({ body }, response) => {
  response.writeHead(200, { 'content-length': String(body.length * 2) });
  response.write(body, () => response.destroy());
};

const respondWithoutHttp: Behaviour = ({ body }: Received, response: ServerResponse) => {
  response.socket?.end(`QUAY-PRIVATE-1 ${body}\r\n\r\n`);
};

let tableCount = 0;
const fanOutEnv = async () => {
  tableCount += 1;
  const tableName = `deliveries-${tableCount}`;
  await aws.createTable(tableName);
  return {
    AWS_ENDPOINT_URL_SQS: aws.sqsEndpoint,
    AWS_ENDPOINT_URL_DYNAMODB: aws.dynamoEndpoint,
    RECORDS_QUEUE_URL: queues.records,
    DESTINATION_QUEUES_URL: destinationQueuesUrl(),
    DEAD_LETTERS_QUEUE_URL: queues['dead-letters'],
    DELIVERIES_TABLE: tableName,
    INDEX_SECRET: `inline:${INDEX_KEY}`,
    CONSUMERS_QUEUE_URL: await aws.createQueue(`consumers-${tableCount}`),
    HTTP_URL: `${receiver.url}?key=QUAY-PRIVATE-1`,
    HTTP_SIGNING_SECRETS: `inline:${DESTINATION_SECRET}`,
  };
};

/** Splits messages of a queue, of [records] by default, into batches of ten, as SQS delivers them. */
function toBatches(bodies: readonly string[], options: BatchOptions = {}): object[] {
  return Array.from({ length: Math.ceil(bodies.length / 10) }, (_, n) =>
    aBatchOf({ sentAt: new Date(), ...options }, ...bodies.slice(n * 10, n * 10 + 10)),
  );
}

/** The batches of records, and those of the queue of each destination that they are routed to. */
function toAllBatches(bodies: readonly string[]): object[] {
  const requestedAt = new Date().toISOString();
  const deliveries = DESTINATIONS.flatMap((destination) => {
    const queueArn = `arn:aws:sqs:eu-west-1:000000000000:relay-to-${destination}`;
    const messages = bodies.map(
      (record) =>
        `{"record":${record},"destination":"${destination}","requestedAt":"${requestedAt}"}`,
    );
    return toBatches(messages, { queueArn });
  });
  return [...toBatches(bodies), ...deliveries];
}

describe('fanOut writes nothing of the content of a record', () => {
  it.each<[string, Behaviour]>([
    ['accepts it', respondWith(204)],
    ['rejects it and echoes it', echoRequest(422)],
    ['fails and echoes it', echoRequest(503, { 'retry-after': 'QUAY-PRIVATE-1' })],
    ['rejects the credentials', echoRequest(401, { 'www-authenticate': 'QUAY-PRIVATE-1' })],
    ['is gone', echoRequest(410)],
    ['has moved', echoRequest(307, { location: 'http://127.0.0.1:9/?code=QUAY-PRIVATE-1' })],
    ['closes the connection in its response', abortResponse],
    ['does not speak HTTP', respondWithoutHttp],
  ])(
    'when a destination %s',
    async (_case, behaviour) => {
      respond = behaviour;
      const env = await fanOutEnv();
      // twice, so that the second time is a duplicate
      const batches = [...toAllBatches(records), ...toAllBatches(records)];
      const { output, results } = await runFunction('fan-out', env, batches);

      expect(results).toHaveLength(batches.length);
      expect(JSON.stringify(results)).not.toContain('threw');
      expect(output).toContain('"message":"delivery"');
      expect(output).toContain('"DeliveryDuplicate"');
      expect(findLeaks(output)).toEqual([]);
      // the rows that the run wrote: of deliveries, and of the index over customers and codes
      const rows = await aws.scan(env.DELIVERIES_TABLE);
      expect(rows.some(({ state }) => state !== undefined)).toBe(true);
      expect(rows.some(({ id }) => id?.S?.startsWith('customer#'))).toBe(true);
      expect(rows.some(({ id }) => id?.S?.startsWith('code#'))).toBe(true);
      expect(findLeaks(toText(rows))).toEqual([]);
    },
    120_000,
  );

  it('nor does the erasure of its person, which leaves nothing to find', async () => {
    respond = respondWith(204);
    const env = await fanOutEnv();
    await runFunction('fan-out', env, toAllBatches(records.slice(0, 20)));
    const erase = createErase({
      client: aws.dynamo,
      tableName: env.DELIVERIES_TABLE,
      keys: indexKeys(INDEX_KEY),
      now: () => new Date(),
      historyDays: 90,
    });
    const people = records.slice(0, 20).map((text) => v.parse(PersonSchema, JSON.parse(text)).data);
    const customers = people.flatMap(({ customer: person }) => person?.email ?? []);
    const codes = people.flatMap(({ voucher: own }) => own?.code ?? []);
    expect(customers.length).toBeGreaterThan(0);
    const values = { customers: [...new Set(customers)], codes: [...new Set(codes)] };
    const options = { dryRun: false, keepIndex: false, destinations: [], continuation: null };
    const report = await erase({ command: 'erase', ...values, ...options });
    expect(report.rowIds.length).toBeGreaterThan(0);
    expect(findLeaks(JSON.stringify(report))).toEqual([]);
    const rows = await aws.scan(env.DELIVERIES_TABLE);
    expect(rows.filter(({ rowId }) => report.rowIds.includes(rowId?.S ?? ''))).toEqual([]);
    const states = rows.filter(({ id }) => report.rowIds.includes(id?.S ?? ''));
    expect(new Set(states.map(({ state }) => state?.S))).toEqual(new Set(['erased']));
    expect(findLeaks(toText(rows))).toEqual([]);
  }, 120_000);

  it.each([
    ['the deliveries table does not exist', { DELIVERIES_TABLE: 'none' }],
    ['the deliveries table cannot be reached', { AWS_ENDPOINT_URL_DYNAMODB: UNREACHABLE_URL }],
    [
      "a destination's secret cannot be read",
      { AWS_ENDPOINT_URL: UNREACHABLE_URL, HTTP_SIGNING_SECRETS: 'relay/http' },
    ],
    [
      'no queue can be reached',
      { AWS_ENDPOINT_URL_SQS: UNREACHABLE_URL, DESTINATION_QUEUES_URL: `${UNREACHABLE_URL}/1/x-` },
    ],
    [
      'its queues do not exist',
      { DESTINATION_QUEUES_URL: `${UNREACHABLE_URL}/1/x-`, CONSUMERS_QUEUE_URL: UNREACHABLE_URL },
    ],
  ])(
    'when %s',
    async (_case, changes) => {
      respond = echoRequest(503);
      const env = { ...(await fanOutEnv()), ...changes };
      const { output } = await runFunction('fan-out', env, toAllBatches(records.slice(0, 5)));

      expect(output).toContain('"level":"ERROR"');
      expect(findLeaks(output)).toEqual([]);
    },
    120_000,
  );

  it('when a message is not valid', async () => {
    const bodies = WEBHOOKS.map((event) => readBody(event).toString());
    const truncatedRecords = records.map((record) => record.slice(0, record.length / 2));
    const invalidRecords = records.map((record) => record.replace('"specversion":"1.0"', '"x":1'));
    const deliveries = records.map(
      (record) => `{"record":${record},"destination":"QUAY-PRIVATE-1"}`,
    );
    const messages = [...bodies, ...truncatedRecords, ...invalidRecords, ...deliveries];
    const env = await fanOutEnv();
    const { output } = await runFunction('fan-out', env, toBatches(messages));

    expect(output.match(/"code":"invalid_message"/g)).toHaveLength(messages.length);
    expect(findLeaks(output)).toEqual([]);
  });
});

/** The function operator, which cannot reach what it only needs for status and check. */
const operatorEnv = () => ({
  AWS_ENDPOINT_URL_SQS: aws.sqsEndpoint,
  AWS_ENDPOINT_URL: UNREACHABLE_URL,
  RECORDS_QUEUE_URL: queues.records,
  DESTINATION_QUEUES_URL: destinationQueuesUrl(),
  QUARANTINE_QUEUE_URL: queues.quarantine,
  DEAD_LETTERS_QUEUE_URL: queues['dead-letters'],
  CONSUMERS_QUEUE_URL: queues.records,
  CONSUMERS_DEAD_LETTERS_QUEUE_URL: queues.records,
  DELIVERIES_TABLE: 'deliveries',
  INDEX_SECRET: `inline:${INDEX_KEY}`,
  WEBHOOK_SECRET: LOCAL_SECRET,
  ALARM_TOPIC_ARN: 'arn:aws:sns:eu-west-1:000000000000:alarms',
  RECEIVE_FUNCTION: 'relay-receive',
  WEBHOOK_ENDPOINT: UNREACHABLE_URL,
});

describe('the operator writes nothing of the content of what it moves, or is asked for', () => {
  it('when it replays quarantined webhooks and dead letters', async () => {
    const env = operatorEnv();
    const requests = ['quarantine', 'dead-letters'].map((from) => ({ command: 'replay', from }));
    const { output, results } = await runFunction('operator', env, requests);

    expect(results).toMatchObject(requests.map(({ from }) => ({ from, stopReason: 'empty' })));
    expect(output).toContain('"message":"replay"');
    expect(findLeaks(output)).toEqual([]);
    expect(findLeaks(JSON.stringify(results))).toEqual([]);
  }, 60_000);

  it('when an operator searches for a person and a code, and erases them', async () => {
    const searched = await aws.createQueue('searched');
    for (const event of WEBHOOKS) {
      const MessageBody = readBody(event).toString('utf8');
      await aws.sqs.send(new SendMessageCommand({ QueueUrl: searched, MessageBody }));
    }
    const env = {
      ...operatorEnv(),
      QUARANTINE_QUEUE_URL: searched,
      DEAD_LETTERS_QUEUE_URL: searched,
    };
    const texts = ['mara.lind@shop.example', 'QUAY-PRIVATE-1'];
    const { output, results } = await runFunction('operator', env, [
      { command: 'erase-queue', from: 'quarantine', texts },
      { command: 'search-queue', from: 'dead-letters', texts, limit: 1 },
    ]);

    expect(results[0]).toHaveProperty('erased', expect.any(Number));
    expect(results[0]).not.toHaveProperty('erased', 0);
    expect(JSON.stringify(results[1])).toContain('Not valid: limit.');
    expect(findLeaks(output)).toEqual([]);
    expect(findLeaks(JSON.stringify(results))).toEqual([]);
  }, 60_000);

  it.each(['reached', 'not reached'])(
    'when a person is looked up and erased in a table that is %s',
    async (table) => {
      await aws.createTable(`looked-up-${table.length}`);
      const [person, code] = ['mara.lind@shop.example', 'QUAY-PRIVATE-1'];
      const env = {
        ...operatorEnv(),
        DELIVERIES_TABLE: `looked-up-${table.length}`,
        AWS_ENDPOINT_URL_DYNAMODB: table === 'reached' ? aws.dynamoEndpoint : UNREACHABLE_URL,
      };
      const { output, results } = await runFunction('operator', env, [
        { command: 'deliveries', by: { key: 'customer', value: person } },
        { command: 'deliveries', by: { key: 'code', value: code } },
        { command: 'deliveries', by: { key: 'nothing', value: person } },
        { command: 'erase', customers: [person], codes: [code] },
        { command: 'erase', customers: person },
        { command: 'release', records: ['whs_1'], destination: code.repeat(3), more: person },
      ]);

      expect(results).toHaveLength(6);
      expect(findLeaks(output + JSON.stringify(results))).toEqual([]);
    },
    60_000,
  );

  it('when its queues cannot be reached', async () => {
    const unreachableQueue = `${UNREACHABLE_URL}/000000000000/unreachable`;
    const env = {
      ...operatorEnv(),
      AWS_ENDPOINT_URL_SQS: UNREACHABLE_URL,
      RECORDS_QUEUE_URL: unreachableQueue,
      DESTINATION_QUEUES_URL: `${UNREACHABLE_URL}/000000000000/relay-to-`,
      QUARANTINE_QUEUE_URL: unreachableQueue,
      DEAD_LETTERS_QUEUE_URL: unreachableQueue,
    };
    const { output, results } = await runFunction('operator', env, [
      { command: 'replay', from: 'quarantine' },
    ]);

    expect(JSON.stringify(results)).toContain('ECONNREFUSED');
    expect(findLeaks(output)).toEqual([]);
  });

  it('nor do status and check, of any secret, when nothing can be reached', async () => {
    const destinations = [{ name: 'http', id: 'http' }];
    const requests = [
      { command: 'status', destinations },
      { command: 'check', destinations: [{ name: 'http', id: 'http', takesTests: true }] },
      { command: 'check', destinations: 'QUAY-PRIVATE-1' },
    ];
    for (const WEBHOOK_SECRET of [LOCAL_SECRET, '']) {
      const env = { ...operatorEnv(), WEBHOOK_SECRET, WEBHOOK_SECRET_NAME: 'relay/webhook' };
      const { output, results } = await runFunction('operator', env, requests);
      expect(results).toMatchObject([
        { command: 'status', alarms: null },
        { command: 'check', continuation: null },
        { threw: expect.stringContaining('Not valid: destinations') as unknown },
      ]);
      expect(findLeaks(output + JSON.stringify(results))).toEqual([]);
    }
  }, 60_000);
});
