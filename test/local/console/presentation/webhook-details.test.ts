import { describe, expect, it } from 'vitest';
import { toWebhookDetails } from '../../../../lib/local/console/presentation/webhook-details.ts';
import type { HttpExchange } from '../../../../lib/local/console/state/http-exchange.ts';
import {
  MAX_STORED_CHARACTERS,
  type ReceivedWebhook,
} from '../../../../lib/local/console/state/received-webhook.ts';
import {
  addAttempt,
  addExchange,
  createTimeline,
  type RecordTimeline,
} from '../../../../lib/local/console/state/timeline.ts';

const NOW_MS = Date.parse('2026-03-05T09:15:00.000Z');
const MASK = '••••••';

function receivedWebhook(body: string, more: Partial<ReceivedWebhook> = {}): ReceivedWebhook {
  return {
    key: 'request-1',
    number: 1,
    at: NOW_MS,
    ms: 5,
    path: '/webhooks/voucherify',
    headers: { 'content-type': 'application/json' },
    body,
    bytes: Buffer.byteLength(body),
    truncatedCharacters: 0,
    isBase64: false,
    signatureStatus: 'raw',
    httpStatus: 202,
    isPast: false,
    log: { status: 'queued', httpStatus: 202, ms: 5, id: 'whs_1' },
    ...more,
  };
}

/** A timeline with one attempt for each of these request bodies, the oldest first. */
function createAttempts(bodies: readonly Partial<HttpExchange>[]): RecordTimeline {
  const timeline = createTimeline('whs_1');
  timeline.recordText = '{"id":"whs_1","data":{"purpose":"code"}}';
  for (const [index, more] of bodies.entries()) {
    const exchange = {
      head: 'POST /mock/crm',
      body: '',
      truncatedCharacters: 0,
      recordCount: 1,
      response: { head: '200', body: '', ms: 1 },
    };
    addExchange(timeline, 'crm', { ...exchange, ...more }, 0);
    const attempt = index + 1;
    const entry = { id: 'whs_1', event: 'a', destination: 'crm', status: 'dead', ms: 1 } as const;
    addAttempt(timeline, { ...entry, attempt }, NOW_MS + index);
  }
  return timeline;
}

describe('the view of a webhook', () => {
  it('shows the bodies of the newest attempts, and how much of each body it does not show', () => {
    const body = (index: number): string => JSON.stringify({ index, note: 'x'.repeat(60_000) });
    const timeline = createAttempts(
      Array.from({ length: 30 }, (_, index) => ({ body: body(index) })),
    );
    const { attempts } = toWebhookDetails(receivedWebhook('{}'), timeline, false);
    expect(attempts.map(({ attempt }) => attempt)).toEqual(
      Array.from({ length: 30 }, (_, index) => index + 1),
    );
    const documents = attempts.map(({ request }) => request?.body);
    const isShown = documents.map((document) => (document?.lines.length ?? 0) > 0);
    expect(isShown).toEqual(documents.map((_, index) => index >= 26));
    for (const [index, document] of documents.entries())
      expect(document?.truncatedCharacters).toBe(isShown[index] ? 0 : body(index).length);
  });

  it('says how much of a body was not stored', () => {
    const timeline = createAttempts([{ body: '{"a":1', truncatedCharacters: 500 }]);
    const { attempts } = toWebhookDetails(receivedWebhook('{}'), timeline, true);
    expect(attempts[0]?.request?.body.truncatedCharacters).toBe(500);
  });

  it('masks every text of a body whose end was not stored: it is not known what belongs to whom', () => {
    const body = '{"customer":{"address":{"city":"Harbourtown"}},"note":"hello';
    const cut = receivedWebhook(body, { truncatedCharacters: MAX_STORED_CHARACTERS });
    const { rawBody } = toWebhookDetails(cut, createAttempts([]), false);
    expect(rawBody).toBe(`{"customer":{"address":{"city":"${MASK}"}},"note":"${MASK}"`);
  });

  it('masks every text when there are too many personal values to look for', () => {
    const codes = Array.from({ length: 1_000 }, (_, n) => ({ code: `CODE-${n}` }));
    const body = JSON.stringify({ codes, note: 'yours is CODE-999', status: 'sent' });
    const { rawBody } = toWebhookDetails(receivedWebhook(body), createAttempts([]), false);
    expect(rawBody).not.toContain('CODE-');
    expect(rawBody).toContain('"status":"sent"');
  });

  describe('without unmasking', () => {
    const exchange = {
      head: 'POST /users/mara@example.com\nauthorization: Bearer sandbox-key\nx-api-key: k-1\nidempotency-key: i-1',
      body: '[{"who":"mara@example.com","note":"hers"},{"who":"joel@example.com","note":"his"}]',
      recordCount: 2,
      response: { head: '200\nset-cookie: s=1', body: '{"text":"thanks, Joel"}', ms: 3 },
    };
    const webhook = receivedWebhook('{"customer":{"email":"mara@example.com"}}');
    const see = (reveal: boolean, changes: Partial<HttpExchange> = {}) => {
      const timeline = createAttempts([{ ...exchange, ...changes }]);
      const [attempt] = toWebhookDetails(webhook, timeline, reveal).attempts;
      const text = (document?: { readonly lines: readonly { readonly text: string }[] }): string =>
        (document?.lines ?? []).map((line) => line.text).join('');
      const { request, response } = attempt ?? {};
      return {
        heads: `${request?.head}\n${response?.head}`.split('\n'),
        body: text(request?.body),
        answer: text(response?.body),
      };
    };

    it('hides the keys of a receiver and personal values in requests and responses', () => {
      expect(see(false).heads).toEqual([
        `POST ${MASK}`,
        `authorization: ${MASK}`,
        `x-api-key: ${MASK}`,
        'idempotency-key: i-1',
        '200',
        `set-cookie: ${MASK}`,
      ]);
      expect(see(false).answer).not.toContain('Joel');
      expect(see(true).heads).toContain('authorization: Bearer sandbox-key');
      expect(see(true).answer).toContain('Joel');
    });

    it('hides every text of a request that carries records of others, whose values are not known', () => {
      expect(see(false).body).not.toMatch(/example|hers|his/);
      expect(see(false, { recordCount: 1 }).body).toContain('"hers"');
      expect(see(true).body).toContain('joel@example.com');
    });
  });
});
