import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { http, type HttpDestinationOptions } from '../../lib/destinations/http.ts';
import { bearer, json } from '../../lib/destinations/http-request.ts';
import type { Secret } from '../../lib/destinations/secret.ts';
import { SecretError } from '../../lib/platform/cached-secret.ts';
import { ConfigError } from '../../lib/platform/config.ts';
import { aRecord } from '../support/a-record.ts';
import { type HttpReceiver, startReceiver } from '../support/http-receiver.ts';

const SIGNING = 'whsec_aW52ZW50ZWQtc2VjcmV0LW9mLXRlc3Rz';
const OTHER_SIGNING = 'whsec_YW5vdGhlci1pbnZlbnRlZC1zZWNyZXQt';

/** A receiver that takes one token, and answers 401 to every other. */
let receiver: HttpReceiver;
let accepted: string;
beforeEach(async () => {
  accepted = 'token-1';
  receiver = await startReceiver(({ headers }, response) => {
    response.writeHead(headers['authorization'] === bearer(accepted) ? 204 : 401).end();
  });
});
afterEach(() => receiver.stop());

const deliver = (options: Partial<HttpDestinationOptions>, signal = AbortSignal.timeout(2_000)) =>
  http({ name: 'crm', url: receiver.url, ...options }).deliver(aRecord(), {
    now: new Date('2026-03-05T10:00:00.000Z'),
    signal,
  });

/** A secret that was kept, and what a look for the newest one finds. */
const rotated =
  (kept: string, newest: string): Secret =>
  async (wanted) =>
    wanted === 'newest' ? newest : kept;

const headers = (token: string) => ({ authorization: bearer(token) });
const tokens = () => receiver.received.map((request) => request.headers['authorization']);

describe('the secret of an HTTP destination', () => {
  it('is given to its headers and to its request', async () => {
    const request = (_record: unknown, token: string) => ({ body: json({ token }) });
    expect(await deliver({ secret: async () => 'token-1', headers, request })).toMatchObject({
      kind: 'delivered',
    });
    expect(receiver.received.map(({ body }) => body)).toEqual(['{"token":"token-1"}']);
  });

  it('is looked up again when it is refused, and the request is made again with the new one', async () => {
    accepted = 'token-2';
    expect(await deliver({ secret: rotated('token-1', 'token-2'), headers })).toMatchObject({
      kind: 'delivered',
      status: 204,
    });
    expect(tokens()).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('is refused loudly when there is no new one, after one request', async () => {
    accepted = 'token-3';
    expect(await deliver({ secret: async () => 'token-1', headers })).toMatchObject({
      kind: 'retry',
      reason: 'http_status',
      status: 401,
      alert: 'credentials_rejected',
    });
    expect(tokens()).toEqual(['Bearer token-1']);
  });

  it('is refused as before when the store cannot say whether there is a new one', async () => {
    accepted = 'token-3';
    const secret: Secret = async (wanted) => {
      if (wanted === 'newest') throw new Error('out of reach');
      return 'token-1';
    };
    expect(await deliver({ secret, headers })).toMatchObject({ alert: 'credentials_rejected' });
  });

  it('lets the delivery wait, loudly, while it cannot be read', async () => {
    const cause = Object.assign(new Error('no access to relay/crm'), { name: 'AccessDenied' });
    const secret: Secret = async () => Promise.reject(new SecretError('unreadable', { cause }));
    expect(await deliver({ secret, headers })).toMatchObject({
      kind: 'retry',
      reason: 'secret_unavailable',
      cause: 'AccessDenied',
      alert: 'secret_unavailable',
      maybeDelivered: false,
    });
    expect(receiver.received).toEqual([]);
  });

  it('is of no use when the time was up before it came', async () => {
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
  const signed = (signingSecrets: Secret | null) =>
    deliver({ signingSecrets, headers: headers('token-1') });
  const signatures = () => receiver.received.map((each) => each.headers['webhook-signature']);

  it.each([
    [SIGNING, 1],
    [`${SIGNING} ${OTHER_SIGNING}`, 2],
    [`${SIGNING}\n${OTHER_SIGNING}\n`, 2],
  ])('can be one, or two during a rotation: %j', async (text, count) => {
    expect(await signed(async () => text)).toMatchObject({ kind: 'delivered' });
    expect(String(signatures()[0]).split(' ')).toHaveLength(count);
  });

  it('can be none', async () => {
    expect(await signed(null)).toMatchObject({ kind: 'delivered' });
    expect(signatures()).toEqual([undefined]);
  });

  it('are looked up again when the receiver refuses them', async () => {
    accepted = 'nothing';
    await signed(rotated(SIGNING, OTHER_SIGNING));
    expect(new Set(signatures()).size).toBe(2);
  });

  it.each([
    ['of 23 bytes', `whsec_${Buffer.alloc(23, 7).toString('base64')}`],
    ['of 65 bytes', `whsec_${Buffer.alloc(65, 7).toString('base64')}`],
    ['of something else', 'abc'],
    ['with one that is none', `${SIGNING} abc`],
  ])('let the delivery wait, loudly, when they are %s', async (_case, text) => {
    expect(await signed(async () => text)).toMatchObject({
      kind: 'retry',
      alert: 'secret_unavailable',
    });
    expect(receiver.received).toEqual([]);
  });
});

describe('the address of an HTTP destination', () => {
  it('is https, wherever it was written', () => {
    const make = (url: string) => () => http({ name: 'crm', url });
    expect(make('https://crm.example.test/hook')).not.toThrow();
    expect(make('http://127.0.0.1:4000/hook')).not.toThrow();
    expect(make('http://crm.example.test/hook')).toThrow(ConfigError);
    expect(make('http://crm.example.test/hook')).toThrow("'crm' does not begin with https://");
  });

  it('is told to be none when the function starts, not with every delivery', () => {
    const make = (allowInsecureHttp?: true) => () =>
      http({
        name: 'crm',
        url: 'crm.example.test/hook',
        ...(allowInsecureHttp && { allowInsecureHttp }),
      });
    expect(make()).toThrow("The address of the destination 'crm' is not a URL. Mend");
    expect(make(true)).toThrow(ConfigError);
  });

  it('may be plain http when the destination says so by name', () => {
    const url = 'http://crm.internal.example/hook';
    expect(() => http({ name: 'crm', url, allowInsecureHttp: true })).not.toThrow();
    const file = 'file:///srv/hook';
    expect(() => http({ name: 'crm', url: file, allowInsecureHttp: true })).toThrow(ConfigError);
  });
});
