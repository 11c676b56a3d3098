import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  getResources,
  packageDestinations,
  parseProperties,
  type Template,
} from '../support/packaged-stack.ts';

const FanOutSchema = v.object({
  Environment: v.object({ Variables: v.record(v.string(), v.unknown()) }),
});
const RoleSchema = v.object({
  Policies: v.array(
    v.object({
      PolicyName: v.string(),
      PolicyDocument: v.object({ Statement: v.array(v.unknown()) }),
    }),
  ),
});
const MappingSchema = v.object({
  EventSourceArn: v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) }),
  BatchSize: v.number(),
  MaximumBatchingWindowInSeconds: v.optional(v.number()),
  ScalingConfig: v.object({ MaximumConcurrency: v.number() }),
});

const IMPORTS = `import {
  defineDestinations, eventbridge, http, parameterStore, resource, secretsManager, sns, sqs,
  stageParameter,
} from 'voucher-relay';
`;
/** What a merchant writes: one declaration for each destination. */
const WRITTEN = `${IMPORTS}
export const destinations = defineDestinations([
  sqs({ name: 'orders', queue: 'arn:aws:sqs:eu-west-1:111122223333:orders.fifo' }),
  sns({ name: 'cards', topic: resource('CardsTopic') }),
  sns({ name: 'news', topic: 'arn:aws:sns:eu-west-1:111122223333:news' }),
  eventbridge({ name: 'archive', bus: resource('ArchiveBus') }),
  eventbridge({ name: 'shop', bus: 'arn:aws:events:eu-west-1:111122223333:event-bus/shop' }),
  http({
    name: 'klaviyo',
    url: 'https://a.klaviyo.example.test',
    secret: secretsManager('relay/{stage}/klaviyo'),
    limit: { perSecond: 75, perMinute: 700 },
  }),
  http({
    name: 'sms',
    url: 'https://sms.example.test',
    secret: secretsManager('arn:aws:secretsmanager:eu-west-1:111122223333:secret:sms-a1B2c3'),
    limit: { perSecond: 0.5 },
  }),
  http({
    name: 'wallet-pass',
    formerly: 'wallet',
    url: 'https://wallet.example.test',
    signingSecrets: parameterStore('/relay/{stage}/wallet'),
  }),
  http({
    name: 'http',
    url: stageParameter('httpDestinationUrl'),
    signingSecrets: secretsManager(stageParameter('httpDestinationSecretName')),
  }),
  sqs({ name: 'consumers', retired: true, queue: resource('ConsumersQueue') }),
]);
`;
const RESOURCES = `  - Resources:
      CardsTopic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: cards } }
      ArchiveBus: { Type: 'AWS::Events::EventBus', Properties: { Name: archive } }
`;

const allow = (Action: string, ...Resource: readonly unknown[]) => ({
  Effect: 'Allow',
  Action,
  Resource,
});
const inAccount = (rest: string) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:${rest.replace('::', ':${AWS::Region}:${AWS::AccountId}:')}`,
});
const findErrors = (templateFile: string): string[] => {
  const template = new TemplateFile(templateFile);
  const { diagnostics } = new RegoEngine().validateStandard(template, { severityLevel: 'ERROR' });
  return diagnostics.map(({ ruleId, message }) => `${ruleId} ${message}`);
};

describe('a destination that is declared once', () => {
  let template: Template;
  let templateFile: string;
  beforeAll(async () => {
    ({ template, templateFile } = await packageDestinations(WRITTEN, RESOURCES));
  }, 60_000);

  const readMapping = (queueId: string) =>
    parseProperties(template, 'AWS::Lambda::EventSourceMapping', MappingSchema).find(
      ([, { EventSourceArn }]) => EventSourceArn['Fn::GetAtt'][0] === queueId,
    )?.[1];

  it('has its variables in the environment of fanOut', () => {
    const { Variables } = v.parse(
      FanOutSchema,
      template.Resources['FanOutLambdaFunction']?.Properties,
    ).Environment;
    const ofLibraries =
      /^POWERTOOLS_|^(RECORDS_QUEUE_URL|DEAD_LETTERS_QUEUE_URL|DELIVERIES_TABLE|HISTORY_DAYS|INDEX_SECRET)$/;
    const ours = Object.entries(Variables).filter(([name]) => !ofLibraries.test(name));
    expect(Object.fromEntries(ours)).toEqual({
      DESTINATION_QUEUES_URL: {
        'Fn::Sub':
          'https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/voucher-relay-prod-to-',
      },
      CONSUMERS_QUEUE_URL: { Ref: 'ConsumersQueue' },
      ORDERS_QUEUE_URL: {
        'Fn::Sub': 'https://sqs.eu-west-1.${AWS::URLSuffix}/111122223333/orders.fifo',
      },
      CARDS_TOPIC_ARN: { Ref: 'CardsTopic' },
      NEWS_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:news',
      ARCHIVE_BUS_NAME: { 'Fn::GetAtt': ['ArchiveBus', 'Arn'] },
      SHOP_BUS_NAME: 'arn:aws:events:eu-west-1:111122223333:event-bus/shop',
      KLAVIYO_SECRET: 'relay/prod/klaviyo',
      SMS_SECRET: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:sms-a1B2c3',
      WALLET_PASS_SIGNING_SECRETS: '/relay/prod/wallet',
    });
  });

  it('is what the role of fanOut allows, and nothing else', () => {
    const { Policies } = v.parse(RoleSchema, template.Resources['FanOutRole']?.Properties);
    const policy = Policies.find(({ PolicyName }) => PolicyName === 'destinations');
    expect(policy?.PolicyDocument.Statement).toEqual([
      allow('sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:orders.fifo', {
        'Fn::GetAtt': ['ConsumersQueue', 'Arn'],
      }),
      allow('sns:Publish', { Ref: 'CardsTopic' }, 'arn:aws:sns:eu-west-1:111122223333:news'),
      allow(
        'events:PutEvents',
        { 'Fn::GetAtt': ['ArchiveBus', 'Arn'] },
        'arn:aws:events:eu-west-1:111122223333:event-bus/shop',
      ),
      allow(
        'secretsmanager:GetSecretValue',
        inAccount('secretsmanager::secret:relay/prod/klaviyo-??????'),
        'arn:aws:secretsmanager:eu-west-1:111122223333:secret:sms-a1B2c3',
      ),
      allow('ssm:GetParameter', inAccount('ssm::parameter/relay/prod/wallet')),
    ]);
  });

  it.each([
    ['ToKlaviyoQueue', 2, 56, 1],
    ['ToSmsQueue', 2, 2, 0],
    ['ToOrdersQueue', 10, 10, 0],
    ['ToConsumersQueue', 10, 10, 0],
  ])(
    'is read from the queue %s with at most %i invocations and batches of %i',
    (queueId, concurrency, batchSize, windowSeconds) => {
      expect(readMapping(queueId)).toMatchObject({
        BatchSize: batchSize,
        MaximumBatchingWindowInSeconds: windowSeconds,
        ScalingConfig: { MaximumConcurrency: concurrency },
      });
      expect(template.Resources[queueId]?.Properties['VisibilityTimeout']).toBe(
        360 + windowSeconds,
      );
    },
  );

  it('keeps the queue of its first name, and has alarms of its new one', () => {
    expect(template.Resources['ToWalletQueue']?.Properties).toMatchObject({
      QueueName: 'voucher-relay-prod-to-wallet',
    });
    expect(template.Resources['ToWalletGivenUpAlarm']?.Properties).toMatchObject({
      AlarmName: 'voucher-relay-prod-wallet-pass-given-up',
      Dimensions: [{}, { Name: 'destination', Value: 'wallet-pass' }],
    });
  });

  it('does not exist in a stage whose parameter for its address is empty', () => {
    const ids = Object.keys(template.Resources).filter((id) => id.includes('ToHttp'));
    expect(ids).toEqual([]);
  });

  it('has eight resources at most', () => {
    const ids = Object.keys(template.Resources).filter((id) => id.includes('ToKlaviyo'));
    expect(ids.length).toBeGreaterThan(3);
    expect(ids.length).toBeLessThanOrEqual(8);
  });

  it("gives other functions no permission, and AWS's own validator finds no error", () => {
    for (const role of ['ReceiveRole', 'OperatorRole']) {
      const properties = JSON.stringify(template.Resources[role]?.Properties);
      expect(properties).not.toMatch(/orders|news|CardsTopic|ArchiveBus|klaviyo/);
    }
    expect(findErrors(templateFile)).toEqual([]);
  });
});

describe('fifty destinations, each with a secret', () => {
  const FIFTY = `${IMPORTS}
export const destinations = defineDestinations(
  Array.from({ length: 50 }, (_, index) =>
    http({
      name: \`destination-\${index}\`,
      url: 'https://crm.example.test/hook',
      secret: secretsManager(\`voucher-relay/{stage}/d\${index}\`),
    }),
  ),
);
`;
  let template: Template;
  let templateFile: string;
  beforeAll(async () => {
    ({ template, templateFile } = await packageDestinations(FIFTY));
  }, 60_000);

  it('each have a queue that fanOut reads', () => {
    const mappings = parseProperties(template, 'AWS::Lambda::EventSourceMapping', MappingSchema);
    const queues = getResources(template, 'AWS::SQS::Queue').map(([id]) => id);
    expect(queues.filter((id) => id.startsWith('ToDestination'))).toHaveLength(50);
    expect(mappings).toHaveLength(51);
  });

  it('fit the quotas of CloudFormation, IAM and Lambda', () => {
    expect(Object.keys(template.Resources).length).toBeLessThan(500);

    // longer than the longest region, partition and account
    const render = (value: unknown): string =>
      JSON.stringify(value)
        .replaceAll(/\$\{AWS::\w+\}/g, 'ap-southeast-99')
        .replaceAll(/\{"Fn::Sub":("[^"]*")\}/g, '$1');
    const { Policies } = v.parse(RoleSchema, template.Resources['FanOutRole']?.Properties);
    const documents = Policies.map(({ PolicyDocument }) => render(PolicyDocument)).join('');
    expect(documents.length).toBeGreaterThan(2_000);
    expect(documents.length).toBeLessThan(10_240);

    const { Variables } = v.parse(
      FanOutSchema,
      template.Resources['FanOutLambdaFunction']?.Properties,
    ).Environment;
    expect(render(Variables).length).toBeGreaterThan(1_000);
    expect(render(Variables).length).toBeLessThan(4_096);
  });

  it('let the table take their writes from the beginning, as many as a table can have', () => {
    expect(template.Resources['DeliveriesTable']?.Properties['WarmThroughput']).toEqual({
      WriteUnitsPerSecond: 40_000,
    });
    expect(
      template.Resources['DeliveriesTable']?.Properties['GlobalSecondaryIndexes'],
    ).toMatchObject([{ IndexName: 'by-state', WarmThroughput: { WriteUnitsPerSecond: 40_000 } }]);
  });

  it("have no error for AWS's own validator", () => {
    expect(findErrors(templateFile)).toEqual([]);
  });
});
