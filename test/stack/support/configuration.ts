/** The stage parameters of a configuration, by stage. */
export type Params = Record<string, Record<string, unknown>>;

/** The parameters of the destinations that are declared in events/fixture-destinations.ts. */
const DESTINATION_PARAMETERS = {
  httpDestinationUrl: 'https://crm.example.test/hook',
  httpDestinationSecretName: 'relay/http',
};

/** Returns the parts of a resolved serverless configuration to which the plugin adds destinations. */
export function createConfiguration(stage: string, custom: object, params: Params = {}) {
  return {
    service: 'relay',
    provider: { stage, region: 'eu-west-1' },
    params: {
      [stage]: {},
      ...params,
      default: { ...DESTINATION_PARAMETERS, ...params['default'] },
    },
    functions: {
      fanOut: {
        environment: {} as Record<string, unknown>,
        events: [] as object[],
        role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      },
    },
    resources: {
      Resources: {
        Role: { Type: 'AWS::IAM::Role', Properties: { Policies: [] as object[] } },
        ConsumersQueue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'consumers' } },
        DeadLettersQueue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead-letters' } },
        QueuesPolicy: { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [] as object[] } },
        DeliveriesTable: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'deliveries' } },
        Dashboard: {
          Type: 'AWS::CloudWatch::Dashboard',
          Properties: { DashboardBody: { 'Fn::Sub': '{"widgets": []}' } },
        },
      },
    },
    custom: {
      esbuild: { alias: { '#destinations': './events/fixture-destinations.ts' } },
      relay: {
        destinationQueues: `relay-${stage}-to-`,
        metrics: { namespace: 'VoucherRelay', service: `relay-${stage}` },
        ...custom,
      },
    },
  };
}
