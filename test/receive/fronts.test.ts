import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReceive } from '../../lib/receive/receive.ts';
import { toWebhookRequest } from '../../lib/receive/webhook-request.ts';
import type { WebhookLog } from '../../lib/telemetry/log-lines.ts';
import { toSigningKey } from '../../lib/voucherify/signature.ts';
import { recordingTelemetry } from '../support/recording-telemetry.ts';
import { LOCAL_SECRET, sample } from '../support/samples.ts';
import { aSenderIpCheck } from '../support/sender-ip-check.ts';

/** Posts any event to a receive that enforces the sender's address. */
async function post(event: unknown) {
  const entries: WebhookLog[] = [];
  const receive = createReceive({
    signingKeys: async () => [toSigningKey(LOCAL_SECRET)],
    enqueueRecord: async () => {},
    enqueueQuarantine: async () => {},
    senderIpCheck: aSenderIpCheck({ mode: 'enforce', addresses: ['127.0.0.1'] }),
    normalise: { currency: 'EUR', maxWebhookAgeDays: null, mappings: new Map() },
    telemetry: { ...recordingTelemetry(), webhookReceived: (entry) => void entries.push(entry) },
    now: () => new Date('2026-03-05T09:15:04.000Z'),
  });
  const response = await receive(event);
  return { ...response, reasons: entries.map(({ reason }) => reason) };
}

const httpApi = () => {
  const { about: _about, expect: _expect, ...event } = sample('code-percent-discount');
  return event;
};
const { headers, body } = httpApi();
const listed = Object.fromEntries(
  Object.entries(headers).map(([name, value]) => [name, [value ?? '']]),
);
const identity = { sourceIp: '127.0.0.1' };
const common = { httpMethod: 'POST', path: '/webhooks/voucherify', isBase64Encoded: false, body };
const elb = {
  targetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/x/1',
};

describe('in front of receive, an event', () => {
  it.each([
    ['of an HTTP API', httpApi()],
    [
      'of a function URL',
      {
        ...httpApi(),
        routeKey: '$default',
        rawPath: '/',
        requestContext: {
          ...httpApi().requestContext,
          domainName: 'abc.lambda-url.eu-west-1.on.aws',
          authentication: null,
        },
      },
    ],
  ])('%s is understood', async (_front, event) => {
    expect(await post(event)).toMatchObject({ statusCode: 202 });
  });

  it.each([
    ['/webhooks/voucherify/my-mapping', 'my-mapping'],
    ['/webhooks/voucherify/null', 'null'],
    ['/webhooks/voucherify', null],
    ['/webhooks/voucherify/', null],
    ['/webhooks/voucherify/my-mapping/more', null],
    ['/my-mapping', null],
    ['/', null],
    [null, null],
  ])('of a function URL with the path %j names the mapping %j', (rawPath, mappingName) => {
    const { pathParameters: _none, ...event } = httpApi();
    expect(toWebhookRequest({ ...event, rawPath })).toMatchObject({ mappingName });
  });

  it.each([
    [
      'of a REST API',
      { ...common, headers, multiValueHeaders: listed, requestContext: { identity } },
    ],
    [
      'of an HTTP API with payload format 1.0',
      {
        ...common,
        version: '1.0',
        headers,
        multiValueHeaders: listed,
        requestContext: { identity },
      },
    ],
    ['of an ALB', { ...common, headers, requestContext: { elb } }],
    [
      'of an ALB with multi-value headers',
      { ...common, multiValueHeaders: listed, requestContext: { elb } },
    ],
    [
      'of VPC Lattice',
      { version: '2.0', method: 'POST', path: '/', headers: listed, body, requestContext: {} },
    ],
    [
      'of Lambda@Edge',
      { Records: [{ cf: { request: { method: 'POST', uri: '/', headers: {} } } }] },
    ],
    ['of a queue', { Records: [{ messageId: 'm-1', body }] }],
    ['of a front of your own', { headers, body }],
    ['with headers that are lists', { ...httpApi(), headers: listed }],
    ['with a body that is no text', { ...httpApi(), body: { a: 1 } }],
    ['that is empty', {}],
    ['that is null', null],
    ['that is a text', 'x'],
    ['that is missing', undefined],
  ])('%s gets a 501 that names what is supported', async (_front, event) => {
    const response = await post(event);
    expect(response).toMatchObject({ statusCode: 501, reasons: ['unsupported_front'] });
    expect(response.body).toMatch(/HTTP API .*function URL/);
  });

  it.each([
    ['without headers', { ...httpApi(), headers: undefined }],
    ['whose headers are null', { ...httpApi(), headers: null }],
    ['without a body', { ...httpApi(), body: undefined, headers: {} }],
  ])('%s of an HTTP API has no signature', async (_case, event) => {
    expect(await post(event)).toMatchObject({ statusCode: 401, reasons: ['signature_missing'] });
  });

  it('of any other form never gets a 500 or a 2xx', async () => {
    const parts = fc.record(
      {
        version: fc.constantFrom('2.0', '1.0', 2, null),
        headers: fc.oneof(fc.constantFrom(listed, headers, null), fc.jsonValue()),
        multiValueHeaders: fc.constantFrom(listed, null),
        requestContext: fc.oneof(
          fc.constantFrom({ identity }, { elb }, { http: null }),
          fc.jsonValue(),
        ),
        pathParameters: fc.jsonValue(),
        body: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(parts, fc.jsonValue()), async (event) => {
        expect([401, 501]).toContain((await post(event)).statusCode);
      }),
    );
  });
});
