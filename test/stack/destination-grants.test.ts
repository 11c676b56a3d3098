import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageStackWith, type Template } from '../support/packaged-stack.ts';

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

/** What a merchant writes: one line for each destination, and the shipped ones. */
const WRITTEN = `  destinations:
    ORDERS_QUEUE_URL: { queue: 'arn:aws:sqs:eu-west-1:111122223333:orders.fifo' }
    CARDS_TOPIC_ARN: { topic: CardsTopic }
    NEWS_TOPIC_ARN: { topic: 'arn:aws:sns:eu-west-1:111122223333:news' }
    ARCHIVE_BUS: { bus: ArchiveBus }
    SHOP_BUS: { bus: 'arn:aws:events:eu-west-1:111122223333:event-bus/shop' }
    CRM_KEY: { secret: relay/prod/crm }
    SMS_KEY: { secret: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:sms-a1B2c3' }
    MAIL_KEY: { parameter: /relay/prod/mail }
    CONSUMERS_QUEUE_URL: { queue: ConsumersQueue }
    HTTP_DESTINATION_SECRET: { secret: '' }
`;
/** The entries of serverless.yml, whatever a merchant has written there by now. */
const ENTRIES = / {2}destinations:\n(?: {4}.*\n)+/;
const RESOURCES = `  - Resources:
      CardsTopic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: cards } }
      ArchiveBus: { Type: 'AWS::Events::EventBus', Properties: { Name: archive } }
`;

const allow = (Action: string, Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
const inAccount = (rest: string) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:${rest.replace('::', ':${AWS::Region}:${AWS::AccountId}:')}`,
});

describe('a destination that serverless.yml declares once', () => {
  let template: Template;
  let templateFile: string;
  beforeAll(async () => {
    ({ template, templateFile } = await packageStackWith((yaml) =>
      yaml.replace(ENTRIES, WRITTEN).replace(/^resources:\n/m, `resources:\n${RESOURCES}`),
    ));
  }, 60_000);

  it('is in the environment of fanOut', () => {
    const { Variables } = v.parse(
      FanOutSchema,
      template.Resources['FanOutLambdaFunction']?.Properties,
    ).Environment;
    expect(Variables).toMatchObject({
      CONSUMERS_QUEUE_URL: { Ref: 'ConsumersQueue' },
      ORDERS_QUEUE_URL: {
        'Fn::Sub': 'https://sqs.eu-west-1.${AWS::URLSuffix}/111122223333/orders.fifo',
      },
      CARDS_TOPIC_ARN: { Ref: 'CardsTopic' },
      NEWS_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:news',
      ARCHIVE_BUS: { 'Fn::GetAtt': ['ArchiveBus', 'Arn'] },
      SHOP_BUS: 'arn:aws:events:eu-west-1:111122223333:event-bus/shop',
      CRM_KEY: 'relay/prod/crm',
      SMS_KEY: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:sms-a1B2c3',
      MAIL_KEY: '/relay/prod/mail',
      HTTP_DESTINATION_SECRET: '',
    });
  });

  it('is what the role of fanOut allows, and nothing else', () => {
    const { Policies } = v.parse(RoleSchema, template.Resources['FanOutRole']?.Properties);
    const policy = Policies.find(({ PolicyName }) => PolicyName === 'destinations');
    expect(policy?.PolicyDocument.Statement).toEqual([
      allow('sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:orders.fifo'),
      allow('sns:Publish', { Ref: 'CardsTopic' }),
      allow('sns:Publish', 'arn:aws:sns:eu-west-1:111122223333:news'),
      allow('events:PutEvents', { 'Fn::GetAtt': ['ArchiveBus', 'Arn'] }),
      allow('events:PutEvents', 'arn:aws:events:eu-west-1:111122223333:event-bus/shop'),
      allow(
        'secretsmanager:GetSecretValue',
        inAccount('secretsmanager::secret:relay/prod/crm-??????'),
      ),
      allow(
        'secretsmanager:GetSecretValue',
        'arn:aws:secretsmanager:eu-west-1:111122223333:secret:sms-a1B2c3',
      ),
      allow('ssm:GetParameter', inAccount('ssm::parameter/relay/prod/mail')),
      allow('sqs:SendMessage', { 'Fn::GetAtt': ['ConsumersQueue', 'Arn'] }),
    ]);
  });

  it("gives other functions no permission, and AWS's own validator finds no error", () => {
    for (const role of ['ReceiveRole', 'ReplayRole']) {
      const properties = JSON.stringify(template.Resources[role]?.Properties);
      expect(properties).not.toMatch(/orders|news|CardsTopic|ArchiveBus|crm/);
    }
    const { diagnostics } = new RegoEngine().validateStandard(new TemplateFile(templateFile), {
      severityLevel: 'ERROR',
    });
    expect(diagnostics.map(({ ruleId, message }) => `${ruleId} ${message}`)).toEqual([]);
  });
});
