import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FetchSecret } from '../../lib/platform/fetch-secret.ts';
import { createSecretFetcher as createSecretsManagerFetcher } from '../../lib/platform/secrets-manager.ts';
import { createSecretFetcher as createSsmFetcher } from '../../lib/platform/ssm.ts';
import { type HttpReceiver, startReceiver } from '../support/http-receiver.ts';

/** A mock of a secret store with one secret, in the protocol of AWS (AWS JSON 1.1). */
let store: HttpReceiver;
let mockResponse: { status: number; body: object };

beforeEach(async () => {
  mockResponse = { status: 200, body: {} };
  store = await startReceiver((_request, response) => {
    response.writeHead(mockResponse.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(mockResponse.body));
  });
  const environment = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: new URL(store.url).origin,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await store.stop();
});

const STORES: readonly [string, () => FetchSecret, string, object, object][] = [
  [
    'secrets-manager',
    createSecretsManagerFetcher,
    'secretsmanager.GetSecretValue',
    { SecretId: 'relay/webhook' },
    { SecretString: 'one\ntwo' },
  ],
  [
    'ssm',
    createSsmFetcher,
    'AmazonSSM.GetParameter',
    { Name: 'relay/webhook', WithDecryption: true },
    { Parameter: { Name: 'relay/webhook', Value: 'one\ntwo' } },
  ],
];

describe.each(STORES)('the store %s', (_name, createFetcher, target, request, found) => {
  it('reads the secret by its name at every call', async () => {
    mockResponse.body = found;
    const fetchSecret = createFetcher();

    expect([await fetchSecret('relay/webhook'), await fetchSecret('relay/webhook')]).toEqual([
      'one\ntwo',
      'one\ntwo',
    ]);

    expect(store.received).toHaveLength(2);
    for (const { headers, body } of store.received) {
      expect(headers['x-amz-target']).toBe(target);
      expect(JSON.parse(body)).toEqual(request);
    }
  });

  it.each([
    [
      'responds with an error',
      400,
      { __type: 'AccessDeniedException', message: 'no access' },
      'no access',
    ],
    ['has no text', 200, {}, 'is not a text'],
  ])('rejects the read when it %s', async (_case, status, body, message) => {
    mockResponse = { status, body };
    await expect(createFetcher()('relay/webhook')).rejects.toThrow(message);
  });
});
