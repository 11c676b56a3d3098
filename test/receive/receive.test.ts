import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { ErrorLog, WebhookLog } from '../../lib/telemetry/log-lines.ts';
import type { Telemetry } from '../../lib/telemetry/telemetry.ts';
import { mappings } from '../../events/fixture-mappings.ts';
import { MAX_MESSAGE_BYTES } from '../../lib/platform/sqs-message.ts';
import { decodeBody, QuarantineMessageSchema } from '../../lib/receive/quarantine-message.ts';
import { createReceive, type ReceiveDeps } from '../../lib/receive/receive.ts';
import { RelayRecordSchema } from '../../lib/record/record.ts';
import { createSigningKeys } from '../../lib/receive/signing-keys.ts';
import { sign, SIGNATURE_HEADER, toSigningKey } from '../../lib/voucherify/signature.ts';
import { recordingTelemetry } from '../support/recording-telemetry.ts';
import { readBody, LOCAL_SECRET, sample, sampleNames, withBody } from '../support/samples.ts';
import { aSenderIpCheck } from '../support/sender-ip-check.ts';

const NOW = new Date('2026-03-05T09:15:04.000Z');

/** Creates a receive whose queues and telemetry are recorded. */
function createTestReceive(changes: Partial<ReceiveDeps> = {}) {
  const records: string[] = [];
  const quarantined: string[] = [];
  const entries: WebhookLog[] = [];
  const errors: ErrorLog[] = [];
  const telemetry: Telemetry = {
    webhookReceived: (entry) => void entries.push(entry),
    deliveryProcessed: () => expect.unreachable('receive delivers nothing'),
    attemptMade: () => expect.unreachable('receive delivers nothing'),
    batchDelivered: () => expect.unreachable('receive delivers nothing'),
    error: (entry) => void errors.push(entry),
    messageReplayed: () => expect.unreachable('receive replays nothing'),
  };
  const receive = createReceive({
    signingKeys: async () => [toSigningKey(LOCAL_SECRET)],
    enqueueRecord: async (message) => void records.push(message),
    enqueueQuarantine: async (message) => void quarantined.push(message),
    senderIpCheck: aSenderIpCheck(),
    normalise: { currency: 'EUR', maxWebhookAgeDays: 15, mappings },
    telemetry,
    now: () => NOW,
    ...changes,
  });
  const post = async (event: APIGatewayProxyEventV2) => {
    const response = await receive(event);
    return { ...response, json: JSON.parse(response.body) as { [key: string]: unknown } };
  };
  const record = () => v.parse(RelayRecordSchema, JSON.parse(records[0] ?? 'null'));
  const quarantineMessage = () =>
    v.parse(QuarantineMessageSchema, JSON.parse(quarantined[0] ?? 'null'));
  return { post, records, quarantined, entries, errors, record, quarantineMessage };
}

/** Returns the body of a sample. */
function readJson(name: string): object {
  return JSON.parse(readBody(sample(name)).toString()) as object;
}

const rejects = (): never => {
  throw new Error('rejected: secret-looking detail');
};

describe('receive', () => {
  it.each(sampleNames())('responds to the sample %s as the sample says', async (name) => {
    const { about: _about, expect: expected, ...event } = sample(name);
    const { post, records, quarantined } = createTestReceive();

    const response = await post(event);

    expect(response.statusCode).toBe(expected.httpStatus);
    expect(response.json['status']).toBe(expected.status ?? expected.httpStatus);
    expect(records).toHaveLength(expected.status === 'queued' ? 1 : 0);
    expect(quarantined).toHaveLength(expected.status === 'quarantined' ? 1 : 0);
  });

  it("queues the record under the webhook's id, which stays the same on every retry", async () => {
    const event = sample('code-percent-discount');
    const { post, record } = createTestReceive();

    const response = await post(event);

    expect(response.json).toEqual({ status: 'queued', id: 'whs_pct7Kd93mQ' });
    expect(record().id).toBe('whs_pct7Kd93mQ');
    expect(record().data.receivedAt).toBe(NOW.toISOString());
    expect(record().data.voucher?.code).toBe('HARBOUR-PCT7KD93');
  });

  it.each([
    ['a day more than 15 days old', '2026-02-17T09:15:03.000Z', 'quarantined'],
    ['a second younger than 15 days', '2026-02-18T09:15:05.000Z', 'queued'],
    ['from the future', '2026-04-01T00:00:00Z', 'queued'],
    ['without a time', null, 'queued'],
  ])('judges a late repeat by when it was created: %s', async (_, createdAt, status) => {
    const body = { ...readJson('code-percent-discount'), created_at: createdAt };
    const { post } = createTestReceive();
    const event = sample('code-percent-discount');

    const { json } = await post(withBody(event, JSON.stringify(body)));

    const issues = status === 'queued' ? {} : { issues: [{ path: 'created_at' }] };
    expect(json).toMatchObject({ status, id: 'whs_pct7Kd93mQ', ...issues });
  });

  it("takes the dashboard's test webhook for no late repeat, and any age where that is off", async () => {
    const event = sample('code-percent-discount');
    const body = { ...readJson('code-percent-discount'), created_at: '2000-01-01T00:00:00Z' };
    const test = await createTestReceive().post(
      withBody(event, JSON.stringify({ ...body, id: 'whs_000000000000000000' })),
    );
    expect(test.json).toMatchObject({ status: 'queued' });
    const off = createTestReceive({
      normalise: { currency: 'EUR', maxWebhookAgeDays: null, mappings },
    });
    expect((await off.post(withBody(event, JSON.stringify(body)))).json).toMatchObject({
      status: 'queued',
    });
  });

  it('responds only when the queue has accepted the record', async () => {
    const order: string[] = [];
    const { post } = createTestReceive({
      enqueueRecord: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push('queued');
      },
    });

    await post(sample('promotion'));
    order.push('responded');

    expect(order).toEqual(['queued', 'responded']);
  });

  it.each([
    ['missing', undefined, 'is missing'],
    ['malformed', 'sha256=123', 'is not 64 hexadecimal digits'],
    ['mismatch', 'a'.repeat(64), 'does not match'],
  ])(
    'rejects a webhook whose signature is %s with a problem document, and keeps nothing',
    async (problem, signature, detail) => {
      const event = sample('code-percent-discount');
      delete event.headers['x-voucherify-signature'];
      if (signature !== undefined) event.headers['X-Voucherify-Signature'] = signature;
      const { post, records, quarantined, entries } = createTestReceive();

      const response = await post(event);

      expect(response.statusCode).toBe(401);
      expect(response.headers['content-type']).toBe('application/problem+json');
      expect(response.json).toMatchObject({
        type: 'about:blank',
        status: 401,
        title: 'Unauthorized',
      });
      expect(response.json['detail']).toContain(detail);
      expect([...records, ...quarantined]).toEqual([]);
      expect(entries).toEqual([
        {
          status: 'rejected',
          httpStatus: 401,
          ms: 0,
          reason: `signature_${problem}`,
          requestId: 'sample-code-percent-discount',
        },
      ]);
    },
  );

  it('verifies a signature again when the keys have changed', async () => {
    const [older, newer] = [[toSigningKey('older')], [toSigningKey(LOCAL_SECRET)]];
    const { post } = createTestReceive({
      signingKeys: async (version) => (version === 'newest' ? newer : older),
    });

    expect((await post(sample('code-percent-discount'))).statusCode).toBe(202);
    expect((await post(sample('forged-signature'))).statusCode).toBe(401);
  });

  it('reads newer keys only when a signature is well formed and does not match', async () => {
    const requested: (string | undefined)[] = [];
    const keys = [toSigningKey(LOCAL_SECRET)];
    const { post } = createTestReceive({
      signingKeys: async (version) => {
        requested.push(version);
        return keys;
      },
    });

    await post(sample('code-percent-discount'));
    await post(sample('missing-signature'));
    expect(requested).toEqual([undefined, undefined]);
    await post(sample('forged-signature'));
    expect(requested).toEqual([undefined, undefined, undefined, 'newest']);
  });

  it('responds 503 to a mismatch while newer keys cannot be read', async () => {
    const { post } = createTestReceive({
      signingKeys: async (version) => (version === 'newest' ? rejects() : [toSigningKey('older')]),
    });

    expect((await post(sample('code-percent-discount'))).statusCode).toBe(503);
  });

  it.each([
    ['no region is configured', null, 'enforce', '203.0.113.7', 202, []],
    ["it comes from the sender's region", 'eu1', 'enforce', '63.32.191.141', 202, []],
    [
      'it comes from elsewhere, which is an error',
      'eu1',
      'report',
      '100.25.106.67',
      202,
      ['100.25.106.67'],
    ],
    [
      'it comes from elsewhere, which is rejected',
      'eu1',
      'enforce',
      '100.25.106.67',
      403,
      ['100.25.106.67'],
    ],
    ['its IP address is not known', 'us1', 'enforce', undefined, 403, ['']],
  ] as const)(
    'checks the IP address of a genuine webhook: %s',
    async (_case, region, mode, sourceIp, status, reportedIps) => {
      const event = sample('code-percent-discount');
      Object.assign(event.requestContext.http, { sourceIp });
      const { post, records, entries, errors } = createTestReceive({
        senderIpCheck: aSenderIpCheck({ region, mode }),
      });

      const response = await post(event);

      expect(response.statusCode).toBe(status);
      expect(records).toHaveLength(status === 202 ? 1 : 0);
      expect(errors).toEqual(
        reportedIps.map((ip) => ({ code: 'unknown_sender_ip', sourceIp: ip })),
      );
      expect(entries.map(({ reason }) => reason)).toEqual([
        status === 403 ? 'unknown_sender_ip' : undefined,
      ]);
    },
  );

  it('responds to a rejected IP address with a problem document', async () => {
    const { post } = createTestReceive({
      senderIpCheck: aSenderIpCheck({ region: 'eu1', mode: 'enforce' }),
    });

    const response = await post(sample('code-percent-discount'));

    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(response.json).toMatchObject({ type: 'about:blank', status: 403, title: 'Forbidden' });
  });

  it('rejects a forged signature from an unknown IP address like any other', async () => {
    const { post, errors } = createTestReceive({
      senderIpCheck: aSenderIpCheck({ region: 'eu1', mode: 'enforce' }),
    });

    expect((await post(sample('forged-signature'))).statusCode).toBe(401);
    expect(errors).toEqual([]);
  });

  it.each([
    ['the secret cannot be read', { signingKeys: async () => rejects() }],
    ['no secret is configured', { signingKeys: async () => [] }],
    ['[records] does not accept the message', { enqueueRecord: async () => rejects() }],
  ])('responds 503, for Voucherify to send it again, when %s', async (_what, changes) => {
    const { post, records } = createTestReceive(changes);

    const response = await post(sample('code-percent-discount'));

    expect(response.statusCode).toBe(503);
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(response.body).not.toContain('detail of');
    expect(response.body).not.toContain('secret-looking');
    expect(records).toEqual([]);
  });

  it.each([
    ['console key/value', JSON.stringify({ webhook: LOCAL_SECRET }), 202],
    ['JSON with two values', JSON.stringify({ a: LOCAL_SECRET, b: 'an-older-key' }, null, 2), 503],
    ['quotes', `"${LOCAL_SECRET}"`, 503],
    ['a comment', `# the key\n${LOCAL_SECRET}`, 503],
  ])('accepts no line of a malformed secret as a key: %s', async (_case, secret, status) => {
    const telemetry = recordingTelemetry();
    const { post } = createTestReceive({
      signingKeys: createSigningKeys({ read: async () => secret, telemetry, now: () => NOW }),
    });
    const event = sample('code-percent-discount');
    expect((await post(event)).statusCode).toBe(status);
    const isRefused = status === 503;
    expect(telemetry.errors.map(({ code }) => code)).toEqual(
      isRefused ? ['webhook_secret_malformed'] : [],
    );
    // each line of the secret as a key, as anybody could guess it
    for (const line of secret.split('\n').map((text) => text.trim())) {
      if (line === LOCAL_SECRET) continue;
      const headers = { ...event.headers, [SIGNATURE_HEADER]: sign(readBody(event), line) };
      expect((await post({ ...event, headers })).statusCode).toBe(isRefused ? 503 : 401);
    }
  });

  it('responds 503 when [quarantine] does not accept the message', async () => {
    const { post } = createTestReceive({ enqueueQuarantine: async () => rejects() });

    expect((await post(sample('broken-json'))).statusCode).toBe(503);
  });

  it('verifies the signature before anything else', async () => {
    const { post, entries } = createTestReceive();
    const event = { ...sample('broken-json'), headers: {} };

    expect((await post(event)).statusCode).toBe(401);
    expect(entries[0]?.issues).toBeUndefined();
  });

  it('stores in [quarantine] what a person needs, and no header that could hold a token', async () => {
    const event = sample('code-missing');
    event.headers['authorization'] = 'Bearer merchant-token';
    event.headers['x-api-key'] = 'merchant-key';
    const { post, quarantineMessage, entries } = createTestReceive();

    const response = await post(event);

    expect(response.json['issues']).toEqual(quarantineMessage().issues);
    expect(quarantineMessage().issues[0]?.path).toBe('data.voucher.code');
    expect(quarantineMessage()).toMatchObject({
      id: 'whs_nocode0Vb31k',
      event: 'manual_distribution_schedule',
      format: 'distribution',
      mapping: null,
      receivedAt: NOW.toISOString(),
      body: { encoding: 'utf8', text: event.body },
    });
    expect(JSON.stringify(quarantineMessage().headers)).not.toContain('merchant');
    expect(entries[0]).toMatchObject({ status: 'quarantined', id: 'whs_nocode0Vb31k' });
  });

  it.each([
    ['text', Buffer.from('{"to": }'), 'utf8'],
    ['bytes that are not text', Buffer.from([0xff, 0xfe, 0x00, 0x01]), 'base64'],
    [
      'more than a message can hold',
      Buffer.from(`[${' '.repeat(MAX_MESSAGE_BYTES)}`),
      'gzip+base64',
    ],
  ])('stores %s so that exactly the same bytes are returned', async (_what, body, encoding) => {
    const { post, quarantineMessage } = createTestReceive();

    const response = await post(withBody(sample('broken-json'), body));

    expect(response.json['status']).toBe('quarantined');
    expect(quarantineMessage().body.encoding).toBe(encoding);
    expect(decodeBody(quarantineMessage().body)).toEqual(body);
  });

  it('quarantines a webhook whose record is larger than a queue message', async () => {
    const event = sample('code-percent-discount');
    const payload = JSON.parse(readBody(event).toString()) as {
      data: { campaign: { metadata: object } };
    };
    payload.data.campaign.metadata = { text: 'long '.repeat(MAX_MESSAGE_BYTES / 4) };
    const { post, records, quarantineMessage } = createTestReceive();

    const response = await post(withBody(event, JSON.stringify(payload)));

    expect(response.json).toMatchObject({ status: 'quarantined', id: 'whs_pct7Kd93mQ' });
    expect(records).toEqual([]);
    expect(quarantineMessage().body.encoding).toBe('gzip+base64');
  });

  it('responds 413 to what no queue message can hold, even compressed', async () => {
    const hashes = Array.from({ length: MAX_MESSAGE_BYTES / 32 }, (_, at) =>
      createHash('sha256').update(String(at)).digest(),
    );
    const incompressible = Buffer.concat(hashes);
    const { post, records, quarantined } = createTestReceive();

    const response = await post(withBody(sample('broken-json'), incompressible));

    expect(response.statusCode).toBe(413);
    expect(response.json).toMatchObject({ status: 413, title: 'Content Too Large' });
    expect([...records, ...quarantined]).toEqual([]);
  });

  it('responds 500 without any detail when it fails before the signature is verified', async () => {
    const { post, entries } = createTestReceive({
      signingKeys: () => {
        throw new TypeError('injected');
      },
    });

    const response = await post(sample('code-percent-discount'));

    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('TypeError');
    expect(entries).toEqual([
      {
        status: 'error',
        httpStatus: 500,
        ms: 0,
        reason: 'internal_error',
        cause: 'TypeError',
        requestId: 'sample-code-percent-discount',
      },
    ]);
  });

  it('logs nothing of the content of a webhook', async () => {
    const { post, entries } = createTestReceive();
    for (const name of sampleNames()) await post(sample(name));

    const logged = JSON.stringify(entries);
    expect(entries).toHaveLength(sampleNames().length);
    for (const personal of ['HARBOUR-', 'mara.lindqvist', 'Lindqvist', 'Okafor', LOCAL_SECRET]) {
      expect(logged).not.toContain(personal);
    }
  });
});
