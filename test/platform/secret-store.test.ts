import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FetchSecret } from '../../lib/platform/fetch-secret.ts';
import { createSecretFetcher as openSecretsManager } from '../../lib/platform/secrets-manager.ts';
import { createSecretFetcher as openSsm } from '../../lib/platform/ssm.ts';
import { type HttpReceiver, startReceiver } from '../support/http-receiver.ts';

/** A store's service that knows one secret, and speaks as AWS does (AWS JSON 1.1). */
let service: HttpReceiver;
let answer: { status: number; body: object };

beforeEach(async () => {
  answer = { status: 200, body: {} };
  service = await startReceiver((_request, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer.body));
  });
  const environment = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: new URL(service.url).origin,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await service.stop();
});

const STORES: readonly [string, () => FetchSecret, string, object, object][] = [
  [
    'secrets-manager',
    openSecretsManager,
    'secretsmanager.GetSecretValue',
    { SecretId: 'relay/webhook' },
    { SecretString: 'one\ntwo' },
  ],
  [
    'ssm',
    openSsm,
    'AmazonSSM.GetParameter',
    { Name: 'relay/webhook', WithDecryption: true },
    { Parameter: { Name: 'relay/webhook', Value: 'one\ntwo' } },
  ],
];

describe.each(STORES)('the store %s', (_store, open, target, request, found) => {
  it('reads the secret by its name at every call', async () => {
    answer.body = found;
    const read = open();

    expect([await read('relay/webhook'), await read('relay/webhook')]).toEqual([
      'one\ntwo',
      'one\ntwo',
    ]);

    expect(service.received).toHaveLength(2);
    for (const { headers, body } of service.received) {
      expect(headers['x-amz-target']).toBe(target);
      expect(JSON.parse(body)).toEqual(request);
    }
  });

  it.each([
    ['refuses', 400, { __type: 'AccessDeniedException', message: 'no access' }, 'no access'],
    ['has no text', 200, {}, 'is not a text'],
  ])('makes the read fail when it %s', async (_case, status, body, message) => {
    answer = { status, body };
    await expect(open()('relay/webhook')).rejects.toThrow(message);
  });
});
