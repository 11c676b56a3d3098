import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SECRET_DEADLINE_MS, SEND_DEADLINE_MS } from '../../lib/platform/aws-timeouts.ts';
import { rejectOnAbort, TimeoutError, withDeadline } from '../../lib/platform/deadline.ts';
import { createSecretFetcher as createSecretsManagerFetcher } from '../../lib/platform/secrets-manager.ts';
import { createSender, createSqsClient } from '../../lib/platform/sqs.ts';
import { createSecretFetcher as createSsmFetcher } from '../../lib/platform/ssm.ts';
import { createReceive } from '../../lib/receive/receive.ts';
import { createSigningKeys } from '../../lib/receive/signing-keys.ts';
import { type Behaviour, neverRespond, startReceiver } from '../support/http-receiver.ts';
import { recordingTelemetry } from '../support/recording-telemetry.ts';
import { sample } from '../support/samples.ts';
import { aSenderIpCheck } from '../support/sender-ip-check.ts';

const AWS_JSON = { 'content-type': 'application/x-amz-json-1.1' };
/** Sends the headers of a good response and never the rest. */
const stallAfterHeaders: Behaviour = (_request, response) =>
  response.writeHead(200, AWS_JSON).flushHeaders();
/** Sends a byte of white space now and then, so that no wait for a byte is long. */
const drip: Behaviour = (_request, response) => {
  response.writeHead(200, AWS_JSON).flushHeaders();
  const timer = setInterval(() => response.write(' '), 100);
  response.on('close', () => clearInterval(timer));
};
const HANGING: readonly [string, Behaviour][] = [
  ['never responds', neverRespond],
  ['sends headers only', stallAfterHeaders],
  ['drips', drip],
];
/** What a busy machine may add. */
const SLACK_MS = 1_500;

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Runs a call to an AWS service that behaves like this, and returns what it resolves to and how long it took. */
async function timeCall<Value>(
  behave: Behaviour,
  call: (url: string) => Promise<Value>,
): Promise<{ result: Value | 'rejected'; ms: number }> {
  const service = await startReceiver(behave);
  const environment = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: new URL(service.url).origin,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const startedAt = performance.now();
  const result = await call(service.url).catch(() => 'rejected' as const);
  const ms = performance.now() - startedAt;
  await service.stop();
  return { result, ms };
}

describe('an operation that a signal can end', () => {
  it.each([
    ['resolves', async () => 1],
    [
      'rejects',
      async () => {
        throw new TypeError('no');
      },
    ],
    ['is ended', () => new Promise<never>(() => {})],
  ])('leaves nothing behind at a signal that lives on when it %s', async (end, run) => {
    const controller = new AbortController();
    const ended = rejectOnAbort(run(), controller.signal).catch(() => {});
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    if (end === 'is ended') controller.abort();
    await ended;
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('rejects when the signal has aborted already', async () => {
    const never = new Promise<never>(() => {});
    await expect(rejectOnAbort(never, AbortSignal.abort())).rejects.toThrow(TimeoutError);
  });
});

describe.each(HANGING)('a service that %s', (_name, behave) => {
  it.each([
    ['Secrets Manager', createSecretsManagerFetcher],
    ['Systems Manager', createSsmFetcher],
  ])('does not hold the read of a secret from %s', async (_store, createFetcher) => {
    const { result, ms } = await timeCall(behave, async () => createFetcher()('/relay/webhook'));
    expect(result).toBe('rejected');
    expect(ms).toBeLessThan(SECRET_DEADLINE_MS + SLACK_MS);
  });

  it('does not hold a message to a queue', async () => {
    const { result, ms } = await timeCall(behave, async (url) =>
      createSender(createSqsClient(), url)('{}'),
    );
    expect(result).toBe('rejected');
    expect(ms).toBeLessThan(SEND_DEADLINE_MS + SLACK_MS);
  }, 15_000);

  it('makes receive respond 503 well before the sender gives up', async () => {
    const telemetry = recordingTelemetry();
    const now = (): Date => new Date();
    const { result, ms } = await timeCall(behave, async () => {
      const fetchSecret = createSecretsManagerFetcher();
      const receive = createReceive({
        signingKeys: createSigningKeys({
          read: () => fetchSecret('relay/webhook'),
          telemetry,
          now,
        }),
        enqueueRecord: () => expect.unreachable(),
        enqueueQuarantine: () => expect.unreachable(),
        senderIpCheck: aSenderIpCheck(),
        normalise: { currency: null, maxWebhookAgeDays: null, mappings: new Map() },
        telemetry: { ...telemetry, webhookReceived: () => {} },
        now,
      });
      return receive(sample('code-percent-discount'));
    });
    expect(result).toMatchObject({ statusCode: 503 });
    expect(ms).toBeLessThan(SECRET_DEADLINE_MS + SLACK_MS);
    expect(telemetry.errors.map(({ code }) => code)).toEqual(['webhook_secret_unavailable']);
  });
});

describe('withDeadline', () => {
  it('settles as the call does when that is in time, and leaves no timer', async () => {
    vi.useFakeTimers();
    expect(await withDeadline(1_000, async () => 'value')).toBe('value');
    await expect(withDeadline(1_000, () => Promise.reject(new RangeError('x')))).rejects.toThrow(
      RangeError,
    );
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('rejects when the time is over, and aborts the call', async () => {
    let given: AbortSignal | undefined;
    const hanging = withDeadline(10, async (signal) => {
      given = signal;
      return new Promise(() => {});
    });
    await expect(hanging).rejects.toThrow(TimeoutError);
    expect(given?.aborted).toBe(true);
  });
});
