import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createHttpDestination,
  type HttpDestinationSettings,
} from '../../lib/destinations/http-destination.ts';
import { basic, bearer, form, json } from '../../lib/destinations/http-request.ts';
import type { Secret } from '../../lib/destinations/secret.ts';
import { SecretError } from '../../lib/platform/cached-secret.ts';
import { aRecord } from '../support/a-record.ts';
import { type HttpReceiver, startReceiver } from '../support/http-receiver.ts';

const SIGNING = 'whsec_aW52ZW50ZWQtc2VjcmV0LW9mLXRlc3Rz';
const OTHER_SIGNING = 'whsec_YW5vdGhlci1pbnZlbnRlZC1zZWNyZXQt';

/** A receiver that accepts one token and responds 401 to any other. */
let receiver: HttpReceiver;
let accepted: string;
beforeEach(async () => {
  accepted = 'token-1';
  receiver = await startReceiver(({ headers }, response) => {
    response.writeHead(headers['authorization'] === bearer(accepted) ? 204 : 401).end();
  });
});
afterEach(() => receiver.stop());

const deliver = (options: Partial<HttpDestinationSettings>, signal = AbortSignal.timeout(2_000)) =>
  createHttpDestination({ name: 'crm', url: receiver.url, ...options }).deliver(aRecord(), {
    now: new Date('2026-03-05T10:00:00.000Z'),
    signal,
  });

/** A secret with a cached value, and another one that a read of the newest value returns. */
const rotated =
  (cached: string, newest: string): Secret =>
  async (version) =>
    version === 'newest' ? newest : cached;

const headers = (token: string) => ({ authorization: bearer(token) });
const tokens = () => receiver.received.map((request) => request.headers['authorization']);

describe('the secret of an HTTP destination', () => {
  it('is passed to its headers and to its request', async () => {
    const request = (_record: unknown, token: string) => ({ body: json({ token }) });
    expect(await deliver({ secret: async () => 'token-1', headers, request })).toMatchObject({
      kind: 'delivered',
    });
    expect(receiver.received.map(({ body }) => body)).toEqual(['{"token":"token-1"}']);
  });

  it('is read again when the receiver rejects it, and the request is sent again with the new one', async () => {
    accepted = 'token-2';
    expect(await deliver({ secret: rotated('token-1', 'token-2'), headers })).toMatchObject({
      kind: 'delivered',
      status: 204,
    });
    expect(tokens()).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('raises an alert after one request when it is rejected and there is no new one', async () => {
    accepted = 'token-3';
    expect(await deliver({ secret: async () => 'token-1', headers })).toMatchObject({
      kind: 'retry',
      reason: 'http_status',
      status: 401,
      alert: 'credentials_rejected',
    });
    expect(tokens()).toEqual(['Bearer token-1']);
  });

  it('raises the same alert when the store cannot be read for a new one', async () => {
    accepted = 'token-3';
    const secret: Secret = async (version) => {
      if (version === 'newest') throw new Error('out of reach');
      return 'token-1';
    };
    expect(await deliver({ secret, headers })).toMatchObject({ alert: 'credentials_rejected' });
  });

  it('makes the delivery wait and raises an alert while it cannot be read', async () => {
    const cause = Object.assign(new Error('no access to relay/crm'), { name: 'AccessDenied' });
    const secret: Secret = async () => Promise.reject(new SecretError('cannot be read', { cause }));
    expect(await deliver({ secret, headers })).toMatchObject({
      kind: 'retry',
      reason: 'secret_unavailable',
      cause: 'AccessDenied',
      alert: 'secret_unavailable',
      maybeDelivered: false,
    });
    expect(receiver.received).toEqual([]);
  });

  const MALFORMED = [
    ['a zero-width blank', 'token-\u200b1'],
    ['curly quotes', '\u201ctoken-1\u201d'],
    ['two lines', 'token-1\ntoken-2'],
    ['a control character', 'token-\u00001'],
    ['nothing in it', ''],
  ] as const;
  const USES: readonly (readonly [string, Partial<HttpDestinationSettings>])[] = [
    ['a bearer token', { headers }],
    ['a password', { headers: (key) => ({ authorization: basic('relay', key) }) }],
    ['a header of the request', { request: (_record, key) => ({ headers: { 'api-key': key } }) }],
    ['a field of a form', { request: (_record, key) => ({ body: form({ key }) }) }],
    ['a part of JSON', { request: (_record, key) => ({ body: json({ key }) }) }],
  ];

  it.each(
    USES.flatMap(([use, options]) =>
      MALFORMED.map(([what, text]) => [use, what, text, options] as const),
    ),
  )(
    'makes the delivery wait and raises an alert when it is %s and has %s',
    async (_use, _what, text, options) => {
      expect(await deliver({ secret: async () => text, ...options })).toMatchObject({
        kind: 'retry',
        reason: 'secret_unavailable',
        cause: 'TypeError',
        alert: 'secret_unavailable',
        maybeDelivered: false,
      });
      expect(receiver.received).toEqual([]);
    },
  );

  it.each(['cl\u00e9-\u0142', '\u043a\u043b\u044e\u0447', 'key \u{1f511}'])(
    'makes the delivery wait when it is %j, which no header can have, and is used in one',
    async (text) => {
      expect(await deliver({ secret: async () => text, headers })).toMatchObject({
        kind: 'retry',
        reason: 'secret_unavailable',
        alert: 'secret_unavailable',
      });
      accepted = 'none';
      const password = { headers: (key: string) => ({ authorization: basic('relay', key) }) };
      expect(await deliver({ secret: async () => text, ...password })).toMatchObject({
        reason: 'http_status',
      });
      expect(receiver.received).toHaveLength(1);
    },
  );

  it('is not blamed for a header that is wrong without it', async () => {
    const wrong = { headers: () => ({ 'x-name': 'Zo\u0142ta' }) };
    expect(await deliver({ secret: async () => 'token-1', ...wrong })).toMatchObject({
      kind: 'rejected',
      reason: 'invalid_request',
      cause: 'InvalidHeader',
    });
  });

  it('is not used when the delivery timed out before it was read', async () => {
    const secret: Secret = async () => 'token-1';
    expect(await deliver({ secret, headers }, AbortSignal.abort())).toMatchObject({
      kind: 'retry',
      reason: 'timeout',
      maybeDelivered: false,
    });
    expect(receiver.received).toEqual([]);
  });
});

describe('the secrets that requests are signed with', () => {
  const deliverSigned = (signingSecrets: Secret | null) =>
    deliver({ signingSecrets, headers: headers('token-1') });
  const signatures = () => receiver.received.map((request) => request.headers['webhook-signature']);

  it.each([
    [SIGNING, 1],
    [`${SIGNING} ${OTHER_SIGNING}`, 2],
    [`${SIGNING}\n${OTHER_SIGNING}\n`, 2],
    // the shortest and the longest of the specification
    [`whsec_${Buffer.alloc(24, 7).toString('base64')}`, 1],
    [`whsec_${Buffer.alloc(64, 7).toString('base64')}`, 1],
  ])('can be one, or two during a rotation: %j', async (text, count) => {
    expect(await deliverSigned(async () => text)).toMatchObject({ kind: 'delivered' });
    expect(String(signatures()[0]).split(' ')).toHaveLength(count);
  });

  it('can be none', async () => {
    expect(await deliverSigned(null)).toMatchObject({ kind: 'delivered' });
    expect(signatures()).toEqual([undefined]);
  });

  it('are read again when the receiver rejects the signature', async () => {
    accepted = 'nothing';
    await deliverSigned(rotated(SIGNING, OTHER_SIGNING));
    expect(new Set(signatures()).size).toBe(2);
  });

  it.each([
    ['of 23 bytes', `whsec_${Buffer.alloc(23, 7).toString('base64')}`],
    ['of 65 bytes', `whsec_${Buffer.alloc(65, 7).toString('base64')}`],
    ['not a signing secret', 'abc'],
    ['with more before it', `x${SIGNING}`],
    ['with another prefix', SIGNING.replace('whsec_', 'whsek_')],
    ['with more after it', `${SIGNING}!`],
    ['with too much padding', `${SIGNING.replace(/=*$/, '')}===`],
    ['partly invalid', `${SIGNING} abc`],
  ])('make the delivery wait and raise an alert when they are %s', async (_case, text) => {
    expect(await deliverSigned(async () => text)).toMatchObject({
      kind: 'retry',
      alert: 'secret_unavailable',
    });
    expect(receiver.received).toEqual([]);
  });
});
