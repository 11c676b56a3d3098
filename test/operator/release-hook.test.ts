import { describe, expect, it } from 'vitest';
import { createReleaseHook } from '../../lib/operator/release-hook.ts';
import type { SendWebhook } from '../../lib/operator/send-webhook.ts';
import type { HookStatus } from '../../lib/platform/codedeploy.ts';
import { sign } from '../../lib/voucherify/signature.ts';
import { recordingTelemetry } from '../support/recording-telemetry.ts';

const SECRET = 'an-invented-webhook-secret';
const QUEUED = { status: 202, body: JSON.stringify({ status: 'queued', id: 'whs_1', test: true }) };
const REFUSED = { status: 401, body: '{}' };
/** A version of receive that does what it should. */
const works: SendWebhook = async ({ body, signature }) =>
  signature === sign(body, SECRET) ? QUEUED : REFUSED;
const respondAlways =
  (response: Awaited<ReturnType<SendWebhook>>): SendWebhook =>
  async () =>
    response;

/** Runs the hook, and returns what it reports to CodeDeploy, what it logs and what it sent. */
async function run(send: SendWebhook, readWebhookSecret = async (): Promise<string> => SECRET) {
  const reported: [string, string, HookStatus][] = [];
  const sent: Parameters<SendWebhook>[0][] = [];
  const telemetry = recordingTelemetry();
  let ids = 0;
  const hook = createReleaseHook({
    send: (webhook, signal) => {
      sent.push(webhook);
      return send(webhook, signal);
    },
    readWebhookSecret,
    report: async (...call) => void reported.push(call),
    telemetry,
    createId: () => `whs_${String((ids += 1)).padStart(32, '0')}`,
    now: () => new Date('2026-03-05T09:00:00.000Z'),
  });
  await hook({ DeploymentId: 'd-1', LifecycleEventHookExecutionId: 'execution-1' });
  const issues = telemetry.errors.flatMap((error) => error.issues ?? []);
  return { reported, sent, errors: telemetry.errors, issues };
}
const report = (status: HookStatus) => [['d-1', 'execution-1', status]];

describe('a new version of receive', () => {
  it('gets webhooks when it refuses what is not signed and queues what is', async () => {
    const { reported, errors } = await run(works);
    expect(reported).toEqual(report('Succeeded'));
    expect(errors).toEqual([]);
  });

  it('is sent only the test webhook, each time under another id', async () => {
    const { sent } = await run(works);
    expect(sent.map(({ signature }) => signature === null)).toEqual([true, false, false]);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(3);
    for (const { id, body } of sent) {
      expect(JSON.parse(body)).toMatchObject({
        id,
        source: { id: `distr_${'0'.repeat(18)}` },
        data: { customer: { email: 'relay-check@example.com' } },
      });
    }
  });

  const unsigned = 'a webhook without a signature: expected 401, but it';
  const forged = 'a webhook with a forged signature: expected 401, but it';
  const signed = 'a signed webhook: expected 202 and its record queued as a test, but it';
  it.each<[string, SendWebhook, string[]]>([
    [
      'accepts everything',
      respondAlways(QUEUED),
      [`${unsigned} responded 202`, `${forged} responded 202`],
    ],
    ['refuses everything', respondAlways(REFUSED), [`${signed} responded 401`]],
    [
      'quarantines the test',
      async (webhook, signal) => {
        const response = await works(webhook, signal);
        return response === QUEUED
          ? { status: 202, body: '{"status":"quarantined","id":"whs_1"}' }
          : response;
      },
      [`${signed} responded 202`],
    ],
    [
      'crashes',
      respondAlways(null),
      [unsigned, forged, signed].map((text) => `${text} crashed or timed out`),
    ],
    [
      'cannot be invoked',
      () => Promise.reject(new RangeError('no')),
      [unsigned, forged, signed].map((text) => `${text} could not be invoked (RangeError)`),
    ],
  ])('that %s is refused', async (_what, send, faults) => {
    const { reported, errors, issues } = await run(send);
    expect(reported).toEqual(report('Failed'));
    expect(errors).toMatchObject([{ code: 'release_refused' }]);
    expect(issues.map((issue) => issue.replace(/; whs_\d{32}$/, ''))).toEqual(faults);
  });

  it.each([
    ['cannot be read', () => Promise.reject(new Error('no')), 'the webhook secret: not_readable'],
    ['is empty', async () => '', 'the webhook secret: secret_missing'],
    ['is malformed', async () => '{', 'the webhook secret: secret_malformed'],
  ])('is refused, and sent nothing, when the secret %s', async (_what, read, issue) => {
    const { reported, sent, issues } = await run(works, read);
    expect(reported).toEqual(report('Failed'));
    expect(sent).toEqual([]);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain(issue);
  });
});
