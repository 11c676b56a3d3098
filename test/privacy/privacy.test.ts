import type { ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Aws, startAws } from '../support/aws.ts';
import {
  answering,
  type Behaviour,
  type HttpReceiver,
  type Received,
  startReceiver,
} from '../support/http-receiver.ts';
import { aBatch } from '../support/lambda.ts';
import { codeData, customer, fromDistribution, voucher } from '../support/payloads.ts';
import { bodyOf, LOCAL_SECRET, sample, sampleNames, withBody } from '../support/samples.ts';
import { fragmentsIn, fragmentsOf, textsOf } from './sensitive-values.ts';
import { toldBy } from './outputs.ts';

const DESTINATION_SECRET = 'whsec_cHJpdmFjeS10ZXN0LXNlY3JldC1vZi1vdXJz';
const SECRETS = [LOCAL_SECRET, DESTINATION_SECRET, DESTINATION_SECRET.slice('whsec_'.length)];
const NOWHERE = 'http://127.0.0.1:9';

const SOMEBODY = customer({
  phone: '+351910000000',
  address: { line_1: '7 Tidewater Steps', postal_code: '4050-613', city: 'Matosinhos' },
  birthdate: '1988-11-02',
  description: 'asked for a call back',
  metadata: { passport: 'CA1234567' },
});

/** A webhook with everything in it that is personal, and what is left of it when something breaks. */
function webhooksOfSomebody(): APIGatewayProxyEventV2[] {
  const event = sample('code-percent-discount');
  const code = (changes: object = {}) =>
    fromDistribution(
      'manual_distribution_schedule',
      codeData({ customer: SOMEBODY, voucher: voucher({ code: 'QUAY-PRIVATE-1' }), ...changes }),
    );
  const whole = JSON.stringify(code());
  const bodies = [
    whole,
    ...[1, 2, 3, 4, 5, 6, 7].map((eighths) => whole.slice(0, (whole.length * eighths) / 8)),
    JSON.stringify(code({ voucher: 'QUAY-PRIVATE-1' })),
    JSON.stringify(code({ voucher: voucher({ code: ['QUAY-PRIVATE-1'] }) })),
    JSON.stringify(code({ voucher: voucher({ code: null, expiration_date: 'QUAY-PRIVATE-1' }) })),
    JSON.stringify(code({ voucher: voucher({ type: 'QUAY-PRIVATE-1', gift: 'QUAY-PRIVATE-1' }) })),
    JSON.stringify(code({ customer: [SOMEBODY], publication: SOMEBODY })),
    JSON.stringify(code({ customer: 'Mara Lind <mara.lind@shop.example>' })),
    JSON.stringify({ id: 'whs_1', data: { 'mara.lind@shop.example': SOMEBODY } }),
    JSON.stringify('Mara Lind <mara.lind@shop.example>'),
    `Mara Lind <mara.lind@shop.example>, your code: QUAY-PRIVATE-1`,
  ];
  return bodies.map((body) => withBody(event, body));
}

const WEBHOOKS = [...sampleNames().map((name) => sample(name)), ...webhooksOfSomebody()];
const NOT_TO_BE_TOLD = new Set([
  ...WEBHOOKS.flatMap((event) => [...textsOf(event)]),
  'QUAY-PRIVATE-1',
  ...SECRETS,
]);
const FRAGMENTS = [...new Set(WEBHOOKS.flatMap((event) => fragmentsOf(event)))].filter(
  // a line says which event it was, in quotes as the body does
  (fragment) => !fragment.includes('manual_distribution_schedule'),
);

/** What an output tells that it must not. */
function betrayed(output: string): string[] {
  const texts = [...NOT_TO_BE_TOLD].filter((text) => output.includes(text));
  return [...texts, ...new Set(fragmentsIn(output, FRAGMENTS))];
}

describe('the search of these tests', () => {
  it.each([
    ['a code', '{"message":"x","code":"QUAY-PRIVATE-1"}'],
    ['an address', 'Error: no mailbox mara.lind@shop.example'],
    ['a telephone number', '{"to":"+351910000000"}'],
    ['a secret', `key ${LOCAL_SECRET}`],
    ['a piece of a body', '"amount_limit":4000,"effect":"APPLY_TO_ORDER"'],
    [
      'a piece of a body in a text',
      JSON.stringify('"amount_limit":4000,"effect":"APPLY_TO_ORDER"'),
    ],
  ])('finds %s', (_case, output) => {
    expect(betrayed(output)).not.toEqual([]);
  });
});

let aws: Aws;
let receiver: HttpReceiver;
let behave: Behaviour = answering(204);
let queues: { [Name in 'records' | 'quarantine' | 'retries' | 'dead-letters']: string };
let records: string[] = [];

beforeAll(async () => {
  [aws, receiver] = await Promise.all([startAws(), startReceiver((...call) => behave(...call))]);
  queues = {
    records: await aws.makeQueue('records'),
    quarantine: await aws.makeQueue('quarantine'),
    retries: await aws.makeQueue('retries'),
    'dead-letters': await aws.makeQueue('dead-letters'),
  };
});
afterAll(async () => {
  await Promise.all([aws.stop(), receiver.stop()]);
});

/** One record an id: of two in one batch the second has to wait for the first. */
function onceEach(bodies: readonly string[]): string[] {
  const byId = bodies.map((body) => [(JSON.parse(body) as { id: string }).id, body] as const);
  return [...new Map(byId).values()];
}

const receiveEnv = () => ({
  AWS_ENDPOINT_URL_SQS: aws.sqsEndpoint,
  AWS_ENDPOINT_URL: NOWHERE,
  RECORDS_QUEUE_URL: queues.records,
  QUARANTINE_QUEUE_URL: queues.quarantine,
  WEBHOOK_SECRET: LOCAL_SECRET,
  SENDER_REGION: 'eu1',
});

describe('receive tells nothing of what is in a webhook', () => {
  it('when all is well', async () => {
    const { output, answers } = await toldBy('receive', receiveEnv(), WEBHOOKS);
    records = onceEach((await aws.drain(queues.records)).map(({ Body = '' }) => Body));

    expect(answers).toHaveLength(WEBHOOKS.length);
    expect(output.match(/"message":"webhook"/g)).toHaveLength(WEBHOOKS.length);
    expect(output).toContain('"WebhookQuarantined"');
    expect(betrayed(output)).toEqual([]);
    expect(betrayed(JSON.stringify(answers))).toEqual([]);
    expect(records.join()).toContain('QUAY-PRIVATE-1');
  });

  it.each([
    ['the queues do not exist', (url: string) => `${url}-gone`, {}],
    ['the queues are out of reach', () => `${NOWHERE}/000000000000/records`, {}],
    ['its secret is another one', (url: string) => url, { WEBHOOK_SECRET: 'another-secret' }],
    [
      'its secret cannot be read',
      (url: string) => url,
      { WEBHOOK_SECRET: '', WEBHOOK_SECRET_NAME: 'relay/webhook' },
    ],
    ['it has no secret', (url: string) => url, { WEBHOOK_SECRET: '' }],
    ['it refuses other addresses', (url: string) => url, { SENDER_ADDRESSES: 'enforce' }],
  ])('when %s', async (_case, queueUrl, changes) => {
    const env = {
      ...receiveEnv(),
      RECORDS_QUEUE_URL: queueUrl(queues.records),
      QUARANTINE_QUEUE_URL: queueUrl(queues.quarantine),
      ...changes,
    };
    const some = [sample('code-gift-card'), sample('forged-signature'), ...webhooksOfSomebody()];
    const { output, answers } = await toldBy('receive', env, some.slice(0, 5));

    expect(output.match(/"level":"(WARN|ERROR)"/g)?.length).toBeGreaterThanOrEqual(5);
    expect(betrayed(output)).toEqual([]);
    expect(betrayed(JSON.stringify(answers))).toEqual([]);
  });
});

const echo =
  (status: number, headers: { [name: string]: string } = {}): Behaviour =>
  ({ body }, response) =>
    void response.writeHead(status, { ...headers, 'x-echo': 'QUAY-PRIVATE-1' }).end(body);

const breaksOff: Behaviour = ({ body }, response) => {
  response.writeHead(200, { 'content-length': String(body.length * 2) });
  response.write(body, () => response.destroy());
};

const noHttp: Behaviour = ({ body }: Received, response: ServerResponse) => {
  response.socket?.end(`QUAY-PRIVATE-1 ${body}\r\n\r\n`);
};

let ledgers = 0;
const fanOutEnv = async () => {
  ledgers += 1;
  const ledger = `ledger-${ledgers}`;
  await aws.makeTable(ledger);
  return {
    AWS_ENDPOINT_URL_SQS: aws.sqsEndpoint,
    AWS_ENDPOINT_URL_DYNAMODB: aws.dynamoEndpoint,
    RETRIES_QUEUE_URL: queues.retries,
    DEAD_LETTERS_QUEUE_URL: queues['dead-letters'],
    LEDGER_TABLE: ledger,
    CONSUMERS_QUEUE_URL: await aws.makeQueue(`consumers-of-${ledger}`),
    HTTP_DESTINATION_URL: `${receiver.url}?key=QUAY-PRIVATE-1`,
    HTTP_DESTINATION_SECRET: `itself:${DESTINATION_SECRET}`,
  };
};

/** Batches of ten, as SQS hands them over. */
function batchesOf(bodies: readonly string[]): object[] {
  return Array.from({ length: Math.ceil(bodies.length / 10) }, (_, n) =>
    aBatch(...bodies.slice(n * 10, n * 10 + 10)),
  );
}

describe('fanOut tells nothing of what is in a record', () => {
  it.each<[string, Behaviour]>([
    ['takes it', answering(204)],
    ['refuses it and repeats it', echo(422)],
    ['fails and repeats it', echo(503, { 'retry-after': 'QUAY-PRIVATE-1' })],
    ['refuses the key', echo(401, { 'www-authenticate': 'QUAY-PRIVATE-1' })],
    ['is gone', echo(410)],
    ['has moved', echo(307, { location: 'http://127.0.0.1:9/?code=QUAY-PRIVATE-1' })],
    ['breaks off in its answer', breaksOff],
    ['does not speak HTTP', noHttp],
  ])('when a destination %s', async (_case, behaviour) => {
    behave = behaviour;
    const env = await fanOutEnv();
    // twice: what was delivered is a duplicate then
    const batches = [...batchesOf(records), ...batchesOf(records)];
    const { output, answers } = await toldBy('fan-out', env, batches);

    expect(answers).toEqual(batches.map(() => ({ batchItemFailures: [] })));
    expect(output).toContain('"message":"delivery"');
    expect(output).toContain('"DeliveryDuplicate"');
    expect(betrayed(output)).toEqual([]);
  });

  it.each([
    ['the ledger does not exist', { LEDGER_TABLE: 'none' }],
    ['the ledger is out of reach', { AWS_ENDPOINT_URL_DYNAMODB: NOWHERE }],
    [
      "a destination's secret cannot be read",
      { AWS_ENDPOINT_URL: NOWHERE, HTTP_DESTINATION_SECRET: 'relay/http' },
    ],
    ['no queue can be reached', { AWS_ENDPOINT_URL_SQS: NOWHERE, RETRIES_QUEUE_URL: NOWHERE }],
    [
      'its queues do not exist',
      { RETRIES_QUEUE_URL: `${NOWHERE}/1/x`, CONSUMERS_QUEUE_URL: NOWHERE },
    ],
  ])('when %s', async (_case, changes) => {
    behave = echo(503);
    const env = { ...(await fanOutEnv()), ...changes };
    const { output } = await toldBy('fan-out', env, batchesOf(records.slice(0, 5)));

    expect(output).toContain('"level":"ERROR"');
    expect(betrayed(output)).toEqual([]);
  });

  it('when a message cannot be read', async () => {
    const bodies = WEBHOOKS.map((event) => bodyOf(event).toString());
    const halves = records.map((record) => record.slice(0, record.length / 2));
    const wrong = records.map((record) => record.replace('"specversion":"1.0"', '"x":1'));
    const retries = records.map((record) => `{"record":${record},"destination":"QUAY-PRIVATE-1"}`);
    const messages = [...bodies, ...halves, ...wrong, ...retries];
    const env = await fanOutEnv();
    const { output } = await toldBy('fan-out', env, batchesOf(messages));

    expect(output.match(/"what":"unparsable_message"/g)).toHaveLength(messages.length);
    expect(betrayed(output)).toEqual([]);
  });
});

describe('replay tells nothing of what it moves', () => {
  it('when it brings back what was quarantined and what was given up', async () => {
    const env = {
      AWS_ENDPOINT_URL_SQS: aws.sqsEndpoint,
      RECORDS_QUEUE_URL: queues.records,
      RETRIES_QUEUE_URL: queues.retries,
      QUARANTINE_QUEUE_URL: queues.quarantine,
      DEAD_LETTERS_QUEUE_URL: queues['dead-letters'],
    };
    const requests = [{ from: 'quarantine' }, { from: 'dead-letters' }];
    const { output, answers } = await toldBy('replay', env, requests);

    expect(answers).toMatchObject(requests.map(({ from }) => ({ from, endedBecause: 'empty' })));
    expect(output).toContain('"message":"replay"');
    expect(betrayed(output)).toEqual([]);
    expect(betrayed(JSON.stringify(answers))).toEqual([]);
  }, 60_000);

  it('when its queues cannot be reached', async () => {
    const away = `${NOWHERE}/000000000000/away`;
    const env = {
      AWS_ENDPOINT_URL_SQS: NOWHERE,
      RECORDS_QUEUE_URL: away,
      RETRIES_QUEUE_URL: away,
      QUARANTINE_QUEUE_URL: away,
      DEAD_LETTERS_QUEUE_URL: away,
    };
    const { output, answers } = await toldBy('replay', env, [{ from: 'quarantine' }]);

    expect(JSON.stringify(answers)).toContain('ECONNREFUSED');
    expect(betrayed(output)).toEqual([]);
  });
});
