import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { aRecord } from './support/a-record.ts';
import { toFifoAttributes, toMessageAttributes } from '../lib/destinations/message-attributes.ts';
import { readRetryAfter } from '../lib/destinations/retry-after.ts';
import { parseSecretText } from '../lib/destinations/secret.ts';
import { CurrencySchema } from '../lib/platform/config.ts';
import {
  ParameterNameSchema,
  SecretArnSchema,
  SecretNameSchema,
} from '../lib/platform/secret-name.ts';
import { createIpRanges } from '../lib/receive/ip-ranges.ts';
import { isContentHashId } from '../lib/record/record-id.ts';
import { defineMappings } from '../lib/normalise/mapping.ts';
import { EVENTS, toCanonicalEventName } from '../lib/voucherify/event-catalogue.ts';
import { sign, toSigningKey, verifySignature } from '../lib/voucherify/signature.ts';
import { isFullTimestamp, isTimestamp, readTimestamp } from '../lib/voucherify/timestamp.ts';
import { findWebhookIdInText, isWebhookId } from '../lib/voucherify/webhook-id.ts';

const KEY = toSigningKey('secretKey');
const SIGNATURE = sign('{}', KEY);

const isMappingName = (name: string): boolean => {
  try {
    return defineMappings({
      [name]: v.pipe(
        v.unknown(),
        v.transform(() => ({})),
      ),
    }).has(name);
  } catch {
    return false;
  }
};
const isKnownEvent = (name: string): boolean => EVENTS.has(toCanonicalEventName(name));

const NOW = new Date('2026-03-05T10:00:00.000Z');
const aSource = (source: string) => toMessageAttributes({ ...aRecord(), source })['project'];
const isSecret = (text: string): boolean => {
  try {
    return parseSecretText(text) !== '';
  } catch {
    return false;
  }
};
const PEM = '-----BEGIN PRIVATE KEY-----\nAAAA\nBBBB\n-----END PRIVATE KEY-----';

/** What recognises a text as a whole: texts that it accepts, and characters that make it another text. */
const RECOGNISERS: readonly {
  readonly name: string;
  readonly accepts: (text: string) => boolean;
  readonly texts: readonly string[];
  readonly added: string;
}[] = [
  {
    name: 'a time',
    accepts: isTimestamp,
    texts: ['2026-05-04', '2026-05-04T09:59:58Z', '2026-05-04T09:59:58.123456789+02:00'],
    added: '0x T\n-Z.',
  },
  {
    name: 'a full time',
    accepts: isFullTimestamp,
    texts: ['2026-05-04T09:59:58Z', '2026-05-04T09:59:58+02:00'],
    added: '0x T\n-Z.',
  },
  {
    name: 'a time in another form',
    accepts: (text) => readTimestamp(text) !== null,
    texts: ['2026-05-04 09:59:58Z', '2026-05-04T09:59Z', '1577836800000'],
    added: 'x/',
  },
  {
    name: 'a signature',
    accepts: (header) => verifySignature(Buffer.from('{}'), header, [KEY]).valid,
    texts: [SIGNATURE],
    added: '0axz=/',
  },
  {
    name: 'the hash of a body',
    accepts: isContentHashId,
    texts: [`sha_${'0f'.repeat(32)}`],
    added: '0fxs_ \n',
  },
  {
    name: "a webhook's id",
    accepts: isWebhookId,
    texts: [`whs_${'a'.repeat(128)}`],
    added: 'x0 /',
  },
  { name: 'the name of a mapping', accepts: isMappingName, texts: ['a', '0-'], added: '/ _A.é\n' },
  {
    name: 'the date of a Retry-After',
    accepts: (text) => readRetryAfter(503, { 'retry-after': text }, NOW) !== null,
    texts: [
      'Thu, 05 Mar 2026 10:01:30 GMT',
      'Thu Mar  5 10:01:30 2026',
      '2026-03-05T10:01:30Z',
      '2026-03-05T10:01:30.5+01:00',
    ],
    added: 'x()-',
  },
  {
    name: 'the type of an event in a message attribute',
    accepts: (type) => 'type' in toMessageAttributes({ ...aRecord(), type }),
    texts: ['voucherify.voucher.published'],
    added: '\u0000\u0001\uFFFE',
  },
  {
    name: 'the source with a project',
    accepts: (source) => aSource(source)?.StringValue === 'proj_a',
    texts: ['/voucherify/proj_a'],
    added: 'x%',
  },
  {
    name: 'the id of a FIFO queue',
    accepts: (subject) =>
      toFifoAttributes('a.fifo', { ...aRecord(), subject }).MessageGroupId === subject,
    texts: ['x'.repeat(128)],
    added: 'x é',
  },
  { name: 'a key in lines', accepts: isSecret, texts: [PEM], added: 'x-' },
  {
    name: 'the name of a secret',
    accepts: (text) => v.is(SecretNameSchema, text),
    texts: ['relay/webhook', 'x'.repeat(512)],
    added: ' !:',
  },
  {
    name: 'the ARN of a secret',
    accepts: (text) => v.is(SecretArnSchema, text),
    texts: ['arn:aws:secretsmanager:eu-west-1:000000000000:secret:relay/webhook-a1B2c3'],
    added: ' !:',
  },
  {
    name: 'the name of a parameter',
    accepts: (text) => v.is(ParameterNameSchema, text),
    texts: ['/relay/webhook', `/${'x'.repeat(1_010)}`],
    added: ' !:',
  },
  {
    name: 'a currency',
    accepts: (text) => v.is(CurrencySchema, text),
    texts: ['SEK'],
    added: 'Ax $',
  },
  {
    name: 'a range of IP addresses',
    accepts: (text) => createIpRanges([text]).includes('192.0.2.7'),
    texts: ['192.0.2.0/24', '192.0.2.7'],
    added: 'x/ ',
  },
  {
    name: 'another spelling of an event',
    accepts: isKnownEvent,
    texts: ['events.customer.created', 'bus_val_rule.created', 'customer.entered.segment'],
    added: 'x.',
  },
];

describe.each(RECOGNISERS)('$name', ({ accepts, texts, added }) => {
  it.each(texts)('is %j, and nothing with more before or after it', (text) => {
    expect(accepts(text)).toBe(true);
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...added.split('')), minLength: 1, maxLength: 3 }),
        (more) => {
          expect(accepts(more + text)).toBe(false);
          expect(accepts(text + more)).toBe(false);
        },
      ),
    );
  });
});

it.each([
  ['{"id":"whs_a1-B_2","x', 'whs_a1-B_2'],
  ['{"webhook_id" : \n "whs_a1"', 'whs_a1'],
  ['{"id":"evt_a1"', null],
  ['{"text":"\\"id\\":\\"whs_a1\\""', null],
  ['{"id":"whs_"', null],
  [`{"id":"whs_${'a'.repeat(129)}"`, null],
  ['', null],
])('the id of a webhook in the broken text %j is %j', (text, id) => {
  expect(findWebhookIdInText(Buffer.from(text))).toBe(id);
});

it.each([
  [`x\n${PEM}`, false],
  [`${PEM}\nx`, false],
  [PEM, true],
])('a key in lines has no line before or after it: %j', (text, isAccepted) => {
  expect(isSecret(text)).toBe(isAccepted);
});
