import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDestinations } from '../../lib/destinations/create-destinations.ts';
import {
  type DestinationDeclaration,
  type Runtime,
  resource,
  stageParameter,
} from '../../lib/destinations/declaration.ts';
import type { DestinationOptions } from '../../lib/destinations/destination.ts';
import { eventbridge } from '../../lib/destinations/eventbridge.ts';
import { http } from '../../lib/destinations/http.ts';
import { parameterStore } from '../../lib/destinations/parameter-store.ts';
import { secretsManager } from '../../lib/destinations/secrets-manager.ts';
import { sns } from '../../lib/destinations/sns.ts';
import { sqs } from '../../lib/destinations/sqs.ts';
import { toVariableName } from '../../lib/destinations/variable-name.ts';
import { aRecord } from '../support/a-record.ts';
import { LOCAL_CLIENT } from '../support/aws.ts';
import { respondWith, startReceiver } from '../support/http-receiver.ts';

const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/111122223333/orders';
const TOPIC_ARN = 'arn:aws:sns:eu-west-1:111122223333:orders';
const BUS_ARN = 'arn:aws:events:eu-west-1:111122223333:event-bus/orders';
const SIGNING = 'whsec_aW52ZW50ZWQtc2VjcmV0LW9mLXRlc3Rz';

const runtime = (environment: Runtime['environment'] = {}): Runtime => ({
  environment,
  sqs: new SQSClient(LOCAL_CLIENT),
});
const createContext = () => ({ now: new Date(), signal: AbortSignal.timeout(5_000) });

/** Each kind, and the environment that it needs. */
const KINDS: readonly [
  string,
  (options: DestinationOptions) => DestinationDeclaration,
  Runtime['environment'],
][] = [
  ['http', (options) => http({ ...options, url: 'https://example.test/' }), {}],
  [
    'sqs',
    (options) => sqs({ ...options, queue: resource('OrdersQueue') }),
    { CRM_QUEUE_URL: QUEUE_URL },
  ],
  ['sns', (options) => sns({ ...options, topic: TOPIC_ARN }), { CRM_TOPIC_ARN: TOPIC_ARN }],
  [
    'eventbridge',
    (options) => eventbridge({ ...options, bus: BUS_ARN }),
    { CRM_BUS_NAME: BUS_ARN },
  ],
];

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.each(KINDS)('a destination of the kind %s', (kind, declare, environment) => {
  const create = (options: DestinationOptions) => declare(options).create(runtime(environment));

  it('accepts every record except test events, has a timeout of 5 seconds, no limit, and is retried, by default', () => {
    const destination = create({ name: 'crm' });
    expect(destination).toMatchObject({
      name: 'crm',
      id: 'crm',
      retired: false,
      acceptsTestEvents: false,
      timeoutMs: 5_000,
      limit: { perSecond: null, perMinute: null, concurrency: null },
      onNoResponse: 'retry',
    });
    expect(destination?.fault).toBeUndefined();
    expect(destination?.accepts(aRecord())).toBe(true);
    expect(destination?.deduplicateBy(aRecord())).toBeNull();
  });

  it('uses the options that are set, before and after it is created', () => {
    const options = {
      name: 'crm',
      accepts: () => false,
      deduplicateBy: () => 'key',
      acceptsTestEvents: true,
      timeoutMs: 1_000,
      retired: true,
    };
    const limited = { ...options, limit: { perSecond: 2 } };
    const expected = { ...options, limit: { perSecond: 2, perMinute: null, concurrency: null } };
    expect(create(limited)).toMatchObject(expected);
    expect(declare(limited)).toMatchObject({ ...expected, kind });
  });

  it('keeps the id that it had under its former name', () => {
    const options = { name: 'crm', formerly: 'erp' };
    expect(declare(options)).toMatchObject({ name: 'crm', id: 'erp' });
    expect(create(options)).toMatchObject({ name: 'crm', id: 'erp' });
  });

  it('keeps its name, id and limit when its address is wrong, so that its queue is read as before', () => {
    const options = { name: 'crm', formerly: 'erp', limit: { concurrency: 2 }, retired: true };
    const variables = declare(options).needs.map(({ variable }) => variable);
    const wrong = Object.fromEntries(variables.map((variable) => [variable, '!']));
    expect(declare(options).create(runtime(wrong))).toMatchObject({
      name: 'crm',
      id: 'erp',
      limit: { concurrency: 2 },
      retired: true,
      fault: expect.stringContaining('has a ') as string,
    });
  });
});

describe('a declaration', () => {
  it('reads no environment until it is created, and then only the variables that it needs', () => {
    const reads: string[] = [];
    const spy = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
      new Proxy(environment, {
        get: (target, key) => {
          reads.push(String(key));
          return target[String(key)];
        },
        has: (target, key) => {
          reads.push(String(key));
          return key in target;
        },
        ownKeys: () => {
          throw new Error('A declaration lists the environment');
        },
      });
    const ownEnvironment = process.env;
    process.env = spy({ ...ownEnvironment });
    let declarations: readonly DestinationDeclaration[] = [];
    try {
      declarations = [
        http({
          name: 'crm',
          url: stageParameter('crmUrl'),
          secret: secretsManager('relay/{stage}/crm'),
          signingSecrets: parameterStore('/relay/{stage}/signing'),
        }),
        sqs({ name: 'orders', queue: resource('OrdersQueue') }),
      ];
      expect(JSON.stringify(declarations.map(({ needs }) => needs))).toContain('crmUrl');
      expect(reads).toEqual([]);
    } finally {
      process.env = ownEnvironment;
    }

    const environment = spy({ CRM_URL: 'https://example.test/' });
    createDestinations(declarations, runtime(environment));
    const needed = declarations.flatMap(({ needs }) => needs.map(({ variable }) => variable));
    expect([...new Set(reads)].sort()).toEqual(needed.sort());
  });

  it('lists what it needs from its stage, each with its variable', () => {
    const declaration = http({
      name: 'wallet-pass',
      url: 'https://example.test/api',
      secret: secretsManager('relay/{stage}/wallet', { local: 'sandbox-key' }),
      signingSecrets: parameterStore('/relay/{stage}/signing'),
    });
    expect(declaration.needs).toEqual([
      {
        kind: 'address',
        variable: 'WALLET_PASS_URL',
        address: 'https://example.test/api',
        local: 'http://127.0.0.1/mock/wallet-pass',
      },
      {
        kind: 'secret',
        variable: 'WALLET_PASS_SECRET',
        secretName: 'relay/{stage}/wallet',
        local: 'sandbox-key',
      },
      {
        kind: 'parameter',
        variable: 'WALLET_PASS_SIGNING_SECRETS',
        secretName: '/relay/{stage}/signing',
        local: expect.stringMatching(/^whsec_/) as string,
      },
    ]);
    expect(http({ name: 'crm', url: '', local: { url: 'http://127.0.0.1:9/' } }).needs).toEqual([
      { kind: 'address', variable: 'CRM_URL', address: '', local: 'http://127.0.0.1:9/' },
    ]);
  });

  it.each([
    [
      sqs({ name: 'crm', queue: resource('OrdersQueue') }),
      { kind: 'queue', variable: 'CRM_QUEUE_URL', target: { resource: 'OrdersQueue' } },
    ],
    [
      sns({ name: 'crm', topic: TOPIC_ARN }),
      { kind: 'topic', variable: 'CRM_TOPIC_ARN', target: TOPIC_ARN },
    ],
    [
      eventbridge({ name: 'crm', bus: BUS_ARN }),
      { kind: 'bus', variable: 'CRM_BUS_NAME', target: BUS_ARN },
    ],
  ])('of an AWS service needs its resource: $kind', (declaration, need) => {
    expect(declaration.needs).toEqual([need]);
  });
});

describe('the variable of a destination', () => {
  it.each([
    ['crm', 'CRM_URL'],
    ['wallet-pass-2', 'WALLET_PASS_2_URL'],
    ['1st', 'D_1ST_URL'],
  ])('is its name in capital letters, and a name that Lambda accepts: %s', (name, variable) => {
    expect(toVariableName(name, 'URL')).toBe(variable);
    expect(variable).toMatch(/^[a-zA-Z][a-zA-Z0-9_]+$/);
  });
});

describe('the address of an HTTP destination', () => {
  /** The address that a delivery goes to; null when the destination does not exist. */
  async function findPath(
    toUrl: (base: string) => Parameters<typeof http>[0]['url'],
    toEnvironment: (base: string) => Runtime['environment'],
  ): Promise<string | null> {
    const receiver = await startReceiver(respondWith(204));
    const base = receiver.url.replace(/\/hook$/, '');
    try {
      const declaration = http({ name: 'crm', url: toUrl(base) });
      const destination = declaration.create(runtime(toEnvironment(base)));
      if (destination === null) return null;
      expect(await destination.deliver(aRecord(), createContext())).toMatchObject({
        kind: 'delivered',
      });
      return receiver.received[0]?.path ?? null;
    } finally {
      await receiver.stop();
    }
  }
  const literal = (base: string) => `${base}/literal`;
  const parameter = () => stageParameter('crmUrl');

  it.each([
    ['the text', literal, () => ({}), '/literal'],
    ['the text, when the variable is empty', literal, () => ({ CRM_URL: '' }), '/literal'],
    [
      'the variable, which the stage local sets',
      literal,
      (base: string) => ({ CRM_URL: `${base}/set` }),
      '/set',
    ],
    [
      'the value of the stage parameter',
      parameter,
      (base: string) => ({ CRM_URL: `${base}/set` }),
      '/set',
    ],
    ['none when the stage parameter is empty', parameter, () => ({ CRM_URL: '' }), null],
    ['none when there is no variable', parameter, () => ({}), null],
  ])('is %s', async (_what, toUrl, toEnvironment, path) => {
    expect(await findPath(toUrl, toEnvironment)).toBe(path);
  });
});

describe('the list of destinations', () => {
  it('lacks those that do not exist in the stage, and keeps the others in their order', () => {
    const declarations = [
      http({ name: 'crm', url: stageParameter('crmUrl') }),
      sqs({ name: 'orders', queue: resource('OrdersQueue') }),
      http({ name: 'mail', url: 'https://example.test/' }),
    ];
    const namesIn = (environment: Runtime['environment']) =>
      createDestinations(declarations, runtime(environment)).map(({ name }) => name);
    expect(namesIn({})).toEqual(['orders', 'mail']);
    expect(namesIn({ CRM_URL: 'https://example.test/' })).toEqual(['crm', 'orders', 'mail']);
  });
});

describe('the secrets of an HTTP destination', () => {
  /** Delivers a record with these secrets and this environment, and returns what happened. */
  async function deliver(
    secrets: Pick<Parameters<typeof http>[0], 'secret' | 'signingSecrets'>,
    environment: Runtime['environment'],
  ) {
    const receiver = await startReceiver(respondWith(204));
    const declaration = http({
      name: 'crm',
      url: receiver.url,
      headers: (key) => ({ 'x-key': key }),
      ...secrets,
    });
    const outcome = await declaration
      .create(runtime(environment))
      ?.deliver(aRecord(), createContext());
    await receiver.stop();
    return { outcome, headers: receiver.received[0]?.headers ?? null };
  }

  it('are the values of their variables in the stage local', async () => {
    const { outcome, headers } = await deliver(
      { secret: secretsManager('crm'), signingSecrets: parameterStore('/signing') },
      { CRM_SECRET: 'inline:token-1', CRM_SIGNING_SECRETS: `inline:${SIGNING}` },
    );
    expect(outcome).toMatchObject({ kind: 'delivered' });
    expect(headers).toMatchObject({
      'x-key': 'token-1',
      'webhook-signature': expect.stringMatching(/^v1,/) as string,
    });
  });

  it.each([{}, { CRM_SIGNING_SECRETS: '' }])(
    'sign nothing when the stage parameter that names them is empty: %j',
    async (environment) => {
      const signingSecrets = secretsManager(stageParameter('signingSecretName'));
      const { outcome, headers } = await deliver({ signingSecrets }, environment);
      expect(outcome).toMatchObject({ kind: 'delivered' });
      expect(headers).not.toHaveProperty('webhook-signature');
    },
  );

  it.each([
    ['the key', { secret: secretsManager('crm') }],
    ['the key of a stage parameter', { secret: secretsManager(stageParameter('crmSecretName')) }],
    [
      'the signing secret, since nothing may go out unsigned',
      { signingSecrets: secretsManager('crm') },
    ],
  ])('make deliveries wait while a variable is missing: %s', async (_what, secrets) => {
    const { outcome, headers } = await deliver(secrets, {});
    expect(outcome).toMatchObject({
      kind: 'retry',
      reason: 'secret_unavailable',
      cause: 'ConfigError',
      alert: 'secret_unavailable',
      maybeDelivered: false,
    });
    expect(headers).toBeNull();
  });
});
