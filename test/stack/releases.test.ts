import { dirname, join } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ExecutionEnvironment,
  startExecutionEnvironment,
} from '../../lib/local/emulator/lambda/execution-environment.ts';
import { createInvoker } from '../../lib/operator/send-webhook.ts';
import { LAMBDA_ENVIRONMENT } from '../../lib/stack/load-check.ts';
import { releaseVersion } from '../../lib/stack/release-version.ts';
import { withUnpacked } from '../../lib/stack/zip-entries.ts';
import { LOCAL_CLIENT } from '../support/aws.ts';
import { EMPTY, type FakeApis, startFakeApis } from '../support/fake-apis.ts';
import { type HttpReceiver, respondWith, startReceiver } from '../support/http-receiver.ts';
import {
  getResources,
  packageStack,
  parseProperties,
  type Template,
} from '../support/packaged-stack.ts';
import { readRoleStatements } from '../support/role-statements.ts';

const VERSION_ARN = 'arn:aws:lambda:eu-west-1:000000000000:function:relay-prod-receive:7';
const SECRET = 'an-invented-webhook-secret';
const EVENT = { DeploymentId: 'd-1', LifecycleEventHookExecutionId: 'execution-1' };
const QUEUED = {
  error: false,
  payload: { statusCode: 202, body: JSON.stringify({ status: 'queued', id: 'whs_1', test: true }) },
};
const REFUSED = { error: false, payload: { statusCode: 401, body: '{}' } };
const AlarmsSchema = v.object({
  AlarmConfiguration: v.object({
    Alarms: v.array(v.object({ Name: v.object({ Ref: v.string() }) })),
  }),
});
const hasSignature = (event: unknown): boolean =>
  JSON.stringify(event).includes('"x-voucherify-signature"');

let template: Template;
let folder: string;
beforeAll(async () => {
  const { template: packaged, templateFile } = await packageStack('releases=canary');
  [template, folder] = [packaged, dirname(templateFile)];
}, 60_000);
const properties = (id: string) => template.Resources[id]?.Properties;

describe('a stage with canary releases', () => {
  it('sends webhooks to the alias, which is at the packaged version', () => {
    const [version] =
      getResources(template, 'AWS::Lambda::Version').find(([id]) =>
        id.startsWith('ReceiveLambdaVersion'),
      ) ?? [];
    expect(version).toBeDefined();
    const alias = { Ref: 'ReceiveAlias' };
    expect(properties('ReceiveAlias')).toMatchObject({
      FunctionName: { Ref: 'ReceiveLambdaFunction' },
      FunctionVersion: { 'Fn::GetAtt': [version, 'Version'] },
    });
    expect(properties('HttpApiIntegrationReceive')).toMatchObject({ IntegrationUri: alias });
    expect(properties('ReceiveLambdaPermissionHttpApi')).toMatchObject({ FunctionName: alias });
    // API Gateway is let in before it is sent there
    expect(template.Resources['HttpApiIntegrationReceive']).toMatchObject({
      DependsOn: ['ReceiveLambdaPermissionHttpApi'],
    });
    expect(properties('ReleaseCheckLambdaFunction')).toMatchObject({
      Environment: { Variables: { RECEIVE_VERSION: { Ref: version } } },
    });
  });

  it('lets `check` invoke what gets the webhooks', () => {
    expect(properties('OperatorLambdaFunction')).toMatchObject({
      Environment: { Variables: { RECEIVE_FUNCTION: { Ref: 'ReceiveAlias' } } },
    });
    const invoked = (readRoleStatements(template).get('OperatorRole') ?? []).filter(({ Action }) =>
      Action.includes('lambda:InvokeFunction'),
    );
    expect(invoked.map(({ Resource }) => Resource)).toEqual([[{ Ref: 'ReceiveAlias' }]]);
  });

  it('shifts the alias by CodeDeploy, after the check and while alarms watch', () => {
    expect(template.Resources['ReceiveAlias']).toMatchObject({
      UpdatePolicy: {
        CodeDeployLambdaAliasUpdate: {
          ApplicationName: { Ref: 'ReleaseApplication' },
          DeploymentGroupName: { Ref: 'ReceiveDeploymentGroup' },
          BeforeAllowTrafficHook: { Ref: 'ReleaseCheckLambdaFunction' },
        },
      },
      DependsOn: ['ReceiveDeploymentGroup', 'ReleaseCheckLambdaFunction'],
    });
    const [[, group] = []] = parseProperties(
      template,
      'AWS::CodeDeploy::DeploymentGroup',
      AlarmsSchema,
    );
    const watched = (group?.AlarmConfiguration.Alarms ?? []).map(({ Name }) => Name.Ref);
    expect(watched.length).toBeGreaterThan(3);
    for (const id of watched) {
      expect(template.Resources[id]?.Type, id).toBe('AWS::CloudWatch::Alarm');
      // what is seen after the ten minutes moves nothing back
      expect(Number(properties(id)?.['Period']), id).toBeLessThanOrEqual(600);
    }
  });
});

describe('the function that checks a release, as it is packaged', () => {
  let apis: FakeApis;
  let codeDeploy: HttpReceiver;
  beforeAll(async () => {
    [apis, codeDeploy] = await Promise.all([startFakeApis(), startReceiver(respondWith(200))]);
  });
  afterAll(() => Promise.all([apis.stop(), codeDeploy.stop()]));

  /** Invokes it as CodeDeploy does, and returns what it reports. */
  const run = (changes: Partial<FakeApis>): Promise<unknown> => {
    Object.assign(apis, EMPTY, { secrets: { 'relay/webhook': SECRET } }, changes);
    apis.calls.length = 0;
    codeDeploy.received.length = 0;
    return withUnpacked(join(folder, 'releaseCheck.zip'), async (unpacked) => {
      const environment: ExecutionEnvironment = startExecutionEnvironment(
        {
          bundleFile: join(unpacked, 'functions/release-check.cjs'),
          exportName: 'handler',
          functionName: 'releaseCheck',
          functionArn: 'releaseCheck',
          memoryMb: 512,
        },
        {
          ...LAMBDA_ENVIRONMENT,
          AWS_ENDPOINT_URL: apis.endpoint,
          RECEIVE_VERSION: VERSION_ARN,
          CODEDEPLOY_ENDPOINT: codeDeploy.url,
          WEBHOOK_SECRET_NAME: 'relay/webhook',
        },
        () => {},
      );
      expect(await environment.started).toBeNull();
      const event = JSON.stringify(EVENT);
      const deadlineMs = Date.now() + 60_000;
      const result = await environment.invoke({ requestId: 'r', event, deadlineMs }, 60);
      expect(result.kind).toBe('returned');
      await environment.kill();
      const [report, ...others] = codeDeploy.received;
      expect(others).toEqual([]);
      return JSON.parse(report?.body ?? '{}') as unknown;
    });
  };
  const reported = (status: string) => ({
    deploymentId: 'd-1',
    lifecycleEventHookExecutionId: 'execution-1',
    status,
  });

  it('lets a version through that does what it should, with the calls that its role allows', async () => {
    let signed = 0;
    const invoke = async (event: unknown) =>
      hasSignature(event) && (signed += 1) === 2 ? QUEUED : REFUSED;
    expect(await run({ invoke })).toEqual(reported('Succeeded'));
    const version = encodeURIComponent(VERSION_ARN);
    expect(apis.calls).toEqual([
      'secretsmanager:GetSecretValue relay/webhook',
      ...Array.from({ length: 3 }, () => `lambda:InvokeFunction ${version}`),
    ]);
    const actions = (readRoleStatements(template).get('ReleaseCheckRole') ?? []).flatMap(
      ({ Action }) => Action.filter((action) => !/^(?:logs|xray):/.test(action)),
    );
    expect(actions.sort()).toEqual([
      'codedeploy:PutLifecycleEventHookExecutionStatus',
      'lambda:InvokeFunction',
      'secretsmanager:GetSecretValue',
    ]);
  }, 30_000);

  it.each<[string, Partial<FakeApis>]>([
    ['accepts what is not signed', { invoke: async () => QUEUED }],
    ['crashes', { invoke: async () => ({ error: true, payload: {} }) }],
    ['may not be invoked', { denied: ['lambda:InvokeFunction'] }],
    ['has no secret', { secrets: {} }],
  ])(
    'stops a version that %s',
    async (_what, changes) => {
      expect(await run(changes)).toEqual(reported('Failed'));
    },
    30_000,
  );
});

it('a version is invoked by its ARN', async () => {
  const apis = await startFakeApis();
  const client = new LambdaClient({ ...LOCAL_CLIENT, endpoint: apis.endpoint });
  apis.invoke = async () => QUEUED;
  const send = createInvoker(client, VERSION_ARN, '127.0.0.1');
  const response = await send(
    { id: 'whs_1', body: '{}', signature: null },
    AbortSignal.timeout(5_000),
  );
  expect(response?.status).toBe(202);
  client.destroy();
  await apis.stop();
});

describe('packaging', () => {
  const alias = { Type: 'AWS::Lambda::Alias', Properties: { FunctionVersion: '$LATEST' } };
  const version = {
    Type: 'AWS::Lambda::Version',
    Properties: { FunctionName: { Ref: 'ReceiveLambdaFunction' } },
  };
  it('changes nothing without an alias', () => {
    const resources = { ReceiveLambdaVersion1: version };
    expect(releaseVersion(resources)).toBeNull();
    expect(resources).toEqual({ ReceiveLambdaVersion1: version });
  });

  it.each([
    ['without versions', { ReceiveAlias: alias }, 'receive needs versions'],
    [
      'without the function that checks them',
      { ReceiveAlias: alias, ReceiveLambdaVersion1: version },
      'needs the function releaseCheck',
    ],
  ])('refuses canary releases %s', (_what, resources, fault) => {
    expect(releaseVersion(resources)).toContain(fault);
  });
});
