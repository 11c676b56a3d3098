import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { toOutcome } from '../../lib/destinations/http-outcome.ts';
import {
  createHttpDestination,
  type HttpDestinationSettings,
} from '../../lib/destinations/http-destination.ts';
import {
  delivered,
  type ReceiverResponse,
  rejected,
  retryLater,
} from '../../lib/destinations/response-outcome.ts';
import { readTable } from '../docs/tables.ts';
import { aRecord } from '../support/a-record.ts';
import { aDelivery, createTestFanOut } from '../support/fan-out.ts';
import { type Behaviour, respondWith, startReceiver } from '../support/http-receiver.ts';
import { aBatchOf, aContext } from '../support/lambda.ts';

const NOW = new Date('2026-03-05T10:00:00.000Z');

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** Delivers to a receiver that behaves like that, and whose responses mean what `outcome` says. */
async function deliver(
  behave: Behaviour,
  outcome: HttpDestinationSettings['outcome'],
  options: Partial<HttpDestinationSettings> = {},
) {
  const { url, stop } = await startReceiver(behave);
  stops.push(stop);
  const destination = createHttpDestination({
    name: 'crm',
    url,
    ...options,
    ...(outcome ? { outcome } : {}),
  });
  return destination.deliver(aRecord(), { now: NOW, signal: AbortSignal.timeout(2_000) });
}

describe('the outcome of every status', () => {
  const respond = (status: number, headers: { [name: string]: string } = {}) =>
    toOutcome({ kind: 'response', status, headers, body: '' }, NOW);

  /** The outcome in the words of the table. */
  function describeOutcome(outcome: ReturnType<typeof respond>): string {
    if (outcome.kind === 'delivered') return 'delivered';
    const what = outcome.kind === 'rejected' ? 'dead letter' : 'retried';
    if (outcome.alert !== null) return `${what}, alarm \`${outcome.alert.replace('_', '-')}\``;
    const isFree = outcome.kind === 'retry' && !outcome.countsAsAttempt;
    return isFree ? `${what}, and no attempt is used up` : what;
  }

  const statuses = Array.from({ length: 500 }, (_, index) => index + 100);
  const document = readFileSync('docs/destinations.md', 'utf8');
  const rows = readTable(document, '| status | outcome | with a `Retry-After` |').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const documented = (status: number, column: 1 | 2): string[] =>
    rows
      .filter(([ranges = '']) =>
        ranges.split(', ').some((range) => {
          const [first, last = first] = range.split('–').map(Number);
          return first !== undefined && last !== undefined && status >= first && status <= last;
        }),
      )
      .map((row) => (column === 2 && row[2] === 'the same' ? row[1] : row[column]) ?? '');

  it('is the one in docs/destinations.md, which has each status from 100 to 599 once', () => {
    for (const status of statuses) {
      expect([status, documented(status, 1)]).toEqual([status, [describeOutcome(respond(status))]]);
    }
  });

  it('is the one in docs/destinations.md when there is a Retry-After', () => {
    for (const status of statuses) {
      const outcome = respond(status, { 'retry-after': '60' });
      expect([status, documented(status, 2)]).toEqual([status, [describeOutcome(outcome)]]);
    }
  });

  it.each([404, 409, 413, 423, 425, 422, 429, 401, 503])(
    'waits as long as the Retry-After of %i asks for',
    (status) => {
      const outcome = respond(status, { 'retry-after': '600s' });
      expect(outcome).toMatchObject({ kind: 'retry', status, retryAfterSeconds: 600 });
    },
  );

  it.each([404, 409, 413])('is a dead letter for %i whose Retry-After says nothing', (status) => {
    expect(respond(status, { 'retry-after': 'soon' })).toMatchObject({ kind: 'rejected' });
    expect(respond(status, { 'x-ratelimit-reset': '30' })).toMatchObject({ kind: 'rejected' });
  });
});

describe("a destination's own outcome", () => {
  it('gets the response', async () => {
    const seen: ReceiverResponse[] = [];
    const headers = { 'Content-Type': 'application/json', 'X-Request': 'invented' };
    await deliver(respondWith(207, headers, '{"parts":["Zoë"]}'), (response) => {
      seen.push(response);
      return undefined;
    });
    expect(seen).toMatchObject([
      {
        status: 207,
        headers: { 'content-type': 'application/json', 'x-request': 'invented' },
        body: '{"parts":["Zoë"]}',
        json: { parts: ['Zoë'] },
      },
    ]);
  });

  it.each([
    ['', undefined],
    ['<html>', undefined],
    ['{"cut', undefined],
    ['null', null],
    ['[1]', [1]],
  ])('gets the body %j as JSON, or undefined', async (body, expected) => {
    const seen: unknown[] = [];
    await deliver(respondWith(200, {}, body), ({ json }) => {
      seen.push(json);
      return undefined;
    });
    expect(seen).toEqual([expected]);
  });

  it('gets the beginning of a body that is longer than what is read', async () => {
    const lengths: number[] = [];
    await deliver(respondWith(200, {}, 'x'.repeat(200_000)), ({ body, json }) => {
      lengths.push(body.length);
      expect(json).toBeUndefined();
      return undefined;
    });
    expect(lengths).toEqual([65_536]);
  });

  it.each([
    [204, { kind: 'delivered', status: 204 }],
    [409, { kind: 'rejected', reason: 'http_status' }],
    [503, { kind: 'retry', reason: 'http_status' }],
  ])('leaves %i to the default with undefined', async (status, expected) => {
    expect(await deliver(respondWith(status), () => undefined)).toMatchObject(expected);
  });

  it('can say that a 409 means delivered', async () => {
    const outcome = await deliver(respondWith(409), ({ status }) =>
      status === 409 ? delivered() : undefined,
    );
    expect(outcome).toEqual({ kind: 'delivered', status: 409 });
  });

  it('can reject a 2xx whose body has an error, for a dead letter with its words', async () => {
    const body = '{"errors":["no such list"]}';
    expect(await deliver(respondWith(200, {}, body), () => rejected('not accepted'))).toEqual({
      kind: 'rejected',
      reason: 'mapped_response',
      cause: null,
      status: 200,
      detail: 'not accepted',
      alert: null,
      responseBody: body,
    });
  });

  it.each([
    [undefined, {}, null, true],
    [undefined, { 'retry-after': '90' }, 90, true],
    [{}, { 'retry-after': '90' }, 90, true],
    [{ afterSeconds: 30 }, { 'retry-after': '90' }, 30, true],
    [{ afterSeconds: 7_200, countsAsAttempt: false }, {}, 3_600, false],
    [{ afterSeconds: -1 }, {}, 0, true],
    [{ afterSeconds: Number.NaN }, {}, null, true],
  ])(
    'can retry a 2xx with %j and the headers %j',
    async (options, headers, retryAfterSeconds, countsAsAttempt) => {
      const outcome = await deliver(respondWith(200, headers, 'busy'), () => retryLater(options));
      expect(outcome).toMatchObject({
        kind: 'retry',
        reason: 'mapped_response',
        status: 200,
        retryAfterSeconds,
        countsAsAttempt,
        maybeDelivered: false,
        responseBody: 'busy',
      });
    },
  );

  it.each<[string, () => unknown, string]>([
    ['throws', () => JSON.parse('no JSON') as unknown, 'SyntaxError'],
    ['returns a text', () => 'delivered', 'TypeError'],
    ['returns a boolean', () => false, 'TypeError'],
    ['returns another object', () => ({ kind: 'done' }), 'TypeError'],
  ])('that %s leads to a dead letter, whatever the status is', async (_what, outcome, cause) => {
    for (const status of [200, 409, 503]) {
      expect(await deliver(respondWith(status), outcome as never)).toMatchObject({
        kind: 'rejected',
        reason: 'outcome_threw',
        cause,
        status,
      });
    }
  });

  it('is not asked when there is no response', async () => {
    const outcome = await deliver(
      (_request, response) => response.destroy(),
      () => delivered(),
    );
    expect(outcome).toMatchObject({ kind: 'retry', reason: 'no_response', maybeDelivered: true });
  });

  it('that never gets the whole body of a 2xx is no double delivery with onNoResponse dead-letter', async () => {
    const { url, received, stop } = await startReceiver((_request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half');
    });
    stops.push(stop);
    const sms = createHttpDestination({
      name: 'sms',
      url,
      timeoutMs: 100,
      onNoResponse: 'dead-letter',
      outcome: () => undefined,
    });
    const { handler, deadLetters, hidden } = createTestFanOut([sms], { now: () => NOW });
    const queueArn = 'arn:aws:sqs:eu-west-1:000000000000:voucher-relay-test-to-sms';
    const batch = aBatchOf({ queueArn, sentAt: NOW }, aDelivery(aRecord(), 'sms'));
    expect(await handler(batch, aContext())).toEqual({ batchItemFailures: [] });
    expect([received.length, hidden.length]).toEqual([1, 0]);
    expect(deadLetters).toMatchObject([
      { reason: 'maybe_delivered', lastFailure: { reason: 'timeout' } },
    ]);
  });

  it('that gets a cut-off body on a reused connection does not send the request again', async () => {
    const { url, received, stop } = await startReceiver((_request, response, n) => {
      if (n === 0) return void response.end('{}');
      response.writeHead(200, { 'content-length': '10' }).write('half');
      setTimeout(() => response.socket?.resetAndDestroy(), 10);
    });
    stops.push(stop);
    const crm = createHttpDestination({ name: 'crm', url, outcome: () => undefined });
    const outcomes = [];
    for (const _ of [1, 2]) {
      const attempt = { now: NOW, signal: AbortSignal.timeout(2_000) };
      outcomes.push(await crm.deliver(aRecord(), attempt));
    }
    expect(outcomes).toMatchObject([
      { kind: 'delivered' },
      { kind: 'retry', reason: 'no_response', maybeDelivered: true },
    ]);
    expect(received).toHaveLength(2);
  });
});
