import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createHttpDestination,
  type HttpDestinationSettings,
} from '../../lib/destinations/http-destination.ts';
import { basic, bearer, undeliverable, form, json } from '../../lib/destinations/http-request.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { aRecord } from '../support/a-record.ts';
import {
  respondWith,
  type Behaviour,
  neverRespond,
  type HttpReceiver,
  startReceiver,
} from '../support/http-receiver.ts';
import { SELF_SIGNED } from '../support/self-signed.ts';

const AT = new Date('2026-03-05T10:00:00.400Z');
const TIMEOUT_MS = 150;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function openReceiver(behave?: Behaviour): Promise<HttpReceiver> {
  const receiver = await startReceiver(behave);
  stops.push(receiver.stop);
  return receiver;
}

/** Starts a server of plain sockets, which can break the rules of HTTP. */
async function openSocketServer(server: Server, onSocket: (socket: Socket, n: number) => void) {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
    onSocket(socket, sockets.length - 1);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sockets };
}

function deliver(
  options: Partial<HttpDestinationSettings> & { url: string },
  record: RelayRecord = aRecord(),
) {
  const destination = createHttpDestination({ name: 'crm', ...options });
  return destination.deliver(record, { now: AT, signal: AbortSignal.timeout(TIMEOUT_MS) });
}

describe('a request with a body', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'GET'] as const)(
    'has its length with the method %s, so that no receiver loses it',
    async (method) => {
      const { url, received } = await openReceiver(respondWith(200));
      const request = () => ({ method, body: json({ name: 'Zoë' }) });
      expect(await deliver({ url, request })).toMatchObject({ kind: 'delivered' });
      expect(received).toMatchObject([
        { method, body: '{"name":"Zoë"}', headers: { 'content-length': '15' } },
      ]);
      expect(received[0]?.headers).not.toHaveProperty('transfer-encoding');
    },
  );
});

describe('the outcome of an HTTP response', () => {
  it.each([200, 201, 202, 204, 299])('is delivered for %i', async (status) => {
    const { url } = await openReceiver(respondWith(status));
    expect(await deliver({ url })).toEqual({ kind: 'delivered', status });
  });

  it.each([408, 421, 423, 425, 500, 501, 502, 503, 504, 599])(
    'is a retry that counts as an attempt for %i',
    async (status) => {
      const { url } = await openReceiver(respondWith(status, {}, 'try later'));
      expect(await deliver({ url })).toMatchObject({
        kind: 'retry',
        reason: 'http_status',
        cause: null,
        status,
        countsAsAttempt: true,
        maybeDelivered: false,
        alert: null,
        retryAfterSeconds: null,
        responseBody: 'try later',
      });
    },
  );

  it('is a retry that does not count as an attempt for 429', async () => {
    const { url } = await openReceiver(respondWith(429));
    expect(await deliver({ url })).toMatchObject({ kind: 'retry', countsAsAttempt: false });
  });

  it.each([401, 403])(
    'is a retry with an alert for %i, since credentials can be renewed',
    async (status) => {
      const { url } = await openReceiver(respondWith(status));
      expect(await deliver({ url })).toMatchObject({
        kind: 'retry',
        reason: 'http_status',
        status,
        alert: 'credentials_rejected',
      });
    },
  );

  it.each([400, 402, 404, 405, 409, 413, 415, 422, 451])('is rejected for %i', async (status) => {
    const { url } = await openReceiver(respondWith(status, {}, 'no such list'));
    expect(await deliver({ url })).toEqual({
      kind: 'rejected',
      reason: 'http_status',
      cause: null,
      detail: null,
      status,
      alert: null,
      responseBody: 'no such list',
    });
  });

  it('is rejected with an alert for 410', async () => {
    const { url } = await openReceiver(respondWith(410));
    expect(await deliver({ url })).toMatchObject({ kind: 'rejected', alert: 'destination_gone' });
  });

  it.each([301, 302, 303, 307, 308])(
    'is rejected for %i, and the redirect is not followed',
    async (status) => {
      const elsewhere = await openReceiver();
      const { url } = await openReceiver(respondWith(status, { location: elsewhere.url }));
      expect(await deliver({ url })).toMatchObject({ kind: 'rejected', status });
      expect(elsewhere.received).toEqual([]);
    },
  );

  it.each([
    ['seconds', '120', 120],
    ['a date', 'Thu, 05 Mar 2026 10:01:30 GMT', 90],
    ['a date that is over', 'Thu, 05 Mar 2026 09:00:00 GMT', 0],
    ['a text that is neither', 'soon', null],
    ['a negative number', '-5', null],
  ])(
    'has the seconds of a Retry-After header with %s',
    async (_form, header, retryAfterSeconds) => {
      for (const status of [429, 503]) {
        const { url } = await openReceiver(respondWith(status, { 'retry-after': header }));
        expect(await deliver({ url })).toMatchObject({ kind: 'retry', status, retryAfterSeconds });
      }
    },
  );
});

describe('a delivery without an HTTP response', () => {
  it('is retried when the connection is refused', async () => {
    const receiver = await startReceiver();
    await receiver.stop();
    expect(await deliver({ url: receiver.url })).toMatchObject({
      kind: 'retry',
      reason: 'no_response',
      cause: 'ECONNREFUSED',
      status: null,
      countsAsAttempt: true,
      maybeDelivered: false,
    });
  });

  it('is retried when the host name is unknown', async () => {
    expect(await deliver({ url: 'https://nowhere.invalid/' })).toMatchObject({
      kind: 'retry',
      status: null,
      maybeDelivered: false,
    });
  });

  it('is retried as maybe delivered when the receiver closes the connection on the request', async () => {
    const { url, received } = await openReceiver((_request, response) => response.destroy());
    expect(await deliver({ url })).toMatchObject({
      kind: 'retry',
      reason: 'no_response',
      cause: 'ECONNRESET',
      maybeDelivered: true,
    });
    expect(received).toHaveLength(1);
  });

  it('is retried as maybe delivered when it times out after the request was sent', async () => {
    const { url } = await openReceiver(neverRespond);
    expect(await deliver({ url })).toMatchObject({
      kind: 'retry',
      reason: 'timeout',
      cause: null,
      maybeDelivered: true,
    });
  });

  it('is retried as not delivered when it times out before the request was sent', async () => {
    // accepts the connection and never completes the TLS handshake
    const { port } = await openSocketServer(createServer(), () => {});
    expect(await deliver({ url: `https://127.0.0.1:${port}/` })).toMatchObject({
      kind: 'retry',
      reason: 'timeout',
      cause: null,
      maybeDelivered: false,
    });
  });

  it('is retried when the response is not HTTP', async () => {
    const { port } = await openSocketServer(
      createServer(),
      (socket) => void socket.end('hello\r\n\r\n'),
    );
    expect(await deliver({ url: `http://127.0.0.1:${port}/` })).toMatchObject({ kind: 'retry' });
  });

  it.each(['1', '0'])(
    'is not sent when the certificate is not trusted (NODE_TLS_REJECT_UNAUTHORIZED=%s)',
    async (setting) => {
      vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', setting);
      let requests = 0;
      const server = createTlsServer(SELF_SIGNED, (_request, response) => {
        requests += 1;
        response.end();
      });
      const { port } = await openSocketServer(server, () => {});

      expect(await deliver({ url: `https://127.0.0.1:${port}/` })).toMatchObject({
        kind: 'retry',
        reason: 'no_response',
        cause: 'DEPTH_ZERO_SELF_SIGNED_CERT',
        maybeDelivered: false,
      });
      expect(requests).toBe(0);
    },
  );
});

describe('the body of a response', () => {
  it('is cut to 300 characters', async () => {
    const { url } = await openReceiver(respondWith(400, {}, 'é'.repeat(2_000)));
    expect(await deliver({ url })).toMatchObject({ responseBody: 'é'.repeat(300) });
  });

  it('is not read to the end when it never ends', async () => {
    let closed = false;
    const { url } = await openReceiver((_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(1_000)), 1);
      response.on('close', () => {
        closed = true;
        clearInterval(timer);
      });
    });
    const unlimited = { now: AT, signal: new AbortController().signal };
    const outcome = await createHttpDestination({ name: 'crm', url }).deliver(aRecord(), unlimited);
    expect(outcome).toEqual({ kind: 'delivered', status: 200 });
    await vi.waitFor(() => expect(closed).toBe(true));
  });

  it('may be late or cut off: the status decides the outcome', async () => {
    const late = await openReceiver((_request, response) => {
      response.writeHead(201, { 'content-length': '10' });
      response.write('half');
    });
    const cutOff = await openReceiver((_request, response) => {
      response.writeHead(422, { 'content-length': '10' });
      response.write('half');
      setTimeout(() => response.destroy(), 5);
    });
    expect(await deliver({ url: late.url })).toEqual({ kind: 'delivered', status: 201 });
    expect(await deliver({ url: cutOff.url })).toMatchObject({
      kind: 'rejected',
      status: 422,
      responseBody: 'half',
    });
  });
});

describe('connections', () => {
  const attempt = () => ({ now: AT, signal: AbortSignal.timeout(5_000) });

  it('are reused by the next delivery', async () => {
    const receiver = await openReceiver(respondWith(200, {}, 'thanks'));
    const destination = createHttpDestination({ name: 'crm', url: receiver.url });
    for (const _ of [1, 2, 3]) await destination.deliver(aRecord(), attempt());
    expect(receiver.received).toHaveLength(3);
    expect(receiver.connections()).toBe(1);
  });

  it('are new for every request with onNoResponse dead-letter', async () => {
    const receiver = await openReceiver();
    const destination = createHttpDestination({
      name: 'sms',
      url: receiver.url,
      onNoResponse: 'dead-letter',
    });
    for (const _ of [1, 2, 3]) await destination.deliver(aRecord(), attempt());
    expect(receiver.connections()).toBe(3);
  });

  it('are replaced at once when the receiver closed them while they were idle', async () => {
    // responds to the first request of every connection, and closes it on the second
    const requestTexts: string[] = [];
    const { port, sockets } = await openSocketServer(createServer(), (socket) => {
      let requests = 0;
      socket.on('data', (bytes) => {
        requestTexts.push(String(bytes));
        requests += 1;
        if (requests === 1) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
        else socket.destroy();
      });
    });
    const destination = createHttpDestination({ name: 'crm', url: `http://127.0.0.1:${port}/` });
    for (const _ of [1, 2]) {
      expect(await destination.deliver(aRecord(), attempt())).toMatchObject({ kind: 'delivered' });
    }
    expect(sockets).toHaveLength(2);
    // the replacement is not kept: it could be closed, too, when it is needed again
    expect(requestTexts.map((text) => /^connection: (.*)$/im.exec(text)?.[1]?.trim())).toEqual([
      'keep-alive',
      'keep-alive',
      'close',
    ]);
  });
});

describe('the request of a delivery', () => {
  it('has the record as a CloudEvent, without unmapped', async () => {
    const receiver = await openReceiver();
    const record = aRecord();
    await deliver({ url: receiver.url }, record);
    const [request] = receiver.received;
    const { unmapped: _unmapped, ...data } = record.data;
    expect(request).toMatchObject({ method: 'POST', path: '/hook' });
    expect(request?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(request?.body ?? '')).toEqual({ ...record, data });
  });

  it('has the whole record with includeUnmapped', async () => {
    const receiver = await openReceiver();
    await deliver({ url: receiver.url, includeUnmapped: true });
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toEqual(aRecord());
  });

  it('carries a signature that a Standard Webhooks library accepts, with the old secret and the new', async () => {
    const receiver = await openReceiver();
    const secrets = [
      'whsec_b2xkLWludmVudGVkLXNlY3JldC0wMDAx',
      'whsec_bmV3LWludmVudGVkLXNlY3JldC0wMDAy',
    ];
    const record = aRecord({ data: { distributionLabel: 'Frühling – 20 % 🎁' } });
    const destination = createHttpDestination({
      name: 'crm',
      url: receiver.url,
      signingSecrets: async () => secrets.join(' '),
    });
    await destination.deliver(record, { now: new Date(), signal: AbortSignal.timeout(5_000) });

    const { headers = {}, body = '' } = receiver.received[0] ?? {};
    expect(headers['webhook-id']).toBe(record.id);
    for (const secret of secrets) {
      expect(new Webhook(secret).verify(body, headers)).toMatchObject({ id: record.id });
    }
    const other = new Webhook('whsec_YW5vdGhlci1pbnZlbnRlZC1zZWNyZXQt');
    expect(() => other.verify(body, headers)).toThrow('No matching signature found');
    expect(() => new Webhook(secrets[0] ?? '').verify(`${body} `, headers)).toThrow(
      'No matching signature found',
    );
  });

  it.each(['structured', 'binary'] as const)(
    'has the record as a CloudEvent in %s mode, if that is chosen',
    async (contentMode) => {
      const receiver = await openReceiver();
      await deliver({ url: receiver.url, contentMode, includeUnmapped: true });
      const { headers = {}, body = '' } = receiver.received[0] ?? {};
      const [type, id, content] =
        contentMode === 'binary'
          ? ['application/json', aRecord().id, aRecord().data]
          : ['application/cloudevents+json', undefined, aRecord()];
      expect([headers['content-type'], headers['ce-id'], JSON.parse(body)]).toEqual([
        type,
        id,
        content,
      ]);
    },
  );

  const SIGNING_SECRET = 'whsec_aW52ZW50ZWQtc2VjcmV0LW9mLXRlc3Rz';

  it.each([
    'whs_é',
    'whs_🎁',
    'whs_a.b',
    'whs_a\r\nx-admin: yes',
    'whs a',
    'x'.repeat(129),
    '\ud83d',
  ])(
    'has the hash of an id that is not allowed in webhook-id, with a valid signature: %j',
    async (id) => {
      const receiver = await openReceiver();
      const destination = createHttpDestination({
        name: 'crm',
        url: receiver.url,
        signingSecrets: async () => SIGNING_SECRET,
      });
      for (const _ of [1, 2]) {
        expect(
          await destination.deliver(aRecord({ id }), {
            now: new Date(),
            signal: AbortSignal.timeout(5_000),
          }),
        ).toMatchObject({ kind: 'delivered' });
      }
      const [first, second] = receiver.received;
      expect(first?.headers['webhook-id']).toBe(createHash('sha256').update(id).digest('hex'));
      expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
      const { headers = {}, body = '' } = first ?? {};
      expect(new Webhook(SIGNING_SECRET).verify(body, headers)).toMatchObject({
        id: id.toWellFormed(),
      });
    },
  );

  it('is well-formed text, whatever the record and the merchant put into it', async () => {
    const receiver = await openReceiver();
    const record = aRecord({ subject: 'cust_\ud83d', data: { distributionLabel: 'Zo\ud83d' } });
    const requests: HttpDestinationSettings['request'][] = [
      undefined,
      ({ data }) => ({ body: json({ [String(data.distributionLabel)]: 'cut \ud83d' }) }),
      ({ data }) => ({ body: form({ name: data.distributionLabel, cut: '\ud83d' }) }),
      ({ data }) => ({ body: { type: 'text/plain', text: `${data.distributionLabel}\ud83d` } }),
      ({ subject = '' }) => ({ path: `/people/${encodeURIComponent(subject)}` }),
    ];
    for (const request of requests) {
      const options = { url: receiver.url, ...(request ? { request } : {}) };
      expect(await deliver(options, record)).toMatchObject({ kind: 'delivered' });
    }
    const [event = '', own, fields, text] = receiver.received.map(({ body }) => body);
    expect(event).not.toMatch(/\\ud83d/);
    expect(JSON.parse(event)).toMatchObject({ subject: 'cust_\u{fffd}' });
    expect(own).toBe('{"Zo\u{fffd}":"cut \u{fffd}"}');
    expect(fields).toBe('name=Zo%EF%BF%BD&cut=%EF%BF%BD');
    expect(text).toBe('Zo\u{fffd}\u{fffd}');
    expect(receiver.received[4]?.path).toBe('/hook/people/cust_%EF%BF%BD');
  });

  it('has the query of the address', async () => {
    const receiver = await openReceiver();
    await deliver({ url: `${receiver.url}?code=KEY#top`, request: () => ({ path: '/a?b=c' }) });
    await deliver({ url: `${receiver.url}?code=KEY#top` });
    expect(receiver.received.map(({ path }) => path)).toEqual([
      '/hook/a?code=KEY&b=c',
      '/hook?code=KEY',
    ]);
  });

  it('carries no signature without a secret', async () => {
    const receiver = await openReceiver();
    await deliver({ url: receiver.url });
    expect(Object.keys(receiver.received[0]?.headers ?? {})).not.toContain('webhook-signature');
  });

  it('can be built by the merchant', async () => {
    const receiver = await openReceiver();
    await deliver({
      url: `${receiver.url}/`,
      headers: { Authorization: bearer('invented-token'), 'X-Shop': 'harbour' },
      request: ({ data }) => ({
        method: 'PUT',
        path: `/people/${encodeURIComponent(data.customer?.email ?? '')}?source=relay`,
        headers: { authorization: basic('invented-user', 'invented-password') },
        body: json({ code: data.voucher?.code }),
      }),
    });
    expect(receiver.received).toMatchObject([
      {
        method: 'PUT',
        path: '/hook/people/ida.quay%40example.test?source=relay',
        headers: {
          authorization: 'Basic aW52ZW50ZWQtdXNlcjppbnZlbnRlZC1wYXNzd29yZA==',
          'x-shop': 'harbour',
          'content-type': 'application/json',
        },
        body: '{"code":"HARBOUR-K7Q2"}',
      },
    ]);
  });

  it('can be a form', async () => {
    const receiver = await openReceiver();
    await deliver({
      url: receiver.url,
      request: () => ({ body: form({ To: '+44 1', Body: 'Your code: A&B', From: null }) }),
    });
    expect(receiver.received[0]).toMatchObject({
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'To=%2B44+1&Body=Your+code%3A+A%26B',
    });
  });

  it('is not sent when the record is undeliverable', async () => {
    const receiver = await openReceiver();
    const outcome = await deliver({
      url: receiver.url,
      request: () => undeliverable('no e-mail address'),
    });
    expect(outcome).toMatchObject({
      kind: 'rejected',
      reason: 'undeliverable',
      detail: 'no e-mail address',
    });
    expect(receiver.received).toEqual([]);
  });

  it.each(['people', '@example.test/', '/../admin', '/a/%2e%2e/../../../admin'])(
    'is never sent to a path outside the URL of the destination: %s',
    async (path) => {
      const receiver = await openReceiver();
      expect(await deliver({ url: receiver.url, request: () => ({ path }) })).toMatchObject({
        kind: 'rejected',
        reason: 'invalid_request',
        cause: 'InvalidPath',
      });
      expect(receiver.received).toEqual([]);
    },
  );

  it('is not sent when a header value would inject another header', async () => {
    const receiver = await openReceiver();
    const request = () => ({ headers: { 'x-name': 'Ida\r\nx-admin: yes' } });
    expect(await deliver({ url: receiver.url, request })).toMatchObject({
      kind: 'rejected',
      reason: 'invalid_request',
      cause: 'InvalidHeader',
    });
    expect(receiver.received).toEqual([]);
  });

  it.each([
    ['a name with a space', { 'x name': 'Ida' }],
    ['an empty name', { '': 'Ida' }],
    ['an emoji', { 'x-name': 'Ida 🎁' }],
    ['half of an emoji', { 'x-name': 'Ida \ud83d' }],
    ['a zero character', { 'x-name': 'Ida\u0000' }],
  ])('is not sent when a header cannot be: %s', async (_what, headers) => {
    const receiver = await openReceiver();
    for (const options of [{ headers }, { request: () => ({ headers }) }]) {
      expect(await deliver({ url: receiver.url, ...options })).toMatchObject({
        reason: 'invalid_request',
        cause: 'InvalidHeader',
      });
    }
    expect(receiver.received).toEqual([]);
  });
});
