import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { http } from '../../lib/destinations/http.ts';
import {
  type DeliveryOutcome,
  type Failure,
  rejected,
  retry,
} from '../../lib/destinations/outcome.ts';
import type { DestinationOptions } from '../../lib/destinations/destination.ts';
import { sqs } from '../../lib/destinations/sqs.ts';
import { REPETITION_SECONDS, RETENTION_SECONDS } from '../../lib/deliveries/row.ts';
import { RETRY_SCHEDULE } from '../../lib/fan-out/retry-schedule.ts';
import { createSqsClient } from '../../lib/platform/sqs.ts';
import {
  DEAD_LETTER_REASON_MEANINGS,
  FAILURE_REASON_MEANINGS,
  type DeadLetterReason,
  type FailureReason,
} from '../../lib/telemetry/reason-codes.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { aDestination, createTestFanOut, NOW } from '../support/fan-out.ts';
import {
  respondWith,
  type Behaviour,
  type HttpReceiver,
  startReceiver,
} from '../support/http-receiver.ts';
import { readTable, toTableRows } from './tables.ts';

const DOCUMENT = readFileSync('docs/guarantees.md', 'utf8');
const UNIT_SECONDS: { readonly [unit: string]: number } = { s: 1, min: 60, h: 3_600 };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function startReceiverWith(behave: Behaviour): Promise<HttpReceiver> {
  const receiver = await startReceiver(behave);
  stops.push(receiver.stop);
  return receiver;
}

/** The cells of the row that begins with that word. */
function findRow(first: string): string[] {
  const line = DOCUMENT.split('\n').find((row) => row.startsWith(`| ${first} |`)) ?? '';
  return line
    .split('|')
    .slice(2, -1)
    .map((cell) => cell.trim());
}

describe('the numbers in docs/guarantees.md', () => {
  it('are those of the retry schedule', () => {
    const delaysSeconds = findRow('wait').map((cell) => {
      const [count = '', unit = ''] = cell.split(' ');
      return Number(count) * (UNIT_SECONDS[unit] ?? Number.NaN);
    });
    expect(delaysSeconds).toEqual(RETRY_SCHEDULE.delaysSeconds);
    expect(DOCUMENT).toContain(`up to ${RETRY_SCHEDULE.delaysSeconds.length + 1} times`);
  });

  it('are the retention times of deliveries', () => {
    const days = (seconds: number) => `${seconds / 86_400} days`;
    expect(DOCUMENT).toContain(`| ${days(RETENTION_SECONDS)} from the delivery`);
    expect(DOCUMENT).toContain(`| a \`deduplicateBy\` key | ${days(RETENTION_SECONDS)} |`);
    const hours = `received less than ${REPETITION_SECONDS / 3_600} hours before or after`;
    expect(DOCUMENT).toContain(
      `| ${days(RETENTION_SECONDS)} from the delivery, but only for webhooks that were ${hours}`,
    );
  });
});

describe('the tables of reasons in docs/guarantees.md', () => {
  it.each([
    ['of dead letters', '| `reason` of a dead letter | meaning |', DEAD_LETTER_REASON_MEANINGS],
    ['of failures', '| `reason` of a failure | meaning |', FAILURE_REASON_MEANINGS],
  ])('have exactly the reasons %s, with their meanings', (_which, heading, meanings) => {
    expect(readTable(DOCUMENT, heading)).toEqual(toTableRows(meanings));
  });
});

const HTTP_503 = { reason: 'http_status', cause: null, status: 503 } as const;
const aRetry = (changes: object = {}) => ({
  record: aRecord(),
  destination: 'crm',
  attempt: 2,
  firstAt: new Date(NOW.getTime() - 60_000).toISOString(),
  notBefore: NOW.toISOString(),
  lastFailure: HTTP_503,
  ...changes,
});
const throwRangeError = (): never => {
  throw new RangeError('broken');
};
const retryAfter503 = () => retry('http_status', { status: 503 });
const withoutStatus = (reason: FailureReason, cause: string | null = null): Failure => {
  return { reason, cause, status: null };
};

describe('the reasons of dead letters', () => {
  it.each<[DeadLetterReason, Failure | null | 'absent', Partial<DestinationOptions>, unknown]>([
    ['unrouted', null, { accepts: () => false }, aRecord()],
    ['unknown_destination', HTTP_503, { name: 'other' }, aRetry()],
    [
      'rejected',
      withoutStatus('accepts_threw', 'RangeError'),
      { accepts: throwRangeError },
      aRecord(),
    ],
    [
      'rejected',
      withoutStatus('deduplicate_by_threw', 'RangeError'),
      { deduplicateBy: throwRangeError },
      aRecord(),
    ],
    ['attempts_exhausted', HTTP_503, {}, aRetry({ attempt: 11 })],
    ['too_old', HTTP_503, {}, aRetry({ firstAt: '2026-03-01T00:00:00.000Z' })],
    [
      'voucher_expired',
      HTTP_503,
      {},
      aRetry({
        record: aRecord({ data: { voucher: aVoucher({ expiresAt: '2026-03-05T09:30:00.000Z' }) } }),
      }),
    ],
    ['invalid_message', 'absent', {}, '{}'],
  ])(
    'are written as documented: %s, last failure %j',
    async (reason, lastFailure, rules, message) => {
      const { handle, deadLetters } = createTestFanOut([
        aDestination({ name: 'crm', ...rules }, retryAfter503),
      ]);
      expect(await handle(message)).toEqual([]);
      expect(deadLetters).toMatchObject([{ reason }]);
      const lastFailures = deadLetters.map((deadLetter) =>
        'lastFailure' in deadLetter ? deadLetter.lastFailure : 'absent',
      );
      expect(lastFailures).toEqual([lastFailure]);
    },
  );

  it.each<[DeadLetterReason, Failure, string | null, DeliveryOutcome | (() => never)]>([
    [
      'rejected',
      { reason: 'http_status', cause: null, status: 422 },
      null,
      rejected('http_status', { status: 422 }),
    ],
    [
      'rejected',
      withoutStatus('undeliverable'),
      'no phone',
      rejected('undeliverable', { detail: 'no phone' }),
    ],
    ['maybe_delivered', withoutStatus('timeout'), null, retry('timeout', { maybeDelivered: true })],
    ['rejected', withoutStatus('deliver_threw', 'RangeError'), null, throwRangeError],
  ])(
    'are written as documented: %s, last failure %j',
    async (reason, lastFailure, detail, outcome) => {
      const script = typeof outcome === 'function' ? outcome : () => outcome;
      const sms = aDestination({ name: 'sms', onNoResponse: 'dead-letter' }, script);
      const { handle, deadLetters } = createTestFanOut([sms]);
      await handle(aRecord());
      expect(deadLetters).toMatchObject([{ reason, lastFailure, detail }]);
    },
  );
});

describe('what can be delivered twice, as documented', () => {
  const sms = (url: string) =>
    http({ name: 'sms', url, onNoResponse: 'dead-letter', timeoutMs: 100 });

  it('a delivery to which a gateway responded 504, whatever onNoResponse is', async () => {
    const { url, received } = await startReceiverWith((request, response, n) =>
      respondWith(n === 0 ? 504 : 201)(request, response, n),
    );
    const { handle, retries, advance } = createTestFanOut([sms(url)]);
    await handle(aRecord());
    advance(60);
    expect(await handle(retries[0]?.retry)).toEqual([]);
    expect(received).toHaveLength(2);
  });

  it('a delivery that became a dead letter maybe_delivered, when its record comes again', async () => {
    const { url, received } = await startReceiverWith((request, response, n) => {
      if (n > 0) respondWith(201)(request, response, n);
    });
    const { handle, deadLetters } = createTestFanOut([sms(url)]);
    await handle(aRecord());
    expect(deadLetters).toMatchObject([
      { reason: 'maybe_delivered', lastFailure: withoutStatus('timeout') },
    ]);
    await handle(aRecord());
    expect(received).toHaveLength(2);
  });

  it('a message that AWS stored and whose response was lost: the SDK repeats the call by itself', async () => {
    const { url, received } = await startReceiverWith((request, response, n) => {
      if (n === 0) return void response.destroy();
      const { MessageBody } = JSON.parse(request.body) as { MessageBody: string };
      const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
      respondWith(200, {}, JSON.stringify({ MessageId: 'invented', MD5OfMessageBody }))(
        request,
        response,
        n,
      );
    });
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
    vi.stubEnv('AWS_ENDPOINT_URL_SQS', url);
    const client = createSqsClient();
    const queue = sqs({ name: 'queue', client, queueUrl: `${url}/000000000000/queue` });
    const { handle, telemetry } = createTestFanOut([queue]);
    await handle(aRecord());
    client.destroy();
    expect(telemetry.deliveries).toMatchObject([{ status: 'delivered', attempt: 1 }]);
    expect(received).toHaveLength(2);
  });
});

describe('what can be delivered once too few, as documented', () => {
  it('the second record with the same deduplicateBy key', async () => {
    const crm = aDestination({
      name: 'crm',
      deduplicateBy: ({ data }) => data.publication?.id ?? null,
    });
    const { handle } = createTestFanOut([crm]);
    await handle(aRecord({ id: 'whs_first' }), aRecord({ id: 'whs_second' }));
    await handle(aRecord({ id: 'whs_second' }));
    expect(crm.received.map(({ id }) => id)).toEqual(['whs_first']);
  });
});
