import { describe, expect, it } from 'vitest';
import { findClosest } from '../../lib/stack/find-closest.ts';
import { findParameterFaults } from '../../lib/stack/stage-parameters.ts';

/** Those of serverless.yml for the stage prod, as YAML gives them. */
const VALID = {
  alarmEmail: 'on-call@example.com',
  alarms: 'mail',
  silenceAlarm: 'off',
  reconcileDaily: 'off',
  silenceHours: 24,
  consumersLateSeconds: 86_400,
  runbook: 'docs/operations.md',
  webhookSecretName: 'voucher-relay/prod/webhook',
  webhookSecretStore: 'secrets-manager',
  voucherifyApiSecretName: 'voucher-relay/prod/voucherify-api',
  webhookSecret: '',
  senderRegion: '',
  senderIpCheck: 'report',
  senderAddresses: '',
  trustedProxies: '',
  currency: '',
  httpDestinationUrl: '',
  httpDestinationSecretName: '',
  requestsPerSecond: 2000,
  requestsAtOnce: 4000,
  recordsConcurrency: 50,
  accountConcurrency: 1000,
  tableWritesPerSecond: 'auto',
  receiveMemoryMb: 512,
  fanOutMemoryMb: 512,
  domainName: '',
  releases: 'all-at-once',
  kmsKeyArn: '',
  onRemoval: 'Retain',
  queueRetentionSeconds: 604_800,
  waitingRetentionSeconds: 1_209_600,
  historyDays: 90,
  logRetentionDays: 30,
  logLevel: 'INFO',
  recordsQueueUrl: { Ref: 'RecordsQueue' },
  quarantineQueueUrl: { Ref: 'QuarantineQueue' },
  destinationQueuesUrl: { 'Fn::Sub': 'https://sqs.${AWS::Region}.amazonaws.com/1/relay-to-' },
  deadLettersQueueUrl: { Ref: 'DeadLettersQueue' },
  deliveriesTable: { Ref: 'DeliveriesTable' },
  indexSecret: { Ref: 'IndexSecret' },
  consumersQueueUrl: { Ref: 'ConsumersQueue' },
  consumersDeadLettersQueueUrl: { Ref: 'ConsumersDeadLettersQueue' },
  alarmTopicArn: { Ref: 'AlarmTopic' },
  receiveFunction: { Ref: 'ReceiveLambdaFunction' },
  webhookEndpoint: { 'Fn::Sub': 'https://${HttpApi}.example.test/webhooks/voucherify' },
};
const NONE: ReadonlySet<string> = new Set();
const find = (changes: Record<string, unknown>, otherNames = NONE): readonly string[] =>
  findParameterFaults({ ...VALID, ...changes }, otherNames);

describe('the parameters of a stage', () => {
  it.each<Record<string, unknown>>([
    {},
    { senderRegion: 'eu1', senderIpCheck: 'enforce' },
    { senderAddresses: '198.51.100.0/24, 2001:db8::1', senderIpCheck: 'enforce' },
    { trustedProxies: '203.0.113.0/24' },
    { webhookSecretStore: 'ssm', webhookSecretName: '/voucher-relay/prod/webhook' },
    { currency: 'EUR', logLevel: 'SILENT', onRemoval: 'Delete', alarms: 'none', alarmEmail: '' },
    { silenceAlarm: 'on', silenceHours: '168', receiveReservedConcurrency: '200' },
    {
      httpDestinationUrl: 'https://crm.example.test/hook',
      httpDestinationSecretName: 'relay/http',
    },
    {
      httpDestinationSecretName: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:http-a1B2c3',
    },
    {
      recordsConcurrency: 2,
      accountConcurrency: '3000',
      receiveMemoryMb: 128,
      fanOutMemoryMb: 10240,
    },
    { tableWritesPerSecond: '16000' },
    { tableWritesPerSecond: 'off' },
    { releases: 'canary' },
    { domainName: 'hooks.shop-7.example.com' },
    { kmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab' },
    {
      kmsKeyArn: 'arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab',
    },
    { historyDays: 16 },
    { historyDays: '730' },
    { queueRetentionSeconds: 86_401, consumersLateSeconds: 86_400 },
    { webhookEndpoint: 'https://hooks.example.test/webhooks/voucherify' },
    { recordsQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/records' },
  ])('are valid: %j', (changes) => {
    expect(find(changes)).toEqual([]);
  });

  it.each<[Record<string, unknown>, string]>([
    [
      { senderIpCheck: 'enforce' },
      'senderIpCheck is enforce, but no address would be checked: set senderRegion or senderAddresses',
    ],
    [{ senderIpCheck: 'on' }, 'senderIpCheck is neither report nor enforce'],
    [{ senderRegion: 'eu9' }, 'senderRegion is none of eu1, us1, as1'],
    [{ senderRegion: 'EU1' }, 'senderRegion is none of eu1, us1, as1'],
    [
      { senderAddresses: 'enforce' },
      'senderAddresses has an entry that is neither an IP address nor a CIDR range: entry 1',
    ],
    [{ trustedProxies: '0.0.0.0/0' }, 'trustedProxies has a range wider than /8: entry 1'],
    [{ webhookSecret: 'a-secret-of-prod' }, 'webhookSecret is for the stage local only'],
    [{ webhookSecretName: '' }, 'webhookSecretName is empty'],
    [{ webhookSecretName: 'two words' }, 'webhookSecretName is not the name of a secret'],
    [
      { webhookSecretName: 'arn:aws:secretsmanager:eu-west-1:1:secret:x' },
      'webhookSecretName is not the name of a secret',
    ],
    [
      { webhookSecretStore: 'ssm' },
      'webhookSecretName is not the name of an SSM parameter with its leading slash',
    ],
    [{ webhookSecretStore: 'vault' }, 'webhookSecretStore is none of secrets-manager, ssm'],
    [{ currency: 'euro' }, 'currency is not a currency of three capital letters'],
    [{ httpDestinationUrl: 'crm.example.test' }, 'httpDestinationUrl is not a URL'],
    [
      { httpDestinationUrl: 'http://crm.example.test' },
      'httpDestinationUrl does not begin with https://',
    ],
    [
      { httpDestinationSecretName: 'inline:whsec_x' },
      'httpDestinationSecretName is neither the name nor the ARN',
    ],
    [{ alarmEmail: 'on-call' }, 'alarmEmail is not an e-mail address'],
    [{ alarms: 'off' }, 'alarms is none of mail, none'],
    [{ silenceAlarm: true }, 'silenceAlarm is none of on, off'],
    [{ reconcileDaily: 'daily' }, 'reconcileDaily is none of on, off'],
    [
      { voucherifyApiSecretName: 'arn:aws:secretsmanager:eu-west-1:1:secret:x' },
      'voucherifyApiSecretName is not the name of a secret in Secrets Manager',
    ],
    [{ silenceHours: 0 }, 'silenceHours is not a whole number from 1 to 168'],
    [{ silenceHours: 169 }, 'silenceHours is not a whole number from 1 to 168'],
    [{ recordsConcurrency: 1 }, 'recordsConcurrency is not a whole number from 2 to 1000'],
    [{ recordsConcurrency: 1001 }, 'recordsConcurrency is not a whole number from 2 to 1000'],
    [
      { tableWritesPerSecond: 3999 },
      'tableWritesPerSecond is neither auto, off nor a whole number',
    ],
    [{ accountConcurrency: 0 }, 'accountConcurrency is not a whole number from 1'],
    [{ retriesConcurrency: 5 }, 'retriesConcurrency is no stage parameter'],
    [{ receiveReservedConcurrency: 0 }, 'receiveReservedConcurrency is not a whole number from 1'],
    [{ receiveMemoryMb: 127 }, 'receiveMemoryMb is not a whole number from 128 to 10240'],
    [{ fanOutMemoryMb: '1e3' }, 'fanOutMemoryMb is not a whole number from 128 to 10240'],
    [{ requestsPerSecond: 1.5 }, 'requestsPerSecond is not a whole number from 1'],
    [{ requestsAtOnce: '' }, 'requestsAtOnce is not a whole number from 1'],
    ...['Hooks.example.com', 'https://hooks.example.com', 'hooks', 'my_hooks.example.com'].map(
      (domainName): [Record<string, unknown>, string] => [
        { domainName },
        'domainName is not a domain name in lower case, such as hooks.example.com',
      ],
    ),
    [
      { kmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:alias/relay' },
      'kmsKeyArn is not the ARN of a KMS key',
    ],
    [
      { kmsKeyArn: '1234abcd-12ab-34cd-56ef-1234567890ab' },
      'kmsKeyArn is not the ARN of a KMS key',
    ],
    [{ releases: 'blue-green' }, 'releases is none of all-at-once, canary'],
    [{ onRemoval: 'Keep' }, 'onRemoval is none of Retain, Delete'],
    [
      { waitingRetentionSeconds: 86_399 },
      'waitingRetentionSeconds is not a whole number from 86400 to 1209600',
    ],
    [
      { queueRetentionSeconds: 1_209_601 },
      'queueRetentionSeconds is not a whole number from 86400 to 1209600',
    ],
    [{ queueRetentionSeconds: 86_400 }, 'consumersLateSeconds is not below queueRetentionSeconds'],
    [{ historyDays: 15 }, 'historyDays is below 16: a row must outlast the time'],
    [{ historyDays: 'ever' }, 'historyDays is not a whole number of days'],
    [{ logRetentionDays: 31 }, 'logRetentionDays is none of 1, 3, 5, 7'],
    [{ logLevel: 'info' }, 'logLevel is none of TRACE'],
    [{ runbook: '' }, 'runbook is empty'],
    [{ recordsQueueUrl: '' }, 'recordsQueueUrl is not a URL'],
    [{ deadLettersQueueUrl: 'dead-letters' }, 'deadLettersQueueUrl is not a URL'],
    [{ indexSecret: 'inline:a-key' }, 'indexSecret is neither the name nor the ARN'],
    [{ deliveriesTable: '' }, 'deliveriesTable is empty'],
    [{ alarmTopicArn: 'alarms' }, 'alarmTopicArn is not an ARN'],
    [{ receiveFunction: '' }, 'receiveFunction is empty'],
    [{ webhookEndpoint: '' }, 'webhookEndpoint is not a URL that begins with https://'],
    [
      { webhookEndpoint: 'http://hooks.example.test/webhooks/voucherify' },
      'webhookEndpoint is not a URL that begins with https://',
    ],
    [{ currency: ['EUR'] }, 'currency is not a text or a number'],
    [
      { senderRegoin: 'eu1' },
      'senderRegoin is no stage parameter, and nothing reads it: did you mean senderRegion?',
    ],
    [
      { WebhookSecretname: 'x' },
      'WebhookSecretname is no stage parameter, and nothing reads it: did you mean webhookSecretName?',
    ],
    [{ colour: 'red' }, 'colour is no stage parameter, and nothing reads it: remove it'],
  ])('are refused: %j', (changes, fault) => {
    const faults = find(changes);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
    expect(faults[0]).not.toContain('a-secret-of-prod');
  });

  it('are refused with all faults at once', () => {
    const wrong = {
      senderIpCheck: 'enforce',
      webhookSecret: 'a-secret-of-prod',
      webhookSecretStore: 'ssm',
      silenceHours: 'many',
      sendrRegion: 'eu1',
    };
    expect(find(wrong).map((fault) => fault.split(' ')[0])).toEqual([
      'silenceHours',
      'webhookSecret',
      'senderIpCheck',
      'webhookSecretName',
      'sendrRegion',
    ]);
  });

  it('can be those that a merchant has added', () => {
    expect(find({ klaviyoUrl: 'https://a.example.test' }, new Set(['klaviyoUrl']))).toEqual([]);
    expect(find({ klavioUrl: '' }, new Set(['klaviyoUrl']))).toEqual([
      'klavioUrl is no stage parameter, and nothing reads it: did you mean klaviyoUrl?',
    ]);
  });
});

describe('the days for which logs are kept', () => {
  // PutRetentionPolicy API reference, without 1096, which osls refuses
  const DAYS = '1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1827 2192 2557 2922 3288 3653';
  const allowed = new Set(DAYS.split(' ').map(Number));

  it('are those that CloudWatch takes, and no others', () => {
    const taken = Array.from({ length: 4_000 }, (_, days) => days).filter(
      (days) => find({ logRetentionDays: days }).length === 0,
    );
    expect(new Set(taken)).toEqual(allowed);
  });
});

describe('the closest name', () => {
  it.each([
    ['senderregion', 'senderRegion'],
    ['sendRegion', 'senderRegion'],
    ['alarmMail', 'alarmEmail'],
    ['alarm', 'alarms'],
    ['', null],
    ['region', null],
    ['somethingElse', null],
  ])('of %j is %j', (name, closest) => {
    expect(findClosest(name, ['senderRegion', 'alarmEmail', 'alarms'])).toBe(closest);
  });
});
