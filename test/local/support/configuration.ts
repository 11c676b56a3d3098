/** Returns a resolved serverless configuration with two functions, in the format of `sls print`. */
export function fixtureConfiguration(): Record<string, unknown> & {
  provider: Record<string, unknown>;
  functions: Record<string, Record<string, unknown>>;
  resources: { Resources: Record<string, unknown> };
} {
  const address = 'http://127.0.0.1/000000000000/letters-local';
  return {
    service: 'letters',
    provider: {
      name: 'aws',
      stage: 'local',
      region: 'eu-west-1',
      environment: { GREETING: 'hello', UNSET: null },
    },
    functions: {
      front: {
        handler: 'test/local/fixtures/functions/front.handler',
        timeout: 5,
        events: [{ httpApi: 'POST /letters/{kind}' }],
        environment: { INBOX_URL: `${address}-inbox`, LIMIT: 3 },
      },
      reader: {
        handler: 'test/local/fixtures/functions/reader.handler',
        timeout: 2,
        memorySize: 256,
        events: [
          {
            sqs: {
              arn: { 'Fn::GetAtt': ['Inbox', 'Arn'] },
              batchSize: 5,
              functionResponseType: 'ReportBatchItemFailures',
            },
          },
        ],
        environment: {
          OUTBOX_URL: `${address}-outbox`,
          MOCK_URL: 'http://127.0.0.1/mock/mail',
          TABLE: { Ref: 'DeliveriesTable' },
        },
      },
    },
    resources: {
      Resources: {
        Inbox: {
          Type: 'AWS::SQS::Queue',
          Properties: {
            QueueName: 'letters-local-inbox',
            VisibilityTimeout: 2,
            RedrivePolicy: {
              deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] },
              maxReceiveCount: 2,
            },
          },
        },
        Outbox: {
          Type: 'AWS::SQS::Queue',
          Properties: { QueueName: 'letters-local-outbox', SqsManagedSseEnabled: true },
        },
        DeadLetters: { Type: 'AWS::SQS::Queue' },
        DeliveriesTable: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            TableName: 'letters-local-deliveries',
            BillingMode: 'PAY_PER_REQUEST',
            AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
            KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
            TimeToLiveSpecification: { AttributeName: 'expiresAtSeconds', Enabled: true },
          },
        },
        Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { Threshold: { Ref: 'Elsewhere' } } },
      },
    },
    custom: {
      esbuild: { bundle: true, minify: true, format: 'cjs', mainFields: ['module', 'main'] },
    },
  };
}
