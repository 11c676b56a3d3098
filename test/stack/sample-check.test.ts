import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSampleFaults } from '../../lib/stack/sample-check.ts';
import { createZip } from '../support/create-zip.ts';
import { packageStack } from '../support/packaged-stack.ts';

const VARIABLES = {
  RECORDS_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/000000000000/relay-records',
  QUARANTINE_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/000000000000/relay-quarantine',
  WEBHOOK_SECRET_NAME: 'relay/webhook',
};
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sample-check-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Checks a bundle with this handler against the samples of events/, or of another folder. */
async function check(source: string, samples = 'events'): Promise<readonly string[]> {
  const archive = join(folder, `${crypto.randomUUID()}.zip`);
  await writeFile(archive, createZip({ 'functions/receive.cjs': source }));
  const handler = 'functions/receive.handler';
  return findSampleFaults({ name: 'receive', archive, handler, environment: VARIABLES }, samples);
}
const respond = (statusCode: number, body: object): string =>
  `exports.handler = async () => (${JSON.stringify({ statusCode, body: JSON.stringify(body) })});`;

describe('the packaged receive', () => {
  it.each([
    ['as it is', {}],
    [
      'whatever the stage sets',
      {
        SENDER_REGION: 'eu1',
        SENDER_IP_CHECK: 'enforce',
        MAX_WEBHOOK_AGE_DAYS: '1',
        CURRENCY: 'PLN',
        TRUSTED_PROXIES: '203.0.113.0/24',
        POWERTOOLS_LOG_LEVEL: 'SILENT',
      },
    ],
  ])(
    'handles every sample as expected, %s',
    async (_what, variables) => {
      const { templateFile } = await packageStack();
      const receive = {
        name: 'receive',
        archive: join(dirname(templateFile), 'receive.zip'),
        handler: 'functions/receive.handler',
        environment: { ...VARIABLES, ...variables },
      };
      expect(await findSampleFaults(receive, 'events')).toEqual([]);
    },
    60_000,
  );
});

describe('a receive is refused', () => {
  it('that refuses what is genuine', async () => {
    const faults = await check(respond(401, { status: 401 }));
    expect(faults).toContain(
      'receive responds to events/promotion.json with 401, expected 202 queued.',
    );
    expect(faults.join('\n')).not.toContain('forged');
    expect(faults.at(-1)).toContain('the checks of a release. a signed webhook: expected 202');
  });

  it('that accepts what is forged', async () => {
    const faults = await check(respond(202, { status: 'queued', test: true }));
    expect(faults).toContain(
      'receive responds to events/forged-signature.json with 202 queued, expected 401.',
    );
    expect(faults.join('\n')).toContain('a webhook with a forged signature: expected 401');
  });

  it('that acknowledges what it has not stored', async () => {
    const faults = await check(respond(202, { status: 'queued' }));
    expect(faults).toContain(
      'receive responds to events/promotion.json with 202 queued, and stores it on no queue, expected /000000000000/records.',
    );
  });

  it('that stores a webhook on the wrong queue', async () => {
    const faults = await check(`exports.handler = async () => {
      await fetch(process.env.QUARANTINE_QUEUE_URL, { method: 'POST', body: JSON.stringify({
        QueueUrl: process.env.QUARANTINE_QUEUE_URL, MessageBody: 'x' }) });
      return { statusCode: 202, body: '{"status":"queued"}' };
    };`);
    expect(faults).toContain(
      'receive responds to events/promotion.json with 202 queued, and stores it on /000000000000/quarantine, expected /000000000000/records.',
    );
  });

  it.each([
    ['throws', "exports.handler = async () => { throw new Error('no'); };"],
    ['ends', 'exports.handler = () => process.exit(3);'],
    ['returns something else', 'exports.handler = async () => ({ ok: true });'],
  ])('that %s', async (_what, source) => {
    const faults = await check(source);
    expect(faults).toContain(
      'receive responds to events/promotion.json with no response, expected 202 queued.',
    );
    expect(faults.at(-1)).toContain('it crashed or timed out');
  });

  it('when a sample of the project is none', async () => {
    const samples = await mkdtemp(join(folder, 'events-'));
    await writeFile(join(samples, 'own.json'), '{}');
    expect(await check(respond(401, {}), samples)).toEqual([
      expect.stringContaining('events/own.json is not a valid sample'),
    ]);
  });
});

it('a project without samples is checked with the webhooks of a release', async () => {
  const faults = await check(respond(401, { status: 401 }), join(folder, 'nothing'));
  expect(faults).toEqual([
    expect.stringMatching(/^receive does not pass the checks of a release\. a signed webhook/),
  ]);
});
