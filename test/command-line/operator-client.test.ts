import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type LoopbackServer,
  startLoopbackServer,
} from '../../lib/local/emulator/http/loopback-server.ts';
import {
  createDeployedOperator,
  createLocalOperator,
} from '../../lib/command-line/operator-client.ts';
import { LOCAL_CLIENT } from '../support/aws.ts';

/** How the API of Lambda responds next, and what it was called with. */
interface FakeResponse {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}
let response: FakeResponse;
const requests: { path: string; body: string }[] = [];
let server: LoopbackServer;
beforeAll(async () => {
  server = await startLoopbackServer(0, (request, reply) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      requests.push({ path: request.url ?? '', body });
      reply.writeHead(response.status, { 'content-type': 'application/json', ...response.headers });
      reply.end(JSON.stringify(response.body));
    });
  });
});
afterAll(() => server.stop());

/** Calls the deployed function once. */
async function call(request: object): Promise<unknown> {
  requests.length = 0;
  const operator = createDeployedOperator(
    { ...LOCAL_CLIENT, endpoint: server.endpoint },
    { stage: 'prod', region: 'eu-west-1', functionName: 'voucher-relay-prod-operator' },
  );
  return operator.call(request).finally(operator.close);
}

describe('the operator of a deployed stage', () => {
  it('gets the request as its payload, and nothing of it in the address', async () => {
    response = { status: 200, body: { deliveries: [] } };
    expect(await call({ command: 'deliveries' })).toEqual({ deliveries: [] });
    expect(requests).toEqual([
      {
        path: '/2015-03-31/functions/voucher-relay-prod-operator/invocations',
        body: '{"command":"deliveries"}',
      },
    ]);
  });

  it.each([
    [
      'is not deployed',
      { status: 404, headers: { 'x-amzn-errortype': 'ResourceNotFoundException' }, body: {} },
      /voucher-relay-prod-operator does not exist.*npx sls deploy --stage prod --region eu-west-1/,
    ],
    [
      'may not be invoked',
      { status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' }, body: {} },
      /permission lambda:InvokeFunction on it, and no other/,
    ],
    [
      'refuses the request',
      {
        status: 200,
        headers: { 'x-amz-function-error': 'Unhandled' },
        body: { errorType: 'OperatorRequestError', errorMessage: 'Not valid: limit.' },
      },
      /^Not valid: limit\. When this checkout is newer than the stage, deploy it first/,
    ],
    [
      'fails',
      {
        status: 200,
        headers: { 'x-amz-function-error': 'Unhandled' },
        body: { errorType: 'TypeError', errorMessage: 'x is not a function' },
      },
      /^The operator's function failed: TypeError\. Its log says more: npx sls logs -f operator/,
    ],
    [
      'is overloaded: it is not called a second time',
      { status: 500, headers: { 'x-amzn-errortype': 'ServiceException' }, body: {} },
      /could not be invoked: ServiceException/,
    ],
  ] satisfies [string, FakeResponse, RegExp][])(
    'that %s is reported with what to do',
    async (_case, failure, expected) => {
      response = failure;
      await expect(call({})).rejects.toThrow(expected);
      expect(requests).toHaveLength(1);
    },
  );

  it('is called once when its response is lost', async () => {
    const lost = await startLoopbackServer(0, (request) => {
      requests.push({ path: request.url ?? '', body: '' });
      request.socket.destroy();
    });
    requests.length = 0;
    const operator = createDeployedOperator(
      { ...LOCAL_CLIENT, endpoint: lost.endpoint },
      { stage: 'prod', region: 'eu-west-1', functionName: 'voucher-relay-prod-operator' },
    );
    await expect(operator.call({})).rejects.toThrow(/what it did is not done twice/);
    operator.close();
    await lost.stop();
    expect(requests).toHaveLength(1);
  });
});

it('the operator of the stage local says how to start it when nothing runs', async () => {
  await expect(createLocalOperator('/nowhere')).rejects.toThrow(
    /Start it in another terminal: npm start/,
  );
});
