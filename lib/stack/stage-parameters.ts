import * as v from 'valibot';
import { DestinationUrlSchema } from '../destinations/url.ts';
import { FanOutSettingsSchema } from '../fan-out/settings.ts';
import { RequiredStringSchema, RequiredUrlSchema } from '../platform/config.ts';
import { ParameterNameSchema, SecretArnSchema, SecretNameSchema } from '../platform/secret-name.ts';
import { ReceiveVariablesSchema } from '../receive/settings.ts';
import { findClosest } from './find-closest.ts';

/** What YAML and the command line can give for a parameter that is no CloudFormation function. */
const ScalarSchema = v.pipe(
  v.union([v.string(), v.number(), v.boolean()], 'is not a text or a number'),
  v.transform(String),
);

const DAY_SECONDS = 86_400;
/** CreateQueue API reference, MessageRetentionPeriod. */
const MAX_RETENTION_SECONDS = 14 * DAY_SECONDS;
/** PutRetentionPolicy API reference, retentionInDays, without 1096: osls refuses it. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 2192, 2557, 2922, 3288, 3653,
].map(String);
/** What a new on-demand table takes; DynamoDB refuses less (DynamoDB developer guide, warm throughput). */
const MIN_WARM_WRITES = 4_000;
const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT'];

/** DomainName of AWS::ApiGatewayV2::DomainName: neither capital letters nor underscores. */
const DOMAIN_NAME = /^(?:(?=.{1,253}$)(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,63})?$/;
const KEY_ARN = /^(?:arn:[\w-]+:kms:[a-z\d-]+:\d{12}:key\/[\w-]+)?$/;

function oneOf(...values: readonly string[]) {
  return v.pipe(ScalarSchema, v.picklist(values, `is none of ${values.join(', ')}`));
}

function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
  return v.pipe(
    ScalarSchema,
    v.check(
      (text) => /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max,
      `is not a whole number ${range}`,
    ),
  );
}

/** A parameter that a function reads with this schema. */
function readBy(schema: v.GenericSchema<string | undefined, unknown>) {
  return v.pipe(
    ScalarSchema,
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      for (const { message } of v.safeParse(schema, dataset.value).issues ?? [])
        addIssue({ message });
    }),
  );
}

const memoryMb = wholeNumber(128, 10_240);
const concurrency = wholeNumber(2, 1_000);
const retentionSeconds = wholeNumber(DAY_SECONDS, MAX_RETENTION_SECONDS);
const EmptySchema = v.literal('');
const CloudFormationSchema = v.looseObject({});
const QueueUrlSchema = v.union([CloudFormationSchema, RequiredUrlSchema], 'is not a URL');
const NOT_AN_ENDPOINT = 'is not a URL that begins with https://';
const EndpointSchema = v.union(
  [
    CloudFormationSchema,
    v.pipe(
      v.string(),
      v.check((text) => URL.parse(text)?.protocol === 'https:', NOT_AN_ENDPOINT),
    ),
  ],
  NOT_AN_ENDPOINT,
);
const TopicArnSchema = v.union(
  [CloudFormationSchema, v.pipe(v.string(), v.startsWith('arn:', 'is not an ARN'))],
  'is not an ARN',
);
const FunctionNameSchema = v.union([CloudFormationSchema, RequiredStringSchema], 'is not a name');
const TableNameSchema = v.union([CloudFormationSchema, RequiredStringSchema], 'is not a name');

const OwnFileSchema = v.pipe(
  ScalarSchema,
  v.regex(/^\.\/.+\.ts$/, 'is not the path of a TypeScript file that begins with ./'),
);

const { entries: receive } = ReceiveVariablesSchema;
const { entries: fanOut } = FanOutSettingsSchema;

/**
 * The stage parameters of a deployed stage, as serverless.yml lists them. Those that a function reads
 * have the schema with which it reads them.
 */
const StageParametersSchema = v.object({
  alarmEmail: v.pipe(
    ScalarSchema,
    v.check(
      (text) => text === '' || v.is(v.pipe(v.string(), v.email()), text),
      'is not an e-mail address',
    ),
  ),
  alarms: oneOf('mail', 'none'),
  silenceAlarm: oneOf('on', 'off'),
  reconcileDaily: oneOf('on', 'off'),
  // an alarm looks back a week at most (PutMetricAlarm API reference, EvaluationPeriods)
  silenceHours: wholeNumber(1, 168),
  consumersLateSeconds: wholeNumber(1, MAX_RETENTION_SECONDS),
  runbook: v.pipe(ScalarSchema, v.nonEmpty('is empty')),
  webhookSecretName: v.pipe(ScalarSchema, v.nonEmpty('is empty: receive would have no secret')),
  webhookSecretStore: oneOf('secrets-manager', 'ssm'),
  webhookSecret: v.pipe(
    ScalarSchema,
    v.literal(
      '',
      'is for the stage local only: it would be readable in the function’s settings. Leave it empty and store the secret under webhookSecretName (docs/first-webhook.md)',
    ),
  ),
  voucherifyApiSecretName: SecretNameSchema,
  senderRegion: readBy(receive.SENDER_REGION),
  senderIpCheck: readBy(receive.SENDER_IP_CHECK),
  senderAddresses: readBy(receive.SENDER_ADDRESSES),
  trustedProxies: readBy(receive.TRUSTED_PROXIES),
  currency: readBy(receive.CURRENCY),
  maxWebhookAgeDays: readBy(receive.MAX_WEBHOOK_AGE_DAYS),
  httpDestinationUrl: readBy(DestinationUrlSchema),
  httpDestinationSecretName: v.union(
    [EmptySchema, SecretNameSchema, SecretArnSchema],
    'is neither the name nor the ARN of a secret in Secrets Manager',
  ),
  destinationsFile: OwnFileSchema,
  mappingsFile: OwnFileSchema,
  requestsPerSecond: wholeNumber(1),
  requestsAtOnce: wholeNumber(1),
  // 0 would stop receive
  receiveReservedConcurrency: wholeNumber(1),
  // ScalingConfig API reference, MaximumConcurrency
  recordsConcurrency: concurrency,
  accountConcurrency: wholeNumber(1),
  tableWritesPerSecond: v.pipe(
    ScalarSchema,
    v.check(
      (text) => ['auto', 'off'].includes(text) || v.is(wholeNumber(MIN_WARM_WRITES), text),
      `is neither auto, off nor a whole number from ${MIN_WARM_WRITES}`,
    ),
  ),
  receiveMemoryMb: memoryMb,
  fanOutMemoryMb: memoryMb,
  domainName: v.pipe(
    ScalarSchema,
    v.regex(DOMAIN_NAME, 'is not a domain name in lower case, such as hooks.example.com'),
  ),
  releases: oneOf('all-at-once', 'canary'),
  kmsKeyArn: v.pipe(
    ScalarSchema,
    v.regex(
      KEY_ARN,
      'is not the ARN of a KMS key (an alias is none: permissions name the key itself)',
    ),
  ),
  onRemoval: oneOf('Retain', 'Delete'),
  queueRetentionSeconds: retentionSeconds,
  waitingRetentionSeconds: retentionSeconds,
  historyDays: readBy(fanOut.HISTORY_DAYS),
  logRetentionDays: oneOf(...LOG_RETENTION_DAYS),
  logLevel: oneOf(...LOG_LEVELS),
  recordsQueueUrl: QueueUrlSchema,
  quarantineQueueUrl: QueueUrlSchema,
  destinationQueuesUrl: QueueUrlSchema,
  deadLettersQueueUrl: QueueUrlSchema,
  deliveriesTable: TableNameSchema,
  indexSecret: v.union(
    [CloudFormationSchema, SecretNameSchema, SecretArnSchema],
    'is neither the name nor the ARN of a secret in Secrets Manager',
  ),
  consumersQueueUrl: QueueUrlSchema,
  consumersDeadLettersQueueUrl: QueueUrlSchema,
  alarmTopicArn: TopicArnSchema,
  receiveFunction: FunctionNameSchema,
  webhookEndpoint: EndpointSchema,
});

/**
 * Finds what is wrong with the parameters of a stage that is deployed. One that is missing is no fault:
 * where serverless.yml uses it, osls says so.
 * @param parameters the values by name, as osls passes them to the configuration
 * @param otherNames the parameters of the merchant: those that a destination or serverless.yml reads
 * @returns one line for each fault, with the name of the parameter and how to fix it, and no value
 */
export function findParameterFaults(
  parameters: Readonly<Record<string, unknown>>,
  otherNames: ReadonlySet<string>,
): readonly string[] {
  const parsed = v.safeParse(v.partial(StageParametersSchema), parameters);
  const invalid = (parsed.issues ?? []).map((issue) => `${v.getDotPath(issue)} ${issue.message}`);
  return [
    ...invalid,
    ...findContradictions(parameters),
    ...findUnknown(Object.keys(parameters), otherNames),
  ];
}

function findContradictions(parameters: Readonly<Record<string, unknown>>): readonly string[] {
  const text = (name: string): string => {
    const parsed = v.safeParse(ScalarSchema, parameters[name]);
    return parsed.success ? parsed.output : '';
  };
  const faults: string[] = [];
  if (
    text('senderIpCheck') === 'enforce' &&
    text('senderRegion') === '' &&
    text('senderAddresses') === ''
  ) {
    faults.push(
      'senderIpCheck is enforce, but no address would be checked: set senderRegion or senderAddresses',
    );
  }
  const secretName = text('webhookSecretName');
  const store = text('webhookSecretStore');
  if (store === 'ssm' && secretName !== '' && !v.is(ParameterNameSchema, secretName)) {
    faults.push(
      'webhookSecretName is not the name of an SSM parameter with its leading slash, for example /voucher-relay/prod/webhook; webhookSecretStore is ssm',
    );
  }
  if (store === 'secrets-manager' && secretName !== '' && !v.is(SecretNameSchema, secretName)) {
    faults.push(
      'webhookSecretName is not the name of a secret in Secrets Manager (an ARN is none); webhookSecretStore is secrets-manager',
    );
  }
  const retention = text('queueRetentionSeconds');
  if (retention !== '' && Number(text('consumersLateSeconds')) >= Number(retention)) {
    faults.push(
      'consumersLateSeconds is not below queueRetentionSeconds: a record would be deleted before the alarm goes off',
    );
  }
  return faults;
}

/** What a fault says of a parameter that nothing reads. */
export const UNUSED = 'is no stage parameter, and nothing reads it';

function findUnknown(names: readonly string[], otherNames: ReadonlySet<string>): readonly string[] {
  const known = new Set([...Object.keys(StageParametersSchema.entries), ...otherNames]);
  return names
    .filter((name) => !known.has(name))
    .map((name) => {
      const closest = findClosest(name, known);
      const hint = closest === null ? 'remove it' : `did you mean ${closest}?`;
      return `${name} ${UNUSED}: ${hint}`;
    });
}
