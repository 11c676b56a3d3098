import * as v from 'valibot';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CheckReport, CheckRequest } from '../../lib/operator/check.ts';
import type { CheckResult } from '../../lib/operator/stage-checks.ts';
import {
  chooseSenderIp,
  createTestBody,
  toHttpApiEvent,
  toTestCode,
} from '../../lib/operator/test-webhook.ts';
import { createReceive } from '../../lib/receive/receive.ts';
import { RelayRecordSchema } from '../../lib/record/record.ts';
import { redeemableCode } from '../../lib/record/redeemable-code.ts';
import { sign, toSigningKey } from '../../lib/voucherify/signature.ts';
import { type Aws, startAws } from '../support/aws.ts';
import { EMPTY, type FakeApis, startFakeApis } from '../support/fake-apis.ts';
import { respondWith, type HttpReceiver, startReceiver } from '../support/http-receiver.ts';
import { recordingTelemetry } from '../support/recording-telemetry.ts';
import { aSenderIpCheck } from '../support/sender-ip-check.ts';
import {
  type OpenStageCommands,
  openStageCommands,
  RECEIVE_FUNCTION,
  stageVariables,
  TOPIC_ARN,
} from '../support/stage-commands.ts';

const SECRET = 'an-invented-webhook-secret';
const INDEX_KEY = 'invented-index-key-of-these-tests-1';
const UNAUTHORIZED = respondWith(
  401,
  { 'content-type': 'application/problem+json' },
  JSON.stringify({ type: 'about:blank', status: 401, detail: 'The header is missing.' }),
);
const QUEUED = {
  error: false,
  payload: {
    statusCode: 202,
    headers: {},
    body: JSON.stringify({ status: 'queued', id: 'whs_1', test: true }),
  },
};
const SUBSCRIPTION = `${TOPIC_ARN}:6b0e71bd`;
const HEALTHY = {
  subscriptions: [SUBSCRIPTION],
  secrets: { 'relay/webhook': SECRET, 'relay/index-key': INDEX_KEY },
  accountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 800 },
  invoke: async () => QUEUED,
};

let aws: Aws;
let apis: FakeApis;
let endpoint: HttpReceiver;
let respond = UNAUTHORIZED;
let open: OpenStageCommands[] = [];
/** Waiting takes no time: the clock goes on instead. */
let elapsedMs = 0;
beforeAll(async () => {
  [aws, apis, endpoint] = await Promise.all([
    startAws(),
    startFakeApis(),
    startReceiver((...call) => respond(...call)),
  ]);
  await aws.createTable('deliveries');
});
afterAll(async () => {
  for (const commands of open) commands.close();
  await Promise.all([aws.stop(), apis.stop(), endpoint.stop()]);
});
beforeEach(() => {
  Object.assign(apis, EMPTY, HEALTHY);
  apis.calls.length = 0;
  endpoint.received.length = 0;
  respond = UNAUTHORIZED;
  elapsedMs = 0;
});

const start = (changes: Record<string, string> = {}): OpenStageCommands => {
  const variables = { ...stageVariables('https://sqs.invalid/1'), WEBHOOK_ENDPOINT: endpoint.url };
  const startedMs = Date.now();
  const commands = openStageCommands({ ...variables, ...changes }, apis.endpoint, {
    ...aws,
    now: () => new Date(startedMs + elapsedMs),
    wait: async (ms) => {
      elapsedMs += ms;
    },
  });
  open = [...open, commands];
  return commands;
};
/** Calls again until every check is decided, as the command line does. */
const checkAll = async (
  changes: Record<string, string> = {},
  destinations: CheckRequest['destinations'] = [],
): Promise<{ readonly checks: readonly CheckResult[]; readonly calls: number }> => {
  const { check } = start(changes);
  const checks: CheckResult[] = [];
  let continuation: CheckReport['continuation'] = null;
  for (let calls = 1; ; calls += 1) {
    const report: CheckReport = await check({ command: 'check', destinations, continuation });
    checks.push(...report.checks);
    if (report.continuation === null) return { checks, calls };
    continuation = JSON.parse(JSON.stringify(report.continuation)) as CheckReport['continuation'];
  }
};
const find = (checks: readonly CheckResult[], name: string): CheckResult => {
  const found = checks.filter(({ check }) => check === name);
  expect(found, name).toHaveLength(1);
  return found[0] ?? expect.unreachable();
};

describe('of a stage whose fanOut does not run', () => {
  it('every other check is ok, and each call is one that the role allows', async () => {
    const { checks } = await checkAll();
    expect(checks.map(({ check, result, detail }) => `${check} ${result} ${detail}`)).toEqual([
      'alarm_recipient ok 1 confirmed, 0 not confirmed',
      'webhook_secret ok 1 key',
      'index_key ok 1 key',
      'concurrency ok 200 needed; the quota is 1000, of which 800 are unreserved',
      'endpoint ok null',
      `test_webhook ok whs_${'1'.padStart(32, '0')}`,
      'routing failed null',
    ]);
    expect(find(checks, 'routing')).toMatchObject({
      reason: 'not_routed',
      fix: expect.stringContaining('backlog') as unknown,
    });
    expect(new Set(apis.calls)).toEqual(
      new Set([
        `sns:ListSubscriptionsByTopic ${TOPIC_ARN}`,
        'secretsmanager:GetSecretValue relay/webhook',
        'secretsmanager:GetSecretValue relay/index-key',
        'lambda:GetAccountSettings',
        `lambda:InvokeFunction ${RECEIVE_FUNCTION}`,
      ]),
    );
  });

  it('one test webhook is sent in two calls, each shorter than 16 seconds', async () => {
    const destinations = [{ name: 'crm', id: 'crm', takesTests: true }];
    const { checks, calls } = await checkAll({}, destinations);
    expect(calls).toBe(2);
    expect(apis.calls.filter((call) => call.startsWith('lambda:InvokeFunction'))).toHaveLength(1);
    expect(elapsedMs).toBe(20_000);
    expect(find(checks, 'destination')).toMatchObject({ destination: 'crm', reason: 'not_routed' });
  });

  it('the endpoint gets one POST without a signature', async () => {
    await checkAll();
    expect(endpoint.received).toMatchObject([{ method: 'POST', body: '{}' }]);
    expect(endpoint.received[0]?.headers).not.toHaveProperty('x-voucherify-signature');
  });
});

interface Case {
  readonly state?: Partial<FakeApis>;
  readonly variables?: Record<string, string>;
  readonly respond?: typeof UNAUTHORIZED;
}
const denied = (action: string): Case => ({ state: { denied: [action] } });
const secrets = (webhook: string, index = INDEX_KEY): Case => ({
  state: { secrets: { 'relay/webhook': webhook, 'relay/index-key': index } },
});
const invoked = (error: boolean, payload: unknown): Case => ({
  state: { invoke: async () => ({ error, payload }) },
});

describe('what is wrong is named, with its fix', () => {
  it.each<[check: string, what: string, Case, result: string, detail: string | null]>([
    ['alarm_recipient', 'nobody', { state: { subscriptions: [] } }, 'failed no_subscription', null],
    [
      'alarm_recipient',
      'nobody, on purpose',
      { state: { subscriptions: [] }, variables: { ALARMS: 'none' } },
      'not_checked alarms_off',
      null,
    ],
    [
      'alarm_recipient',
      'a mail that was not confirmed',
      { state: { subscriptions: ['PendingConfirmation', 'Deleted'] } },
      'failed pending_confirmation',
      '0 confirmed, 1 not confirmed',
    ],
    [
      'alarm_recipient',
      'no permission',
      denied('sns:ListSubscriptionsByTopic'),
      'not_checked not_readable',
      'AuthorizationErrorException: sns:ListSubscriptionsByTopic is missing',
    ],
    ['webhook_secret', 'an empty one', secrets(''), 'failed secret_missing', 'empty'],
    [
      'webhook_secret',
      'none',
      { state: { secrets: { 'relay/index-key': INDEX_KEY } } },
      'failed secret_missing',
      'ResourceNotFoundException',
    ],
    [
      'webhook_secret',
      'JSON',
      secrets('{"webhook":"private-text"}\n{'),
      'failed secret_malformed',
      'line 1 has brackets, as in JSON or a placeholder; line 2 has brackets, as in JSON or a placeholder',
    ],
    [
      'webhook_secret',
      'no permission',
      denied('secretsmanager:GetSecretValue'),
      'not_checked not_readable',
      'AccessDeniedException: secretsmanager:GetSecretValue or ssm:GetParameter is missing',
    ],
    ['index_key', 'too short', secrets(SECRET, 'short'), 'failed index_key_malformed', null],
    [
      'index_key',
      'none',
      { state: { secrets: { 'relay/webhook': SECRET } } },
      'failed index_key_missing',
      'ResourceNotFoundException',
    ],
    [
      'index_key',
      'a store that is down',
      { state: { broken: ['secretsmanager:GetSecretValue'] } },
      'not_checked not_readable',
      'InternalFailure',
    ],
    [
      'concurrency',
      'a quota of a new account',
      { state: { accountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 } } },
      'failed quota_too_low',
      '200 needed; the quota is 10, of which 10 are unreserved',
    ],
    [
      'concurrency',
      'what others have reserved',
      {
        state: {
          accountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 199 },
        },
      },
      'failed quota_too_low',
      '200 needed; the quota is 1000, of which 199 are unreserved',
    ],
    [
      'concurrency',
      'no permission',
      denied('lambda:GetAccountSettings'),
      'not_checked not_readable',
      'AccessDeniedException: lambda:GetAccountSettings is missing',
    ],
    ['endpoint', 'a 404', { respond: respondWith(404) }, 'failed endpoint_status', 'status 404'],
    [
      'endpoint',
      'a redirect, which is not followed',
      { respond: respondWith(302, { location: 'https://other.example.test/' }) },
      'failed endpoint_status',
      'status 302',
    ],
    [
      'endpoint',
      'a 401 of something else',
      { respond: respondWith(401, {}, '{"message":"Unauthorized"}') },
      'failed endpoint_elsewhere',
      null,
    ],
    [
      'test_webhook',
      'a webhook secret that is not valid',
      secrets('short'),
      'not_checked secret_unusable',
      null,
    ],
    [
      'test_webhook',
      'no permission',
      denied('lambda:InvokeFunction'),
      'not_checked not_readable',
      'AccessDeniedException: lambda:InvokeFunction is missing',
    ],
    [
      'test_webhook',
      'a Lambda that is down',
      { state: { broken: ['lambda:InvokeFunction'] } },
      'failed receive_unreachable',
      'InternalFailure',
    ],
    [
      'test_webhook',
      'a receive that crashes',
      invoked(true, { errorType: 'Runtime.ExitError' }),
      'failed receive_failed',
      `whs_${'1'.padStart(32, '0')}`,
    ],
    [
      'test_webhook',
      'a receive with another secret',
      invoked(false, { statusCode: 401, headers: {}, body: '{}' }),
      'failed test_webhook_refused',
      `status 401; whs_${'1'.padStart(32, '0')}`,
    ],
    [
      'routing',
      'an index key that is not valid',
      secrets(SECRET, 'short'),
      'not_checked index_key_unusable',
      null,
    ],
    [
      'routing',
      'a table that is gone',
      { variables: { DELIVERIES_TABLE: 'gone' } },
      'not_checked not_readable',
      'ResourceNotFoundException',
    ],
  ])('%s: %s', async (name, _what, given, expected, detail) => {
    Object.assign(apis, given.state);
    respond = given.respond ?? UNAUTHORIZED;
    const { checks } = await checkAll(given.variables);
    const { result, reason, fix, ...found } = find(checks, name);
    expect(`${result} ${reason}`).toBe(expected);
    expect(found.detail).toBe(detail);
    expect(fix).not.toBeNull();
    expect(JSON.stringify(checks)).not.toContain('private-text');
  });

  it('endpoint: nothing there', async () => {
    const gone = await startReceiver();
    await gone.stop();
    const { checks } = await checkAll({ WEBHOOK_ENDPOINT: gone.url });
    expect(find(checks, 'endpoint')).toMatchObject({
      result: 'failed',
      reason: 'endpoint_unreachable',
      detail: 'ECONNREFUSED',
    });
  });

  it('the test webhook was not sent, so nothing behind it is checked', async () => {
    Object.assign(apis, { denied: ['lambda:InvokeFunction'] });
    const { checks, calls } = await checkAll({}, [
      { name: 'crm', id: 'crm', takesTests: true },
      { name: 'mail', id: 'mail', takesTests: false },
    ]);
    expect(calls).toBe(1);
    expect(
      checks.slice(-3).map(({ check, destination, reason }) => [check, destination, reason]),
    ).toEqual([
      ['routing', null, 'test_webhook_not_sent'],
      ['destination', 'crm', 'test_webhook_not_sent'],
      ['destination', 'mail', 'takes_no_tests'],
    ]);
  });

  it('the stage local has no Lambda API, and without npm start no endpoint', async () => {
    const { checks } = await checkAll({ RECEIVE_FUNCTION: '', WEBHOOK_ENDPOINT: '' });
    const reasons = checks.map(({ check, reason }) => `${check} ${reason}`);
    expect(reasons).toEqual(
      expect.arrayContaining(['concurrency local', 'endpoint local', 'test_webhook local']),
    );
  });
});

describe('the test webhook', () => {
  const ID = `whs_${'7'.repeat(32)}`;
  const receiveTest = async (sourceIp: string, settings: Parameters<typeof aSenderIpCheck>[0]) => {
    const at = new Date();
    const records: string[] = [];
    const errors: unknown[] = [];
    const receive = createReceive({
      signingKeys: async () => [toSigningKey(SECRET)],
      enqueueRecord: async (message) => void records.push(message),
      enqueueQuarantine: async () => expect.unreachable('it is valid'),
      senderIpCheck: aSenderIpCheck(settings),
      normalise: { currency: 'EUR', maxWebhookAgeDays: 15, mappings: new Map() },
      telemetry: {
        ...recordingTelemetry(),
        webhookReceived: () => {},
        error: (error) => void errors.push(error),
      },
      now: () => at,
    });
    const body = createTestBody(ID, at);
    const response = await receive(toHttpApiEvent(body, sign(body, SECRET), { id: ID, sourceIp }));
    return { response, records, errors };
  };

  it.each([
    ['that are not checked', null, [], []],
    ['of a region', 'us1', [], []],
    ['of a region behind a proxy', 'eu1', [], ['203.0.113.0/24']],
    ['of a dedicated region', null, ['198.51.100.7'], []],
    ['of a range', null, ['2001:db8:12::/48', '198.51.100.7'], []],
    ['of both', 'as1', ['198.51.100.0/24'], []],
  ] as const)(
    'passes the check of addresses %s',
    async (_what, region, addresses, trustedProxies) => {
      const sourceIp = chooseSenderIp(region, addresses);
      const settings = { mode: 'enforce', region, addresses, trustedProxies } as const;
      const { response, errors } = await receiveTest(sourceIp, settings);
      expect([response.statusCode, errors]).toEqual([202, []]);
      expect(JSON.parse(response.body)).toEqual({ status: 'queued', id: ID, test: true });
    },
  );

  it('is a test with a redeemable code, its own id, and no warning', async () => {
    const { records } = await receiveTest('127.0.0.1', {});
    const record = v.parse(RelayRecordSchema, JSON.parse(records[0] ?? 'null'));
    expect(record).toMatchObject({ id: ID, data: { purpose: 'code', test: true, warnings: [] } });
    expect(redeemableCode(record)).toBe(toTestCode(ID));
    expect(record.data.customer).toMatchObject({ email: 'relay-check@example.com' });
  });
});
