/** One figure of the modelled world, and where it comes from. */
export interface Assumption {
  readonly value: number;
  readonly unit: string;
  readonly source: string;
}

const SQS_QUOTAS =
  'Amazon SQS Developer Guide, "Amazon SQS message quotas" (docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html)';
const LAMBDA_SCALING =
  'AWS Lambda Developer Guide, "Configuring scaling behavior for SQS event source mappings" (docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html)';
const LAMBDA_PARAMETERS =
  'AWS Lambda Developer Guide, "Lambda parameters for Amazon SQS event source mappings" (docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html)';
const LAMBDA_ERRORS =
  'AWS Lambda Developer Guide, "Handling errors for an SQS event source in Lambda" (docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html)';

/**
 * What the simulation takes for granted about AWS and receivers. No figure is changed to meet a bar.
 * Prices are those of test/bench/cost/prices.ts.
 */
export const ASSUMPTIONS = {
  receiveMaxMessages: { value: 10, unit: 'messages', source: `${SQS_QUOTAS}: one ReceiveMessage` },
  inFlightLimit: {
    value: 120_000,
    unit: 'messages',
    source: `${SQS_QUOTAS}: in flight of a standard queue; then a receive is refused`,
  },
  maxVisibilityHours: {
    value: 12,
    unit: 'hours',
    source:
      'Amazon SQS API Reference, ChangeMessageVisibility: 12 hours from the receipt in all, and more is an error',
  },
  retentionDays: {
    value: 14,
    unit: 'days',
    source: `${SQS_QUOTAS}: the longest retention, which every queue has (serverless.yml)`,
  },
  batchRequestEntries: { value: 10, unit: 'entries', source: `${SQS_QUOTAS}: one batch request` },
  pollSeconds: {
    value: 20,
    unit: 'seconds',
    source:
      'Amazon SQS Developer Guide, "Amazon SQS short and long polling": the longest wait of a receive, which Lambda uses ("long polling")',
  },
  idlePollers: {
    value: 5,
    unit: 'pollers',
    source: `${LAMBDA_SCALING}: five at low traffic; scaling down to two "is not available when you enable the maximum concurrency setting". A lower cap may have fewer: this is the most`,
  },
  batchMegabytes: {
    value: 6,
    unit: 'MB',
    source: `${LAMBDA_PARAMETERS}, and "Invocation payload" in "Lambda quotas"`,
  },
  slotGapMs: {
    value: 100,
    unit: 'ms',
    source:
      'An assumption: from the end of an invocation to the next one in its place, with the deletes and receives between them. AWS documents no figure',
  },
  throttleRetryMaxSeconds: {
    value: 60,
    unit: 'seconds',
    source: `${LAMBDA_ERRORS}, "Backoff strategy for failed invocations": a throttled batch is tried again, ever more slowly, until its visibility timeout is over. The longest wait is an assumption`,
  },
  environments: {
    value: 100,
    unit: 'environments',
    source:
      'An assumption: warm environments of fanOut, more than any cap here. Lambda documents no order in which it takes them, so each invocation takes an idle one at random',
  },
  accountConcurrency: {
    value: 1_000,
    unit: 'invocations',
    source: 'AWS Lambda Developer Guide, "Lambda quotas": concurrent executions, all functions',
  },
  recordsConcurrency: {
    value: 50,
    unit: 'invocations',
    source: 'serverless.yml: recordsConcurrency, of the mapping of [records]',
  },
  functionTimeoutSeconds: { value: 60, unit: 'seconds', source: 'serverless.yml: fanOut' },
  memoryMb: { value: 512, unit: 'MB', source: 'serverless.yml: fanOutMemoryMb' },
  cpuPerCallMs: {
    value: 1.4,
    unit: 'ms',
    source:
      'Measured by npm run bench: a call of the SDK takes 0.35 to 0.5 ms of a core, and 512 MB have 512/1,769 of one (AWS Lambda Developer Guide, "Configure Lambda function memory"). An environment makes its calls one after another for so long',
  },
  queueMs: { value: 8, unit: 'ms', source: 'An assumption, as in test/bench/cost/assumptions.ts' },
  tableMs: { value: 5, unit: 'ms', source: 'An assumption, as in test/bench/cost/assumptions.ts' },
  receiverMs: {
    value: 80,
    unit: 'ms',
    source: 'An assumption: the response time of a receiver, a quarter more or less',
  },
  alarmDollars: {
    value: 0.1,
    unit: 'USD a month',
    source:
      'Amazon CloudWatch pricing: a standard-resolution alarm, for each metric that it reads, us-east-1',
  },
  metricDollars: {
    value: 0.3,
    unit: 'USD a month',
    source:
      'Amazon CloudWatch pricing: a custom metric of the first 10,000, us-east-1; prorated by the hours in which it has values',
  },
} as const satisfies { readonly [name: string]: Assumption };
