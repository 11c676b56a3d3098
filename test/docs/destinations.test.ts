import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { createDestinations } from '../../lib/destinations/create-destinations.ts';
import { type DestinationDeclaration, stageParameter } from '../../lib/destinations/declaration.ts';
import type { Destination } from '../../lib/destinations/destination.ts';
import { http } from '../../lib/destinations/http.ts';
import { toQueueSettings } from '../../lib/destinations/queue-settings.ts';
import { secretsManager } from '../../lib/destinations/secrets-manager.ts';
import { checkDestinations } from '../../lib/destinations/validate-destinations.ts';
import { createSqsClient } from '../../lib/platform/sqs.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { createLocally } from '../support/create-locally.ts';
import { type HttpReceiver, type Received, startReceiver } from '../support/http-receiver.ts';
import { requireRecord } from '../normalise/to-record-result.ts';
import type { Json } from '../support/payloads.ts';
import { digitalResult, fromWorkflow, transaction } from '../support/workflow-payloads.ts';
import {
  BrazeTrackSchema,
  KlaviyoJobSchema,
  KlaviyoProfileSchema,
  SnowflakeStatementSchema,
} from './api-shapes.ts';
import { readCodeBlocks } from './code-blocks.ts';
import { aCustomer, CODE, EXAMPLES, POINTS } from './examples.ts';
import { createDocsProject } from './docs-project.ts';

/** What is in the document beside the declarations of single destinations. */
const OTHER_FILES = [
  'functions/destinations.ts',
  'functions/destinations/klaviyo.test.ts',
  'functions/mappings.test.ts',
  'receiver/verify.ts',
];
const SECRET = 'whsec_aW52ZW50ZWQtc2VjcmV0LW9mLXRlc3Rz';

const blocks = readCodeBlocks('docs/destinations.md');
let docsProject: Awaited<ReturnType<typeof createDocsProject>>;
let receiver: HttpReceiver;
beforeAll(async () => {
  [docsProject, receiver] = await Promise.all([createDocsProject(blocks), startReceiver()]);
});
afterAll(() => Promise.all([docsProject.close(), receiver.stop()]));

/** What one of the document's files exports under a name. */
async function load<Export>(file: string, name: string): Promise<Export> {
  const loaded = ((await docsProject.load(file)) as { [name: string]: Export })[name];
  if (loaded === undefined) throw new Error(`${file} exports no ${name}`);
  return loaded;
}

/** The destination that one of the document's files declares: its one export. */
async function loadDeclaration(name: string): Promise<DestinationDeclaration> {
  const loaded = (await docsProject.load(`functions/destinations/${name}.ts`)) as {
    [name: string]: DestinationDeclaration;
  };
  const [declaration, ...others] = Object.values(loaded);
  if (declaration === undefined || others.length > 0) throw new Error(`${name}.ts: not one export`);
  return declaration;
}

async function createExample(name: string, url = receiver.url): Promise<Destination> {
  const { secret = '' } = EXAMPLES.find((one) => one.name === name) ?? {};
  const [destination] = createLocally([await loadDeclaration(name)], url, secret);
  if (destination === undefined) throw new Error(`There is no destination ${name}`);
  return destination;
}

const createContext = () => ({ now: new Date(), signal: AbortSignal.timeout(10_000) });

/** The request that a destination makes of a record. */
async function captureRequest(destination: Destination, record: RelayRecord): Promise<Received> {
  expect(await destination.deliver(record, createContext())).toMatchObject({ kind: 'delivered' });
  const request = receiver.received.at(-1);
  if (request === undefined) throw new Error('Nothing arrived');
  return request;
}

async function captureBody(name: string, record: RelayRecord): Promise<unknown> {
  return JSON.parse((await captureRequest(await createExample(name), record)).body);
}

const recordWithCustomer = (changes: object) => aRecord({ data: { customer: aCustomer(changes) } });

describe('the code in docs/destinations.md', () => {
  it('passes the type check', async () => {
    expect(await docsProject.findTypeErrors()).toBe('');
  });

  it('passes its own tests, of a destination and of a mapping', async () => {
    expect(await docsProject.runTests()).toMatch(/Tests +3 passed \(3\)/);
  });

  it('is tested here, file by file', () => {
    const tested = [...EXAMPLES.map(({ name }) => name), 'consumers', 'cards', 'shop', 'loyalty'];
    const files = tested.map((name) => `functions/destinations/${name}.ts`);
    expect(blocks.map(({ file }) => file).sort()).toEqual([...files, ...OTHER_FILES].sort());
  });

  it('makes destinations that fanOut accepts, together', async () => {
    const names = [...EXAMPLES.map(({ name }) => name), 'consumers', 'cards', 'shop'];
    const loyalty = await load<readonly DestinationDeclaration[]>(
      'functions/destinations/loyalty.ts',
      'loyalty',
    );
    const declarations = [...(await Promise.all(names.map(loadDeclaration))), ...loyalty];
    expect(() => checkDestinations(declarations)).not.toThrow();
    expect(declarations.map(({ name }) => name)).toEqual([
      ...names,
      'loyalty-points',
      'loyalty-codes',
    ]);
  });
});

describe('the list with the Klaviyo destination', () => {
  const CONSUMERS_QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/000000000000/consumers';
  const loadList = () =>
    load<readonly DestinationDeclaration[]>('functions/destinations.ts', 'destinations');

  it('contains it with its address, which no stage has to set', async () => {
    const destinations = createDestinations(await loadList(), {
      environment: { CONSUMERS_QUEUE_URL, KLAVIYO_SECRET: 'voucher-relay/prod/klaviyo' },
      sqs: createSqsClient(),
    });
    expect(destinations.map(({ name, fault }) => [name, fault])).toEqual([
      ['consumers', undefined],
      ['klaviyo', undefined],
    ]);
    expect(() => checkDestinations(destinations)).not.toThrow();
  });

  it('needs of the stage one queue, one address and one secret', async () => {
    const needs = (await loadList()).flatMap((declaration) => declaration.needs);
    expect(needs).toMatchObject([
      { variable: 'CONSUMERS_QUEUE_URL', target: { resource: 'ConsumersQueue' } },
      { variable: 'KLAVIYO_URL', address: 'https://a.klaviyo.com/api' },
      { variable: 'KLAVIYO_SECRET', secretName: 'voucher-relay/{stage}/klaviyo' },
    ]);
  });

  it('has a queue that is read at the pace that Klaviyo allows', async () => {
    const { limit } = await loadDeclaration('klaviyo');
    expect(limit).toMatchObject({ perSecond: 60, perMinute: 600 });
    const { maximumConcurrency, intervalMs } = toQueueSettings(limit);
    expect((60_000 / intervalMs) * maximumConcurrency).toBeLessThan(600);
  });
});

describe('the destinations of AWS services', () => {
  it('contain the queue that is shipped, as it is shipped', () => {
    const file = 'functions/destinations/consumers.ts';
    const block = blocks.find((one) => one.file === file);
    expect(block?.text.replace(/^.*\n/, '')).toBe(readFileSync(file, 'utf8'));
  });

  it('contain a topic for cards and a bus for every record', async () => {
    const cards = await loadDeclaration('cards');
    const shop = await loadDeclaration('shop');
    expect([cards.kind, shop.kind]).toEqual(['sns', 'eventbridge']);
    expect([cards.accepts(CODE), cards.accepts(POINTS)]).toEqual([false, true]);
    expect([shop.accepts(CODE), shop.accepts(POINTS)]).toEqual([true, true]);
  });
});

describe.each(EXAMPLES)('the example $name', ({ name, record, request, body }) => {
  it('sends the request that the API documents', async () => {
    const destination = await createExample(name);
    expect(destination.accepts(record)).toBe(true);
    const received = await captureRequest(destination, record);
    expect(received).toMatchObject(request);
    expect(v.safeParse(body, received.body).issues).toBeUndefined();
  });

  it('sends the same request for the same record again', async () => {
    const destination = await createExample(name);
    const first = await captureRequest(destination, record);
    expect((await captureRequest(destination, record)).body).toBe(first.body);
  });
});

describe('the addresses of the examples', () => {
  it.each(EXAMPLES.map(({ name }) => [name]))('are valid as they are written: %s', async (name) => {
    const declaration = await loadDeclaration(name);
    const destination = declaration.create({ environment: {}, sqs: createSqsClient() });
    expect(destination).toMatchObject({ name });
    expect(destination?.fault).toBeUndefined();
  });
});

describe('an example that sends codes to customers', () => {
  const forCustomers = ['klaviyo', 'klaviyo-bulk', 'braze', 'twilio', 'sendgrid'];

  it.each(forCustomers)('sends the code: %s', async (name) => {
    expect((await captureRequest(await createExample(name), CODE)).body).toContain('HARBOUR-K7Q2');
  });

  it.each(forCustomers)('sends no code that cannot be used: %s', async (name) => {
    const { accepts } = await createExample(name);
    const unusable = aVoucher({ usable: false, unusableReasons: ['expired'] });
    expect(accepts(aRecord({ data: { voucher: unusable } }))).toBe(false);
    expect(accepts(aRecord({ data: { purpose: 'activity' } }))).toBe(false);
  });

  it.each([
    ['klaviyo', { email: null }, 'the customer has no e-mail'],
    ['braze', { sourceId: null }, 'the customer has no source id'],
    ['twilio', { phone: null }, 'the customer has no phone'],
    ['sendgrid', { email: null }, 'the customer has no e-mail'],
  ])('names the missing field: %s', async (name, lacking, detail) => {
    const before = receiver.received.length;
    const destination = await createExample(name);
    const outcome = await destination.deliver(recordWithCustomer(lacking), createContext());
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'undeliverable', detail });
    expect(receiver.received).toHaveLength(before);
  });

  it.each(['twilio', 'sendgrid'])(
    'delivers one publication once, and does not retry without a response: %s',
    async (name) => {
      const { deduplicateBy, onNoResponse } = await createExample(name);
      expect([deduplicateBy(CODE), onNoResponse]).toEqual([
        expect.stringContaining('pub_n3'),
        'dead-letter',
      ]);
      expect(deduplicateBy(aRecord({ data: { publication: null } }))).toBeNull();
    },
  );
});

describe('null, which deletes a value in Klaviyo and in Braze', () => {
  const sparse = aRecord({
    data: {
      customer: aCustomer({ email: 'ida.quay@example.test', phone: null }),
      voucher: aVoucher({ expiresAt: null }),
    },
  });

  it('is not sent for fields of the customer, and is sent for what the new code lacks', async () => {
    const [attributes] = v.parse(BrazeTrackSchema, await captureBody('braze', sparse)).attributes;
    expect(Object.keys(attributes ?? {})).not.toContain('phone');
    expect(attributes).toMatchObject({ external_id: 'crm-5512', voucher_expires_at: null });
  });

  it('is not sent in a bulk import, which ignores it', async () => {
    const { data } = v.parse(KlaviyoProfileSchema, await captureBody('klaviyo', sparse));
    expect(data.attributes.properties).toMatchObject({ voucher_expires_at: null });
    const job = v.parse(KlaviyoJobSchema, await captureBody('klaviyo-bulk', sparse));
    const [profile] = job.data.attributes.profiles.data;
    expect(profile?.attributes.properties).toMatchObject({ voucher_expires_at: 'none' });
  });
});

describe('a row in the warehouse', () => {
  it('has the id, by which repetitions are dropped, and neither code nor personal data', async () => {
    const { bindings } = v.parse(SnowflakeStatementSchema, await captureBody('snowflake', CODE));
    expect(JSON.parse(bindings['1']?.value ?? '')).toMatchObject([{ id: CODE.id }]);
    for (const secret of ['HARBOUR-K7Q2', 'ida.quay', 'Ida', '+4420']) {
      expect(JSON.stringify(bindings)).not.toContain(secret);
    }
  });
});

describe('a wallet pass', () => {
  it('shows the balance of the card', async () => {
    expect(await captureBody('wallet', POINTS)).toEqual({ fields: { points: { value: '250' } } });
  });

  it('does not change for a code, and becomes a dead letter when there is no balance', async () => {
    const wallet = await createExample('wallet');
    expect(wallet.accepts(CODE)).toBe(false);
    const without = aRecord({ ...POINTS, data: { ...POINTS.data, voucher: aVoucher() } });
    expect(await wallet.deliver(without, createContext())).toMatchObject({
      kind: 'rejected',
      reason: 'undeliverable',
    });
  });
});

describe('the destinations for a loyalty program', () => {
  const loadDeclarations = () =>
    load<readonly DestinationDeclaration[]>('functions/destinations/loyalty.ts', 'loyalty');
  const loadLoyalty = async () => createLocally(await loadDeclarations(), receiver.url, '');
  const toLoyaltyRecord = (type: string, details: Json, changes: Json = {}): RelayRecord =>
    requireRecord(fromWorkflow(type, transaction(type, details, changes)));
  const EARNED = toLoyaltyRecord('POINTS_EARNED', { points: { total: 30 } });
  const SPENT = toLoyaltyRecord('POINTS_SPENT_ON_ORDER', { points: { total: 30 } });
  const PENDING = toLoyaltyRecord('PENDING_POINTS_ADDED', { points: { total: 30 } });
  const PAID = toLoyaltyRecord(
    'PAY_WITH_POINTS',
    { payment: { points_spent: 30 } },
    { object: 'order_transaction' },
  );
  const PURCHASE = toLoyaltyRecord('PURCHASE', digitalResult(), { object: 'reward_transaction' });

  it('exist only where their address is set', async () => {
    const runtime = { environment: { LOYALTY_POINTS_URL: '' }, sqs: createSqsClient() };
    expect(createDestinations(await loadDeclarations(), runtime)).toEqual([]);
  });

  it('take only what is approved', async () => {
    const destinations = await loadLoyalty();
    for (const status of ['PENDING', 'PROCESSING', 'REJECTED', 'REFUNDED']) {
      for (const [type, details] of [
        ['POINTS_EARNED', { points: { total: 30 } }],
        ['PURCHASE', digitalResult()],
      ] as const) {
        const record = toLoyaltyRecord(type, details, { status });
        expect(destinations.map(({ accepts }) => accepts(record))).toEqual([false, false]);
      }
    }
    expect(destinations.map(({ accepts }) => accepts(CODE))).toEqual([false, false]);
  });

  it('send each change of a balance once, and never its twin', async () => {
    const [points] = await loadLoyalty();
    if (points === undefined) throw new Error('There is no destination');
    expect([EARNED, SPENT, PENDING, PAID, PURCHASE].map((one) => points.accepts(one))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    const gained: unknown = JSON.parse((await captureRequest(points, EARNED)).body);
    const lost: unknown = JSON.parse((await captureRequest(points, SPENT)).body);
    expect([gained, lost]).toMatchObject([
      { member: 'lmbr_q9', card: 'lcrd_q7', change: 30 },
      { member: 'lmbr_q9', card: 'lcrd_q7', change: -30 },
    ]);
    expect(points.deduplicateBy(EARNED)).toBe('lctx_q10 APPROVED');
    expect(points.deduplicateBy(CODE)).toBeNull();
  });

  it('send the codes that can be used, and none of a refund', async () => {
    const [, codes] = await loadLoyalty();
    if (codes === undefined) throw new Error('There is no destination');
    expect(codes.accepts(PURCHASE)).toBe(true);
    expect(JSON.parse((await captureRequest(codes, PURCHASE)).body)).toMatchObject({
      member: 'lmbr_q9',
      codes: ['QUAY-REWARD-13', 'QUAY-GIFT-14'],
    });
    expect(codes.accepts(toLoyaltyRecord('REFUND', digitalResult()))).toBe(false);
    const deleted = toLoyaltyRecord('PURCHASE', digitalResult({ result: 'DELETED' }));
    expect(codes.accepts(deleted)).toBe(false);
  });
});

describe("the receiver's signature verification", () => {
  it('returns the record of a request that the relay signed, and of no other', async () => {
    const verifyRecord = await load<(...args: unknown[]) => unknown>(
      'receiver/verify.ts',
      'verifyRecord',
    );
    const declaration = http({
      name: 'crm',
      url: stageParameter('crmUrl'),
      signingSecrets: secretsManager('crm'),
    });
    const [destination] = createLocally([declaration], receiver.url, SECRET);
    if (destination === undefined) throw new Error('There is no destination');
    const { body, headers } = await captureRequest(destination, CODE);
    expect(verifyRecord(body, headers, SECRET)).toMatchObject({ id: CODE.id, type: CODE.type });
    expect(verifyRecord(`${body} `, headers, SECRET)).toBeNull();
    expect(verifyRecord(body, {}, SECRET)).toBeNull();
    expect(verifyRecord(body, headers, 'whsec_YW5vdGhlci1pbnZlbnRlZC1zZWNyZXQt')).toBeNull();
  });
});
