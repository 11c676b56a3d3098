import * as v from 'valibot';
import { ParameterNameSchema, SecretArnSchema, SecretNameSchema } from '../platform/secret-name.ts';

const NameSchema = v.pipe(v.string(), v.nonEmpty('is empty'));
/** One entry of `custom.destinations` in serverless.yml; its key is the environment variable that it sets. */
export const DestinationEntrySchema = v.union(
  [
    // an ARN, or the logical id of a resource in serverless.yml
    v.strictObject({ queue: NameSchema }),
    v.strictObject({ topic: NameSchema }),
    v.strictObject({ bus: NameSchema }),
    // the name or ARN of a secret in Secrets Manager, or the name of a parameter in Systems Manager; empty
    // for none. `local` is the secret itself, for the stage local.
    v.strictObject({
      secret: v.union([v.literal(''), SecretNameSchema, SecretArnSchema]),
      local: v.optional(v.string()),
    }),
    v.strictObject({
      parameter: v.union([v.literal(''), ParameterNameSchema]),
      local: v.optional(v.string()),
    }),
  ],
  'is not one of { queue }, { topic }, { bus }, { secret: the name or ARN of a secret } and { parameter: the name of a parameter, with its leading slash }, each with a text',
);
export type DestinationEntry = v.InferOutput<typeof DestinationEntrySchema>;
/** All entries of `custom.destinations`, by the name of the environment variable. */
export type DestinationEntries = Readonly<Record<string, DestinationEntry>>;

/** What an entry adds to fanOut: the value of the environment variable, and one permission. */
export interface Grant {
  readonly value: unknown;
  /** Null when no permission is needed. */
  readonly statement: {
    readonly Effect: 'Allow';
    readonly Action: string;
    readonly Resource: unknown;
  } | null;
}

/** Converts an entry to CloudFormation: the value of the variable, and the policy statement of the role. */
export function toGrant(entry: DestinationEntry): Grant {
  if ('queue' in entry) {
    const { queue } = entry;
    const value = isArn(queue) ? toQueueUrl(queue) : { Ref: queue };
    return allow('sqs:SendMessage', toArn(queue), value);
  }
  if ('topic' in entry) {
    const arn = isArn(entry.topic) ? entry.topic : { Ref: entry.topic };
    return allow('sns:Publish', arn, arn);
  }
  if ('bus' in entry) {
    const arn = toArn(entry.bus);
    return allow('events:PutEvents', arn, arn);
  }
  const name = 'secret' in entry ? entry.secret : entry.parameter;
  if (name === '') return { value: '', statement: null };
  if ('secret' in entry) return allow('secretsmanager:GetSecretValue', toSecretArn(name), name);
  return allow('ssm:GetParameter', localArn(`ssm`, `parameter${name}`), name);
}

/** Returns whether a text is an ARN, and not a logical id or a name. */
export function isArn(text: string): boolean {
  return text.startsWith('arn:');
}

function allow(action: string, resource: unknown, value: unknown): Grant {
  return { value, statement: { Effect: 'Allow', Action: action, Resource: resource } };
}

function toArn(arnOrId: string): unknown {
  return isArn(arnOrId) ? arnOrId : { 'Fn::GetAtt': [arnOrId, 'Arn'] };
}

/** SQS calls need the URL of a queue; it consists of the parts of the ARN. */
function toQueueUrl(arn: string): unknown {
  const [, , , region, account, name] = arn.split(':');
  return { 'Fn::Sub': `https://sqs.${region}.\${AWS::URLSuffix}/${account}/${name}` };
}

/** Secrets Manager adds a hyphen and six random characters to the name in a secret's ARN. */
function toSecretArn(name: string): unknown {
  return isArn(name) ? name : localArn('secretsmanager', `secret:${name}-??????`);
}

function localArn(service: string, resource: string): unknown {
  return {
    'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`,
  };
}
