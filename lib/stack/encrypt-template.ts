import * as v from 'valibot';

const ResourceSchema = v.looseObject({ Type: v.string(), Properties: v.looseObject({}) });
const PropertiesSchema = v.record(v.string(), v.unknown());
const RoleSchema = v.looseObject({ Policies: v.array(v.unknown()) });

/** To send a message SQS generates a data key, and verifies it (SQS developer guide, Key management). */
const QUEUE_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey'];
/** What DynamoDB does with the key in the name of its caller (DynamoDB developer guide, Encryption at rest). */
const TABLE_ACTIONS = ['kms:DescribeKey', 'kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];
/** The roles of the functions that use queues, table or secrets, and what each may do with the key. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  ReleaseCheckRole: ['kms:Decrypt'],
  ReceiveRole: QUEUE_ACTIONS,
  FanOutRole: [...QUEUE_ACTIONS, ...TABLE_ACTIONS],
  OperatorRole: [...QUEUE_ACTIONS, ...TABLE_ACTIONS],
};

/**
 * Encrypts with a key of the merchant's what the stack stores: its queues, the table, the index key, the
 * logs. The functions may use the key. The topic of the alarms is left out: its texts hold no data, and a
 * key policy that lacks CloudWatch would silence every alarm without an error.
 * @param resources those of the compiled template, by logical id; they are changed
 * @param keyArn the stage parameter kmsKeyArn; empty for AWS's own keys, which are there by default
 */
export function encryptTemplate(
  resources: Readonly<Record<string, unknown>>,
  keyArn: string,
): void {
  if (keyArn === '') return;
  for (const [id, resource] of Object.entries(resources)) {
    if (!v.is(ResourceSchema, resource)) continue;
    const { Type, Properties } = resource;
    switch (Type) {
      case 'AWS::SQS::Queue':
        encryptQueue(Properties, keyArn);
        break;
      case 'AWS::DynamoDB::Table':
        if (id !== 'DeliveriesTable') break;
        Object.assign(Properties, {
          SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: keyArn },
        });
        break;
      case 'AWS::SecretsManager::Secret':
        if (id === 'IndexSecret') Object.assign(Properties, { KmsKeyId: keyArn });
        break;
      case 'AWS::Logs::LogGroup':
        Object.assign(Properties, { KmsKeyId: keyArn });
        break;
      case 'AWS::IAM::Role':
        allowKey(Properties, ROLES[id] ?? [], keyArn);
    }
  }
}

/** A queue of a project's own says itself how it is encrypted; ours have the key of SQS. */
function encryptQueue(properties: object, keyArn: string): void {
  if (!v.is(PropertiesSchema, properties) || properties['SqsManagedSseEnabled'] !== true) return;
  // SQS accepts one kind of encryption only
  delete properties['SqsManagedSseEnabled'];
  properties['KmsMasterKeyId'] = keyArn;
}

function allowKey(properties: object, actions: readonly string[], keyArn: string): void {
  if (actions.length === 0 || !v.is(RoleSchema, properties)) return;
  const Statement = [{ Effect: 'Allow', Action: actions, Resource: keyArn }];
  properties.Policies.push({
    PolicyName: 'key',
    PolicyDocument: { Version: '2012-10-17', Statement },
  });
}
