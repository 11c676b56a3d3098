import * as v from 'valibot';
import { expect, test } from 'vitest';
import { PROJECT_FOLDER } from '../../../lib/local/cli/paths.ts';
import { buildFunctionEnvironment } from '../../../lib/local/emulator/lambda/function-environment.ts';
import { resolveLocalUrl } from '../../../lib/local/emulator/local-addresses.ts';
import { printServerlessConfiguration } from '../../../lib/local/emulator/serverless-print.ts';
import { fixtureFunction } from '../support/fixture-function.ts';

const VariablesSchema = v.record(v.string(), v.unknown());
const endpoints = {
  sqsEndpoint: 'http://127.0.0.1:1001',
  dynamoEndpoint: 'http://127.0.0.1:1002',
  mockEndpoint: 'http://127.0.0.1:1003',
};

test.each([
  ['http://127.0.0.1/000000000000/a-queue', 'http://127.0.0.1:1001/000000000000/a-queue'],
  ['http://127.0.0.1/mock/mail', 'http://127.0.0.1:1003/mock/mail'],
  ['http://127.0.0.1/unknown', 'http://127.0.0.1/unknown'],
  ['https://example.com/mock/mail', 'https://example.com/mock/mail'],
  ['', ''],
])('the URL %j resolves to %j', (written, address) => {
  expect(resolveLocalUrl(written, endpoints)).toBe(address);
});

test('the address of the endpoint is empty until it is known', () => {
  const written = 'http://127.0.0.1/webhooks/voucherify';
  const webhookUrl = 'http://127.0.0.1:1004/webhooks/voucherify';
  expect(resolveLocalUrl(written, endpoints)).toBe('');
  expect(resolveLocalUrl(written, { ...endpoints, webhookUrl })).toBe(webhookUrl);
});

// for those, `sls invoke local` asks CloudFormation
test('no variable of the stage local is a CloudFormation function', async () => {
  const { functions } = v.parse(
    v.object({ functions: v.record(v.string(), v.object({ environment: VariablesSchema })) }),
    await printServerlessConfiguration(PROJECT_FOLDER, 'local'),
  );
  const variables = Object.entries(functions).flatMap(([name, { environment }]) =>
    Object.entries(environment).map(([variable, value]) => ({ name, variable, value })),
  );
  expect(variables.length).toBeGreaterThan(20);
  expect(variables.filter(({ value }) => typeof value === 'object')).toEqual([]);
});

test("a function gets the emulators' addresses, Lambda's variables, and its own", () => {
  const environment = {
    QUEUE_URL: 'http://127.0.0.1/000000000000/a-queue',
    AWS_REGION: 'us-east-1',
  };
  expect(
    buildFunctionEnvironment(fixtureFunction('echo', { environment }), 'eu-west-1', endpoints),
  ).toMatchObject({
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1001',
    AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1001',
    AWS_ENDPOINT_URL_SNS: 'http://127.0.0.1:1001',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1002',
    AWS_ACCESS_KEY_ID: 'echo',
    AWS_LAMBDA_FUNCTION_NAME: 'fixture-echo',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    QUEUE_URL: 'http://127.0.0.1:1001/000000000000/a-queue',
  });
});
