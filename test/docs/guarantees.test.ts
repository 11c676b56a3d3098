import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { http } from '../../lib/destinations/http.ts';
import { rejected, retry } from '../../lib/destinations/outcome.ts';
import { sqs } from '../../lib/destinations/sqs.ts';
import { RETENTION_SECONDS } from '../../lib/fan-out/idempotency.ts';
import { RETRY_SCHEDULE } from '../../lib/fan-out/retry-schedule.ts';
import { createSqsClient } from '../../lib/platform/sqs.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { aDestination, createTestFanOut, NOW } from '../support/fan-out.ts';
import {
  respondWith,
  type Behaviour,
  type HttpReceiver,
  startReceiver,
} from '../support/http-receiver.ts';

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

  it('are those of the ledger', () => {
    const days = (seconds: number) => `${seconds / 86_400} days`;
    expect(DOCUMENT).toContain(`| ${days(RETENTION_SECONDS.delivery)} from the delivery`);
    expect(DOCUMENT).toContain(`| a \`deduplicateBy\` key | ${days(RETENTION_SECONDS.once)} |`);
    expect(DOCUMENT).toContain(`| ${RETENTION_SECONDS.delivery_by_hash / 3_600} hours: longer`);
  });
});

/** The reasons of the document's table, as patterns: `<class>` stands for anything. */
const DOCUMENTED_REASONS = DOCUMENT.slice(DOCUMENT.indexOf('| `reason` | why |'))
  .split('\n')
  .flatMap((row) => (row.startsWith('| `') ? (row.split('|')[1] ?? '').match(/`[^`]+`/g) : []))
  .flatMap((quoted) => quoted ?? [])
  .map((quoted) => new RegExp(`^${quoted.slice(1, -1).replaceAll(/<[^>]+>/g, '.+')}$`));

const aRetry = (changes: object = {}) => ({
  record: aRecord(),
  destination: 'crm',
  attempt: 2,
  firstAt: new Date(NOW.getTime() - 60_000).toISOString(),
  notBefore: NOW.toISOString(),
  reason: 'http_503',
  ...changes,
});
const throwRangeError = () => {
  throw new RangeError('broken');
};
const retryAfter503 = () => retry('http_503', { status: 503 });

describe('the reasons of dead letters', () => {
  it.each([
    ['unrouted', { accepts: () => false }, aRecord()],
    ['unknown_destination', { name: 'other' }, aRetry()],
    ['accepts_threw_RangeError', { accepts: throwRangeError }, aRecord()],
    ['deduplicate_by_threw_RangeError', { deduplicateBy: throwRangeError }, aRecord()],
    ['attempts_used_up: http_503', {}, aRetry({ attempt: 11 })],
    ['too_old: http_503', {}, aRetry({ firstAt: '2026-03-01T00:00:00.000Z' })],
    [
      'overtaken: http_503',
      {},
      aRetry({
        record: aRecord({ data: { voucher: aVoucher({ expiresAt: '2026-03-05T09:30:00.000Z' }) } }),
      }),
    ],
    ['unparsable', {}, '{}'],
  ])('are explained: %s', async (reason, rules, message) => {
    const { handle, deadLetters } = createTestFanOut([
      aDestination({ name: 'crm', ...rules }, retryAfter503),
    ]);
    expect(await handle(message)).toEqual([]);
    expect(deadLetters).toMatchObject([{ reason }]);
    expect(DOCUMENTED_REASONS.filter((documented) => documented.test(reason))).toHaveLength(1);
  });

  it.each([
    ['http_422', rejected('http_422')],
    ['cannot: no phone', rejected('cannot', { detail: 'no phone' })],
    ['uncertain: timeout', retry('timeout', { maybeDelivered: true })],
    ['delivery_threw_RangeError', throwRangeError],
  ])('are explained: %s', async (reason, outcome) => {
    const script = typeof outcome === 'function' ? outcome : () => outcome;
    const sms = aDestination({ name: 'sms', onNoResponse: 'dead-letter' }, script);
    const { handle, deadLetters } = createTestFanOut([sms]);
    await handle(aRecord());
    expect(deadLetters).toMatchObject([{ reason }]);
    expect(DOCUMENTED_REASONS.filter((documented) => documented.test(reason))).toHaveLength(1);
  });

  it('are no others that the document makes up', () => {
    // twelve rows, one of them with three reasons and one with the example of AWS's own
    expect(DOCUMENTED_REASONS).toHaveLength(13);
  });
});

describe('what can be delivered twice, as the document says', () => {
  const sms = (url: string) =>
    http({ name: 'sms', url, onNoResponse: 'dead-letter', timeoutMs: 100 });

  it('what a gateway answered with 504, whatever onNoResponse says', async () => {
    const { url, received } = await startReceiverWith((request, response, n) =>
      respondWith(n === 0 ? 504 : 201)(request, response, n),
    );
    const { handle, retries, advance } = createTestFanOut([sms(url)]);
    await handle(aRecord());
    advance(60);
    expect(await handle(retries[0]?.retry)).toEqual([]);
    expect(received).toHaveLength(2);
  });

  it('what is uncertain and lies in dead letters, when its record comes again', async () => {
    const { url, received } = await startReceiverWith((request, response, n) => {
      if (n > 0) respondWith(201)(request, response, n);
    });
    const { handle, deadLetters } = createTestFanOut([sms(url)]);
    await handle(aRecord());
    expect(deadLetters).toMatchObject([{ reason: 'uncertain: timeout' }]);
    await handle(aRecord());
    expect(received).toHaveLength(2);
  });

  it('what AWS took without being able to say so: the SDK repeats the call by itself', async () => {
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
    expect(telemetry.deliveries).toMatchObject([{ outcome: 'delivered', attempt: 1 }]);
    expect(received).toHaveLength(2);
  });
});

describe('what can be delivered once too few, as the document says', () => {
  it('the second record of a business key', async () => {
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
