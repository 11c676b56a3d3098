import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHttpDestination } from '../../lib/destinations/http-destination.ts';
import {
  type DeliveryOutcome,
  type Failure,
  rejected,
  retry,
} from '../../lib/destinations/outcome.ts';
import type { DestinationOptions } from '../../lib/destinations/destination.ts';
import { createSqsDestination } from '../../lib/destinations/sqs.ts';
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
import { aDelivery, aDestination, createTestFanOut, NOW } from '../support/fan-out.ts';
import {
  respondWith,
  type Behaviour,
  type HttpReceiver,
  startReceiver,
} from '../support/http-receiver.ts';
import { STOP_REASON_MEANINGS } from '../../lib/operator/scan-report.ts';
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
    ['of the end of a slice', '| `stopReason` of a slice | meaning |', STOP_REASON_MEANINGS],
  ])('have exactly the reasons %s, with their meanings', (_which, heading, meanings) => {
    expect(readTable(DOCUMENT, heading)).toEqual(toTableRows(meanings));
  });
});

const HTTP_503 = { reason: 'http_status', cause: null, status: 503 } as const;
const throwRangeError = (): never => {
  throw new RangeError('broken');
};
/** A record whose voucher never expires. */
const aLastingRecord = (id = 'whs_1') =>
  aRecord({ id, data: { voucher: aVoucher({ expiresAt: null }) } });
/** Deliveries are due again at once. */
const AT_ONCE = { ...RETRY_SCHEDULE, delaysSeconds: [0] };
const retryAfter503 = () => retry('http_status', { status: 503 });
const withoutStatus = (reason: FailureReason, cause: string | null = null): Failure => {
  return { reason, cause, status: null };
};

describe('the reasons of dead letters', () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW }));
  afterEach(() => void vi.useRealTimers());
  /** What leads to a dead letter: a batch of [records], or of the queue `to-crm`. */
  type Run = (fanOut: ReturnType<typeof createTestFanOut>) => Promise<unknown>;
  const route: Run = ({ route: run }) => run(aRecord());
  const deliverOnce: Run = ({ deliver }) => deliver('crm', aDelivery(aRecord(), 'crm'));
  const deliverAgainAfter =
    (...waitsSeconds: readonly number[]): Run =>
    async ({ deliver, advance }) => {
      const delivery = aDelivery(aLastingRecord(), 'crm');
      await deliver('crm', delivery);
      for (const seconds of waitsSeconds) {
        await advance(seconds);
        await deliver('crm', delivery);
      }
    };

  it.each<[DeadLetterReason, Failure | null | 'absent', Partial<DestinationOptions>, Run]>([
    ['unrouted', null, { accepts: () => false }, route],
    ['unknown_destination', null, { name: 'other' }, deliverOnce],
    ['rejected', withoutStatus('accepts_threw', 'RangeError'), { accepts: throwRangeError }, route],
    [
      'rejected',
      withoutStatus('deduplicate_by_threw', 'RangeError'),
      { deduplicateBy: throwRangeError },
      deliverOnce,
    ],
    [
      'attempts_exhausted',
      HTTP_503,
      {},
      // each as late as its jitter allows at most, but within a day
      deliverAgainAfter(6, 36, 144, 720, 2_160, 4_320, 8_640, 17_280, 28_800, 24_000),
    ],
    ['too_old', HTTP_503, {}, deliverAgainAfter(86_400)],
    [
      'voucher_expired',
      HTTP_503,
      {},
      async ({ deliver, advance }) => {
        const expiresAt = '2026-03-05T10:00:03.000Z';
        const record = aRecord({ data: { voucher: aVoucher({ expiresAt }) } });
        await deliver('crm', aDelivery(record, 'crm'));
        await advance(6);
        await deliver('crm', aDelivery(record, 'crm'));
      },
    ],
    ['invalid_message', 'absent', {}, ({ deliver }) => deliver('crm', '{}')],
  ])('are written as documented: %s, last failure %j', async (reason, lastFailure, rules, run) => {
    const fanOut = createTestFanOut([aDestination({ name: 'crm', ...rules }, retryAfter503)]);
    await run(fanOut);
    const { deadLetters } = fanOut;
    expect(deadLetters).toMatchObject([{ reason }]);
    const lastFailures = deadLetters.map((deadLetter) =>
      'lastFailure' in deadLetter ? deadLetter.lastFailure : 'absent',
    );
    expect(lastFailures).toEqual([lastFailure]);
  });

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
      const { deliver, deadLetters } = createTestFanOut([sms]);
      await deliver('sms', aDelivery(aRecord(), 'sms'));
      expect(deadLetters).toMatchObject([{ reason, lastFailure, detail }]);
    },
  );
});

describe('what can be delivered twice, as documented', () => {
  const sms = (url: string) =>
    createHttpDestination({ name: 'sms', url, onNoResponse: 'dead-letter', timeoutMs: 100 });

  it('a delivery to which a gateway responded 504, whatever onNoResponse is', async () => {
    const { url, received } = await startReceiverWith((request, response, n) =>
      respondWith(n === 0 ? 504 : 201)(request, response, n),
    );
    const { deliver, deadLetters } = createTestFanOut([sms(url)], { schedule: AT_ONCE });
    const delivery = aDelivery(aLastingRecord(), 'sms');
    expect(await deliver('sms', delivery)).toEqual(['m0']);
    expect(await deliver('sms', delivery)).toEqual([]);
    expect(received).toHaveLength(2);
    expect(deadLetters).toEqual([]);
  });

  it('a delivery that became a dead letter maybe_delivered, when its record comes again', async () => {
    const { url, received } = await startReceiverWith((request, response, n) => {
      if (n > 0) respondWith(201)(request, response, n);
    });
    const { deliver, deadLetters } = createTestFanOut([sms(url)]);
    await deliver('sms', aDelivery(aLastingRecord(), 'sms'));
    expect(deadLetters).toMatchObject([
      { reason: 'maybe_delivered', lastFailure: withoutStatus('timeout') },
    ]);
    const later = new Date(Date.now() + 1_000).toISOString();
    await deliver('sms', aDelivery(aLastingRecord(), 'sms', { requestedAt: later }));
    expect(received).toHaveLength(2);
  });

  it('a message that AWS stored and whose response was lost: the SDK repeats the call by itself', async () => {
    const { url, received } = await startReceiverWith((request, response, n) => {
      if (n === 0) return void response.destroy();
      const { Entries } = JSON.parse(request.body) as {
        Entries: { Id: string; MessageBody: string }[];
      };
      const Successful = Entries.map(({ Id, MessageBody }) => {
        const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
        return { Id, MessageId: 'invented', MD5OfMessageBody };
      });
      respondWith(200, {}, JSON.stringify({ Successful }))(request, response, n);
    });
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
    vi.stubEnv('AWS_ENDPOINT_URL_SQS', url);
    const client = createSqsClient();
    const queue = createSqsDestination({
      name: 'queue',
      client,
      queueUrl: `${url}/000000000000/queue`,
    });
    const { deliver, telemetry } = createTestFanOut([queue]);
    await deliver('queue', aDelivery(aLastingRecord(), 'queue'));
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
    const { deliver } = createTestFanOut([crm]);
    const [first, second] = ['whs_first', 'whs_second'].map((id) =>
      aDelivery(aLastingRecord(id), 'crm'),
    );
    expect(await deliver('crm', first)).toEqual([]);
    expect(await deliver('crm', second)).toEqual([]);
    expect(crm.received.map(({ id }) => id)).toEqual(['whs_first']);
  });
});
