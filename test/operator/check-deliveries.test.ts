import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LOCAL_SECRET, WEBHOOK_PATH } from '../../lib/local/cli/paths.ts';
import { type LocalPipeline, startLocalPipeline } from '../../lib/local/emulator/local-pipeline.ts';
import type { CheckReport } from '../../lib/operator/check.ts';
import type { CheckResult } from '../../lib/operator/stage-checks.ts';
import { copyProject, type ProjectCopy } from '../local/support/project-copy.ts';
import { LOCAL_CLIENT } from '../support/aws.ts';
import { EMPTY, type FakeApis, startFakeApis } from '../support/fake-apis.ts';
import {
  type OpenStageCommands,
  openStageCommands,
  stageVariables,
} from '../support/stage-commands.ts';

const DECLARED = `import { defineDestinations, http, json } from 'voucher-relay';
const url = 'https://receiver.example.test';
export const destinations = defineDestinations([
  http({ name: 'works', url, acceptsTestEvents: true }),
  http({ name: 'rejects', url, acceptsTestEvents: true }),
  http({ name: 'renamed', formerly: 'is-down', url, acceptsTestEvents: true }),
  http({ name: 'paused', url, acceptsTestEvents: true }),
  http({ name: 'batches', url, acceptsTestEvents: true, batch: { size: 20, windowSeconds: 60 }, requestMany: (records) => json({ records }) }),
  http({ name: 'only-promotions', url, acceptsTestEvents: true, accepts: ({ data }) => data.purpose === 'promotion' }),
  http({ name: 'takes-none', url }),
]);
`;
const DESTINATIONS = [
  'works',
  'rejects',
  'renamed',
  'paused',
  'batches',
  'only-promotions',
  'takes-none',
].map((name) => ({
  name,
  id: name === 'renamed' ? 'is-down' : name,
  takesTests: name !== 'takes-none',
}));
/** The 20 seconds for which deliveries are followed take four. */
const SPEED = 5;

let copy: ProjectCopy;
let pipeline: LocalPipeline;
let apis: FakeApis;
let clients: { readonly sqs: SQSClient; readonly dynamo: DynamoDBClient };
let open: OpenStageCommands[] = [];

beforeAll(async () => {
  [copy, apis] = await Promise.all([copyProject(), startFakeApis()]);
  await writeFile(join(copy.folder, 'functions/destinations.ts'), DECLARED);
  pipeline = await startLocalPipeline({ projectFolder: copy.folder });
  pipeline.mockDestinations.setBehaviour('rejects', () => ({ kind: 'respond', status: 422 }));
  pipeline.mockDestinations.setBehaviour('is-down', () => ({ kind: 'respond', status: 503 }));
  pipeline.mockDestinations.setBehaviour('renamed', () => ({ kind: 'respond', status: 503 }));
  await pipeline.backlogs.pause('paused');
  const { sqsEndpoint, dynamoEndpoint } = pipeline.endpoints;
  clients = {
    sqs: new SQSClient({ ...LOCAL_CLIENT, endpoint: sqsEndpoint }),
    dynamo: new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: dynamoEndpoint }),
  };
}, 60_000);
afterAll(async () => {
  for (const commands of open) commands.close();
  clients.sqs.destroy();
  clients.dynamo.destroy();
  await Promise.all([pipeline.stop(), apis.stop()]);
  await copy.remove();
});
beforeEach(() => Object.assign(apis, EMPTY));

const check = async (
  changes: Record<string, string>,
  destinations = DESTINATIONS,
): Promise<readonly CheckResult[]> => {
  const startedMs = Date.now();
  const variables = {
    ...stageVariables('https://sqs.invalid/1'),
    DELIVERIES_TABLE: 'voucher-relay-local-deliveries',
    INDEX_SECRET: 'inline:local-index-key-0123456789abcdef',
    WEBHOOK_SECRET: LOCAL_SECRET,
    WEBHOOK_ENDPOINT: pipeline.httpEndpoint + WEBHOOK_PATH,
    ...changes,
  };
  const commands = openStageCommands(variables, apis.endpoint, {
    ...clients,
    now: () => new Date(startedMs + (Date.now() - startedMs) * SPEED),
    wait: (ms) => wait(ms / SPEED),
  });
  open = [...open, commands];
  const checks: CheckResult[] = [];
  let continuation: CheckReport['continuation'] = null;
  do {
    const report: CheckReport = await commands.check({
      command: 'check',
      destinations,
      continuation,
    });
    checks.push(...report.checks);
    ({ continuation } = report);
  } while (continuation !== null);
  return checks;
};
const toText = ({ destination, result, reason, detail }: CheckResult): string =>
  [destination, result, reason, detail].filter((each) => each !== null).join(' ');

describe('a check follows its test webhook through the running pipeline', () => {
  it('to each destination, and says what it resulted in', async () => {
    const checks = await check({ RECEIVE_FUNCTION: '' });
    const stage = checks.filter(({ destination }) => destination === null);
    expect(stage.map(({ check: name, result }) => `${name} ${result}`)).toEqual([
      'alarm_recipient failed',
      'webhook_secret ok',
      'index_key ok',
      'concurrency not_checked',
      'endpoint ok',
      'test_webhook ok',
      'routing ok',
    ]);
    const destinations = checks.filter(({ destination }) => destination !== null);
    expect(destinations.map(toText).sort()).toEqual([
      'batches failed not_attempted',
      'only-promotions not_checked not_accepted',
      'paused not_checked paused',
      'rejects failed given_up rejected, status 422',
      'renamed failed waiting http_status, status 503',
      'takes-none not_checked takes_no_tests',
      'works ok',
    ]);
    expect(pipeline.mockDestinations.received('works')).toHaveLength(1);
  }, 30_000);

  it('when it invokes receive, as in a deployed stage, and ends as soon as all is decided', async () => {
    apis.invoke = async (event) => {
      const invocation = await pipeline.functions.get('receive')?.invoke(event);
      const result = invocation?.result;
      return result?.kind === 'returned'
        ? { error: false, payload: result.payload }
        : { error: true, payload: {} };
    };
    const startedMs = Date.now();
    const works = DESTINATIONS.filter(({ name }) => name === 'works');
    const checks = await check({}, works);
    expect(checks.filter(({ destination }) => destination !== null).map(toText)).toEqual([
      'works ok',
    ]);
    expect(Date.now() - startedMs).toBeLessThan(20_000 / SPEED);
  }, 30_000);
});
