import { describe, expect, it } from 'vitest';
import { encryptTemplate } from '../../lib/stack/encrypt-template.ts';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const role = () => ({ Type: 'AWS::IAM::Role', Properties: { Policies: [] as object[] } });
/** One resource of each kind that the stack has, and some that a project has added. */
const createResources = () => ({
  RecordsQueue: { Type: 'AWS::SQS::Queue', Properties: { SqsManagedSseEnabled: true } },
  OwnQueue: { Type: 'AWS::SQS::Queue', Properties: { KmsMasterKeyId: 'alias/own' } },
  DeliveriesTable: { Type: 'AWS::DynamoDB::Table', Properties: {} },
  OwnTable: { Type: 'AWS::DynamoDB::Table', Properties: {} },
  IndexSecret: { Type: 'AWS::SecretsManager::Secret', Properties: {} },
  ReceiveLogGroup: { Type: 'AWS::Logs::LogGroup', Properties: {} },
  AlarmTopic: { Type: 'AWS::SNS::Topic', Properties: {} },
  ReceiveRole: role(),
  FanOutRole: role(),
  OperatorRole: role(),
  OwnRole: role(),
});
const encrypt = (keyArn: string) => {
  const resources = createResources();
  encryptTemplate(resources, keyArn);
  return resources;
};
const actionsOf = ({ Properties }: ReturnType<typeof role>): unknown =>
  Properties.Policies.map((policy) => JSON.stringify(policy).match(/(?<=")kms:\w+/g));

describe('a key of the merchant', () => {
  it('changes nothing when there is none', () => {
    expect(encrypt('')).toEqual(createResources());
  });

  it('encrypts queues, table, index key and logs, and no topic', () => {
    const { RecordsQueue, DeliveriesTable, IndexSecret, ReceiveLogGroup, AlarmTopic } =
      encrypt(KEY);
    expect(RecordsQueue.Properties).toEqual({ KmsMasterKeyId: KEY });
    expect(DeliveriesTable.Properties).toEqual({
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: KEY },
    });
    expect(IndexSecret.Properties).toEqual({ KmsKeyId: KEY });
    expect(ReceiveLogGroup.Properties).toEqual({ KmsKeyId: KEY });
    expect(AlarmTopic.Properties).toEqual({});
  });

  it('leaves the queues and tables of a project as they are', () => {
    const { OwnQueue, OwnTable } = encrypt(KEY);
    expect(OwnQueue.Properties).toEqual({ KmsMasterKeyId: 'alias/own' });
    expect(OwnTable.Properties).toEqual({});
  });

  it('may be used by each function for what it reads and writes, and by no other role', () => {
    const { ReceiveRole, FanOutRole, OperatorRole, OwnRole } = encrypt(KEY);
    const queues = ['kms:Decrypt', 'kms:GenerateDataKey'];
    const table = ['kms:DescribeKey', 'kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];
    expect(actionsOf(ReceiveRole)).toEqual([queues]);
    expect(actionsOf(FanOutRole)).toEqual([[...queues, ...table]]);
    expect(actionsOf(OperatorRole)).toEqual([[...queues, ...table]]);
    expect(JSON.stringify(ReceiveRole)).toContain(`"Resource":"${KEY}"`);
    expect(OwnRole).toEqual(role());
  });
});
