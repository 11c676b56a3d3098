import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  collectResult,
  type CommandResult,
  copyProject,
  type ProjectCopy,
  SLS,
} from '../local/support/project-copy.ts';
import { type Aws, startAws } from '../support/aws.ts';
import { startFakeDeployment } from './support/fake-deployment.ts';
import { type FakeLambda, startFakeLambda } from './support/fake-lambda.ts';

let aws: Aws;
let lambda: FakeLambda;
let copy: ProjectCopy;
let deployment: Awaited<ReturnType<typeof startFakeDeployment>>;
beforeAll(async () => {
  aws = await startAws();
  await aws.createTable('voucher-relay-prod-deliveries');
  await aws.createQueue('voucher-relay-prod-to-consumers');
  lambda = await startFakeLambda('voucher-relay-prod-fanOut', ['voucher-relay-prod-to-consumers']);
  deployment = await startFakeDeployment();
  copy = await copyProject();
});
afterAll(async () => {
  await copy.remove();
  await lambda.stop();
  await deployment.stop();
  await aws.stop();
});

/** Runs a command of osls against the emulators. */
function run(...options: string[]): Promise<CommandResult> {
  const { AWS_PROFILE: _, ...environment } = process.env;
  const child = spawn(process.execPath, [SLS, ...options], {
    cwd: copy.folder,
    env: {
      ...environment,
      NO_COLOR: '1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      SLS_AWS_REQUEST_MAX_RETRIES: '0',
      AWS_ENDPOINT_URL: deployment.endpoint,
      AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
      AWS_ENDPOINT_URL_CLOUDWATCH: lambda.endpoint,
      AWS_ENDPOINT_URL_SQS: aws.sqsEndpoint,
      AWS_ENDPOINT_URL_DYNAMODB: aws.dynamoEndpoint,
    },
  });
  return collectResult(child);
}

const inProd = ['--stage', 'prod', '--region', 'eu-west-1'];

it('sls relay pause and resume work with osls, and say what is wrong', async () => {
  const paused = await run(
    'relay',
    'pause',
    '--destination',
    'consumers',
    '--reason',
    'a test',
    ...inProd,
  );
  expect(paused).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^consumers is paused since .* \(a test\)\./m) as string,
  });
  expect(lambda.mappings[0]?.State).toBe('Disabled');
  expect(await aws.scan('voucher-relay-prod-deliveries')).toHaveLength(1);

  const [resumed, unknown, local] = [
    await run('relay', 'resume', '--destination', 'consumers', ...inProd),
    await run('relay', 'pause', '--destination', 'consumer', ...inProd),
    await run('relay', 'pause', '--destination', 'consumers'),
  ];
  expect(resumed.code).toBe(0);
  expect(lambda.mappings[0]?.State).toBe('Enabled');
  expect(await aws.scan('voucher-relay-prod-deliveries')).toEqual([]);
  expect([unknown.code, local.code]).toEqual([1, 1]);
  expect(unknown.stdout + unknown.stderr).toContain('did you mean consumers?');
  expect(local.stdout + local.stderr).toContain('Start it in another terminal: npm start.');
}, 120_000);

it.each([
  ['sls deploy', []],
  ['sls deploy of a package that was made before the pause', ['--package', 'built']],
])(
  '%s uploads a template that keeps the pause, and does not end it when it fails',
  async (_, options) => {
    if (options.length > 0) await run('package', ...inProd, '--param=alarms=none', ...options);
    deployment.uploads.length = 0;
    await run('relay', 'pause', '--destination', 'consumers', ...inProd);
    // as CloudFormation does when it goes back to the template before
    Object.assign(lambda.mappings[0] ?? {}, { State: 'Enabled' });
    const deployed = await run('deploy', ...inProd, '--param=alarms=none', ...options);
    expect(deployed.code).toBe(1);
    expect(deployed.stdout).toMatch(/^consumers is paused since .* This deploy keeps that\.$/m);
    const { Resources } = JSON.parse(deployment.uploads[0] ?? '{}') as {
      Resources: Record<string, { Properties: { Enabled?: boolean } }>;
    };
    const isEnabled = (queue: string) =>
      Resources[`FanOutEventSourceMappingSQS${queue}`]?.Properties.Enabled;
    expect([isEnabled('RecordsQueue'), isEnabled('ToConsumersQueue')]).toEqual([true, false]);
    expect(lambda.mappings[0]?.State).toBe('Disabling');
  },
  120_000,
);
