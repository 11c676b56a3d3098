import { expect, it } from 'vitest';
import { copyWebhook } from '../../../../lib/local/console/server/copy-webhook.ts';
import type { ReceivedWebhook } from '../../../../lib/local/console/state/received-webhook.ts';
import { createTimeline } from '../../../../lib/local/console/state/timeline.ts';

const WEBHOOK: ReceivedWebhook = {
  key: 'a',
  number: 1,
  at: 0,
  ms: 1,
  path: '/webhooks/voucherify',
  headers: {},
  body: '{}',
  bytes: 2,
  truncatedCharacters: 0,
  isBase64: false,
  signatureStatus: 'missing',
  httpStatus: 401,
  log: null,
  isPast: false,
};

it.each([
  ['a body of which only the start is stored', 'body', { truncatedCharacters: 1 }, 'too large'],
  ['a command with such a body', 'curl', { truncatedCharacters: 1 }, 'too large'],
  ['a command with bytes that are no text', 'curl', { body: '\ufffd', bytes: 1 }, 'no text'],
  [
    'a command with a character that no command can hold',
    'curl',
    { body: '\0', bytes: 1 },
    'no text',
  ],
  ['a record where there is none', 'record', {}, 'no record'],
] as const)('does not copy %s, and says so', (_case, format, changes, message) => {
  const copy = (): string =>
    copyWebhook({ ...WEBHOOK, ...changes }, null, {
      format,
      endpoint: 'http://127.0.0.1:3000',
      reveal: true,
    });
  expect(copy).toThrow(message);
});

it('does not copy a record of which only the start is stored', () => {
  const timeline = createTimeline('whs_1');
  timeline.recordText = '{"id":"whs_1"';
  timeline.truncatedCharacters = 7;
  const options = { format: 'record', endpoint: '', reveal: true } as const;
  expect(() => copyWebhook(WEBHOOK, timeline, options)).toThrow('too large');
});
