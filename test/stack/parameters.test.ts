import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  packageStack,
  parseProperties,
  getResources,
  type Template,
} from '../support/packaged-stack.ts';

// osls passes a number of the command line as text where it has no schema; CloudFormation accepts both
describe('the stack with other stage parameters', () => {
  let template: Template;
  beforeAll(async () => {
    ({ template } = await packageStack(
      'alarms=none',
      'silenceAlarm=on',
      'reconcileDaily=on',
      'silenceHours=6',
      'webhookSecretStore=ssm',
      'webhookSecretName=/shop/webhook',
      'onRemoval=Delete',
      'receiveReservedConcurrency=200',
      'recordsConcurrency=7',
      'logRetentionDays=14',
      'requestsPerSecond=50',
    ));
  }, 60_000);

  it('keeps the alarms but mails them to no address', () => {
    expect(getResources(template, 'AWS::SNS::Subscription')).toEqual([]);
    expect(getResources(template, 'AWS::CloudWatch::Alarm').length).toBeGreaterThan(20);
  });

  it('compares each day what Voucherify published, by a role that may do nothing else', () => {
    const { Target } = template.Resources['ReconcileSchedule']?.Properties ?? {};
    expect(Target).toMatchObject({
      Arn: { 'Fn::GetAtt': ['OperatorLambdaFunction', 'Arn'] },
      RoleArn: { 'Fn::GetAtt': ['ReconcileScheduleRole', 'Arn'] },
      Input: '{"command":"reconcile-daily"}',
    });
    expect(template.Resources['PublicationsMissingAlarm']).toBeDefined();
    expect(template.Resources['ReconcileFailedAlarm']).toBeDefined();
  });

  it('has an alarm for silence', () => {
    expect(template.Resources['SilenceAlarm']?.Properties).toMatchObject({
      MetricName: 'WebhookQueued',
      EvaluationPeriods: '6',
      Period: 3600,
      TreatMissingData: 'breaching',
    });
  });

  it('lets receive read one parameter of Systems Manager, and no secret', () => {
    const role = JSON.stringify(template.Resources['ReceiveRole']?.Properties);
    expect(role).toContain('"ssm:GetParameter"');
    expect(role).toContain(':parameter/shop/webhook"');
    expect(role).not.toContain('secretsmanager');
  });

  it('deletes queues and table when it is removed', () => {
    for (const [name, resource] of getResources(template, 'AWS::SQS::Queue')) {
      expect([resource.DeletionPolicy, resource.UpdateReplacePolicy], name).toEqual([
        'Delete',
        'Delete',
      ]);
    }
    expect(template.Resources['DeliveriesTable']).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: { DeletionProtectionEnabled: false },
    });
  });

  it('uses the given sizes', () => {
    expect(template.Resources['ReceiveLambdaFunction']?.Properties).toMatchObject({
      ReservedConcurrentExecutions: 200,
    });
    const ScalingSchema = v.object({ ScalingConfig: v.object({ MaximumConcurrency: v.number() }) });
    const mappings = parseProperties(template, 'AWS::Lambda::EventSourceMapping', ScalingSchema);
    const caps = mappings.map(([id, { ScalingConfig }]) => [id, ScalingConfig.MaximumConcurrency]);
    expect(Object.fromEntries(caps)).toEqual({
      FanOutEventSourceMappingSQSRecordsQueue: 7,
      FanOutEventSourceMappingSQSToConsumersQueue: 10,
    });
    for (const [name, { Properties }] of getResources(template, 'AWS::Logs::LogGroup')) {
      expect(Properties['RetentionInDays'], name).toBe(14);
    }
    expect(template.Resources['HttpApiStage']?.Properties).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: '50' },
    });
  });
});

describe('a stack with parameters that are not valid, or do not fit together,', () => {
  it('is refused with the names of all of them, also of one that chooses a part of serverless.yml', async () => {
    const packaging = packageStack('webhookSecretStore=vault', 'senderRegion=eu9');
    await expect(packaging).rejects.toThrow(
      /2 faults[^]*webhookSecretStore is none of secrets-manager, ssm[^]*senderRegion is none of/,
    );
  }, 60_000);

  it('is refused when its concurrency caps are above the quota of the account', async () => {
    await expect(packageStack('accountConcurrency=159')).rejects.toThrow(
      "accountConcurrency is 159, and the concurrency caps add up to 160: recordsConcurrency 50, for receive 100, the destination 'consumers' 10. Lower",
    );
  }, 60_000);
});

it('the defaults name nothing after one service, so two services in an account share no queue and no secret', () => {
  const lines = readFileSync('lib/stack/parameters.yml', 'utf8').split('\n');
  const values = lines.filter((line) => !line.trimStart().startsWith('#'));
  expect(values.filter((line) => line.includes('voucher-relay'))).toEqual([]);
});
