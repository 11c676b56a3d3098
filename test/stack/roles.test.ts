import {
  CreateQueueCommand,
  DeleteQueueCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AwsCall } from '../../lib/local/emulator/aws-call-log.ts';
import { buildQueueUrl } from '../../lib/local/emulator/local-addresses.ts';
import { type LocalPipeline, startLocalPipeline } from '../../lib/local/emulator/local-pipeline.ts';
import { readFixtureStack } from '../../lib/local/emulator/fixture-stack.ts';
import type { MockResponse } from '../../lib/local/emulator/mock-destinations.ts';
import { getQueueById } from '../../lib/local/emulator/stack.ts';
import {
  LOCAL_SECRET,
  MERCHANT_QUEUES,
  PROJECT_FOLDER,
  WEBHOOK_PATH,
} from '../../lib/local/cli/paths.ts';
import { createTestBody } from '../../lib/operator/test-webhook.ts';
import { type QueueCommand, runToEnd } from '../../lib/operator/run-to-end.ts';
import { encodeBody } from '../../lib/receive/quarantine-message.ts';
import { sign, SIGNATURE_HEADER } from '../../lib/voucherify/signature.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { LOCAL_CLIENT } from '../support/aws.ts';
import { packageStack, type Template } from '../support/packaged-stack.ts';
import { readRoleStatements } from '../support/role-statements.ts';
import { readBody, sample, sampleNames } from '../support/samples.ts';

const RefSchema = v.strictObject({ Ref: v.string() });
const GetArnSchema = v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) });

/** The one pattern for the queues of all destinations. */
const DESTINATION_QUEUES = 'to-*';
const DestinationQueuesSchema = v.object({
  'Fn::Sub': v.literal(
    'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:voucher-relay-prod-to-*',
  ),
});

const IndexArnSchema = v.object({ 'Fn::Sub': v.pipe(v.string(), v.endsWith('/index/by-state')) });

/** Permissions for Lambda itself, which our code does not use. */
const LAMBDA_PERMISSIONS = /^(?:logs|xray):/;
/** Those for the event source mappings of fanOut. */
const MAPPING_PERMISSIONS =
  /^sqs:(?:ReceiveMessage|DeleteMessage|GetQueueAttributes) (?:RecordsQueue|to-\*)$/;
/** What the stage local does not have. The tests of status and check have the calls of `operator`. */
const NOT_LOCAL = /^(?:secretsmanager|cloudwatch|lambda):/;

/** The sample whose id another one has. */
const REPEATED = 'repeated-by-sender';

/** A record that has not expired, whenever this test runs. */
const aFreshRecord = (id: string) =>
  aRecord({ id, data: { voucher: aVoucher({ expiresAt: null }) } });

/** Returns `action resource` for every permission of a function's role that the stage local can use. */
function listPermissions(template: Template, role: string): string[] {
  return listAllPermissions(template, role).filter((pair) => !NOT_LOCAL.test(pair));
}

function listAllPermissions(template: Template, role: string): string[] {
  const pairs = (readRoleStatements(template).get(role) ?? []).flatMap(({ Action, Resource }) =>
    Action.flatMap((action) => Resource.map((on) => `${action} ${getResourceName(on)}`)),
  );
  return pairs.filter(
    (pair) =>
      !LAMBDA_PERMISSIONS.test(pair) && !(role === 'FanOutRole' && MAPPING_PERMISSIONS.test(pair)),
  );
}

function getResourceName(resource: unknown): string {
  if (v.is(DestinationQueuesSchema, resource)) return DESTINATION_QUEUES;
  if (v.is(IndexArnSchema, resource)) return resource['Fn::Sub'].replace(/^\$\{(\w+)\.Arn\}/, '$1');
  if (v.is(RefSchema, resource)) return resource.Ref;
  return v.is(GetArnSchema, resource) ? resource['Fn::GetAtt'][0] : JSON.stringify(resource);
}

/** A batch of calls needs the permission for one of them (SQS developer guide, API permissions). */
function toAction(operation: string): string {
  return operation.replace(/^(SendMessage|DeleteMessage|ChangeMessageVisibility)Batch$/, '$1');
}

describe('the calls of the functions, compared with their roles', () => {
  const calls: AwsCall[] = [];
  let template: Template;
  let pipeline: LocalPipeline;
  let sqs: SQSClient;

  const post = async (name: string): Promise<void> => {
    const event = sample(name);
    const headers = Object.entries(event.headers).map(([key, value]): [string, string] => [
      key,
      value ?? '',
    ]);
    await fetch(pipeline.httpEndpoint + event.rawPath, {
      method: 'POST',
      headers,
      body: Uint8Array.from(readBody(event)),
    });
  };
  /** Posts the webhook of a check, with ids that are none of a test: these destinations take no tests. */
  const postAsIfTested = async (id: string, at: Date): Promise<void> => {
    const body = createTestBody(id, at).replaceAll(/_0{18}"/g, '_9"');
    const { status } = await fetch(pipeline.httpEndpoint + WEBHOOK_PATH, {
      method: 'POST',
      headers: { [SIGNATURE_HEADER]: sign(body, LOCAL_SECRET) },
      body,
    });
    expect(status).toBe(202);
  };
  const requireIdle = async (): Promise<void> => {
    expect(await pipeline.waitUntilIdle(20_000)).toEqual({ isIdle: true });
  };
  const put = async (queueId: string, message: unknown): Promise<void> => {
    const { name } = getQueueById(pipeline.stack, queueId);
    const queueUrl = buildQueueUrl(pipeline.endpoints.sqsEndpoint, name);
    await sqs.send(
      new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) }),
    );
  };
  const operate = async (request: unknown): Promise<void> => {
    const invocation = await pipeline.functions.get('operator')?.invoke(request);
    expect(invocation?.result.kind).toBe('returned');
  };
  const replay = async (request: {
    readonly from: QueueCommand['from'];
    readonly dryRun?: boolean;
  }): Promise<void> => {
    const invoke = async (each: object): Promise<unknown> => {
      const invocation = await pipeline.functions.get('operator')?.invoke(each);
      if (invocation?.result.kind !== 'returned') throw new Error('operator has failed');
      return invocation.result.payload;
    };
    await runToEnd({ invoke }, { command: 'replay', ...request });
  };
  const listCalls = (functionName: string): string[] => {
    const { queues, tables, topics } = pipeline.stack;
    const toLogicalId = (resource: string): string => {
      const [name = '', ...rest] = resource.split('/');
      return name.startsWith('voucher-relay-local-to-')
        ? DESTINATION_QUEUES
        : [
            [...queues, ...tables, ...topics].find((each) => each.name === name)?.id ?? name,
            ...rest,
          ].join('/');
    };
    const made = calls
      .filter(({ caller }) => caller === functionName)
      .map(
        ({ service, operation, resource }) =>
          `${service}:${toAction(operation)} ${toLogicalId(resource)}`,
      );
    return [...new Set(made)].sort();
  };

  beforeAll(async () => {
    ({ template } = await packageStack());
    pipeline = await startLocalPipeline({
      projectFolder: PROJECT_FOLDER,
      stack: await readFixtureStack(PROJECT_FOLDER),
      consumers: MERCHANT_QUEUES,
      onAwsCall: (call) => calls.push(call),
    });
    sqs = new SQSClient({ ...LOCAL_CLIENT, endpoint: pipeline.endpoints.sqsEndpoint });

    // every sample once: queued, quarantined, rejected; then the duplicate, which would wait for as long as
    // an invocation can last if it met the first one while that is being delivered
    for (const name of sampleNames().filter((each) => each !== REPEATED)) await post(name);
    await requireIdle();
    await post(REPEATED);
    await requireIdle();
    // then a destination that fails for a while, one that rejects a record, a message that is not valid
    const responses: MockResponse[] = [
      { kind: 'respond', status: 503 },
      { kind: 'respond', status: 200 },
      { kind: 'respond', status: 422 },
    ];
    pipeline.mockDestinations.setBehaviour(
      'http',
      () => responses.shift() ?? { kind: 'respond', status: 200 },
    );
    await put('RecordsQueue', aFreshRecord('whs_failing_for_a_while'));
    await requireIdle();
    // then a message that is not valid, while its dead letter cannot be stored
    const { name: QueueName } = getQueueById(pipeline.stack, 'DeadLettersQueue');
    const QueueUrl = buildQueueUrl(pipeline.endpoints.sqsEndpoint, QueueName);
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await put('RecordsQueue', { neither: 'a record nor a delivery' });
    const hiddenRecords = 'sqs:ChangeMessageVisibility RecordsQueue';
    await vi.waitUntil(() => listCalls('fanOut').includes(hiddenRecords), { timeout: 20_000 });
    await sqs.send(new CreateQueueCommand({ QueueName }));
    await requireIdle();
    await put('RecordsQueue', aFreshRecord('whs_rejected'));
    await requireIdle();
    // then replays: a valid and a still invalid webhook of the quarantine, a dead letter
    const quarantined = {
      receivedAt: '2026-03-05T09:00:00.000Z',
      id: 'sha_1',
      format: null,
      event: null,
      mapping: null,
      issues: [],
      headers: {},
    };
    const validBody = encodeBody(readBody(sample('promotion')));
    await put('QuarantineQueue', { ...quarantined, body: validBody });
    await put('QuarantineQueue', { ...quarantined, body: { encoding: 'utf8', text: '{}' } });
    await put('DeadLettersQueue', aFreshRecord('whs_redriven'));
    await replay({ from: 'quarantine', dryRun: true });
    await replay({ from: 'quarantine' });
    await replay({ from: 'dead-letters' });
    await requireIdle();
    // then somebody looks deliveries up
    const { sourceId = '' } = aRecord().data.customer ?? {};
    for (const by of [
      { key: 'customer', value: sourceId },
      { key: 'destination', value: 'http', state: 'dead' },
    ]) {
      await operate({ command: 'deliveries', by });
    }
    // then releases a delivery, and erases the customer
    const records = ['whs_failing_for_a_while'];
    await operate({ command: 'release', records, destination: 'http' });
    await operate({ command: 'erase', customers: [sourceId], codes: [] });
    // then the status, and a check whose test webhook has arrived
    const destinations = [{ name: 'http', id: 'http' }];
    await operate({ command: 'status', destinations });
    const sent = { id: `whs_${'5'.repeat(32)}`, sentAt: new Date() };
    await postAsIfTested(sent.id, sent.sentAt);
    await requireIdle();
    await operate({ command: 'check', destinations: [] });
    await operate({
      command: 'check',
      destinations: [{ name: 'http', id: 'http', takesTests: true }],
      continuation: {
        ...sent,
        sentAt: sent.sentAt.toISOString(),
        isRouted: false,
        pending: ['http'],
      },
    });
  }, 120_000);

  afterAll(async () => {
    sqs.destroy();
    await pipeline.stop();
  });

  it.each([
    ['receive', 'ReceiveRole'],
    ['fanOut', 'FanOutRole'],
    ['operator', 'OperatorRole'],
  ])('%s makes every call that its role allows, and no other', (functionName, role) => {
    expect(listCalls(functionName)).toEqual(listPermissions(template, role).sort());
  });

  it('operator may make no other call that the stage local does not have', () => {
    const permissions = listAllPermissions(template, 'OperatorRole');
    expect(permissions.filter((pair) => NOT_LOCAL.test(pair)).sort()).toEqual([
      'cloudwatch:DescribeAlarms {"Fn::Sub":"arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*"}',
      'cloudwatch:GetMetricData "*"',
      'lambda:GetAccountSettings "*"',
      'lambda:InvokeFunction ReceiveLambdaFunction',
      'secretsmanager:GetSecretValue IndexSecret',
      'secretsmanager:GetSecretValue {"Fn::Sub":"arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:voucher-relay/prod/voucherify-api-??????"}',
      'secretsmanager:GetSecretValue {"Fn::Sub":"arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:voucher-relay/prod/webhook-??????"}',
    ]);
  });
});
