import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, describe, expect, it } from 'vitest';
import { createHookReporter, signRequest } from '../../lib/platform/codedeploy.ts';
import { type HttpReceiver, startReceiver } from '../support/http-receiver.ts';

const AT = new Date('2026-03-05T09:15:03.480Z');
const HOST = 'codedeploy.eu-west-1.amazonaws.com';
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'an/example+key' };
const receivers: HttpReceiver[] = [];
afterAll(() => Promise.all(receivers.map((receiver) => receiver.stop())));

describe('the signature of the call', () => {
  it.each([
    ['with', { ...CREDENTIALS, sessionToken: 'a-session-token==' }],
    ['without', CREDENTIALS],
  ])("is that of AWS's own signer, %s a session token", async (_with, credentials) => {
    const body = '{"status":"Succeeded"}';
    const { authorization, ...headers } = signRequest(body, {
      host: HOST,
      region: 'eu-west-1',
      at: AT,
      ...credentials,
    });
    const signer = new SignatureV4({
      service: 'codedeploy',
      region: 'eu-west-1',
      credentials,
      sha256: Hash.bind(null, 'sha256'),
      applyChecksum: false,
    });
    const signed = await signer.sign(
      {
        method: 'POST',
        protocol: 'https:',
        hostname: HOST,
        path: '/',
        query: {},
        headers: { ...headers, host: HOST },
        body,
      },
      { signingDate: AT },
    );
    expect(authorization).toBe(signed.headers['authorization']);
  });
});

describe('the status of a hook', () => {
  const start = async (statuses: number[]) => {
    const receiver = await startReceiver((_request, response) =>
      response.writeHead(statuses.shift() ?? 200).end('{"reason":"invented"}'),
    );
    receivers.push(receiver);
    const report = createHookReporter({
      endpoint: receiver.url,
      region: 'eu-west-1',
      getCredentials: async () => CREDENTIALS,
      now: () => AT,
    });
    return {
      received: receiver.received,
      report: () => report('d-1', 'execution-1', 'Failed'),
    };
  };

  it('is sent as CodeDeploy documents it', async () => {
    const { received, report } = await start([]);
    await report();
    expect(received).toMatchObject([
      {
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus',
        },
        body: JSON.stringify({
          deploymentId: 'd-1',
          lifecycleEventHookExecutionId: 'execution-1',
          status: 'Failed',
        }),
      },
    ]);
  });

  it('is sent again after an error, three times in all', async () => {
    const twice = await start([500, 503]);
    await twice.report();
    expect(twice.received).toHaveLength(3);
    const never = await start([500, 500, 400, 200]);
    await expect(never.report()).rejects.toThrow('400 {"reason":"invented"}');
    expect(never.received).toHaveLength(3);
  });
});
