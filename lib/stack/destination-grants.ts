import * as v from 'valibot';

const NameSchema = v.pipe(v.string(), v.nonEmpty('is empty'));
/** One entry of `custom.destinations` in serverless.yml, by the environment variable that it fills. */
export const DestinationEntrySchema = v.union(
  [
    // an ARN, or the logical id of a resource in serverless.yml
    v.strictObject({ queue: NameSchema }),
    v.strictObject({ topic: NameSchema }),
    v.strictObject({ bus: NameSchema }),
    // a name or an ARN of Secrets Manager, a name of the Systems Manager; empty for none. `local` is
    // the secret itself on a developer's machine.
    v.strictObject({ secret: v.string(), local: v.optional(v.string()) }),
    v.strictObject({ parameter: v.string(), local: v.optional(v.string()) }),
  ],
  'is not one of { queue }, { topic }, { bus }, { secret } and { parameter } with a text',
);
export type DestinationEntry = v.InferOutput<typeof DestinationEntrySchema>;
export type DestinationEntries = Readonly<Record<string, DestinationEntry>>;

/** What fanOut gets for an entry: the variable's value, and the one thing that it may do. */
export interface Grant {
  readonly value: unknown;
  /** Null where there is nothing to be allowed. */
  readonly statement: {
    readonly Effect: 'Allow';
    readonly Action: string;
    readonly Resource: unknown;
  } | null;
}

/** Turns an entry into CloudFormation: what stands in the variable, and the statement of the role. */
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

/** Says whether a text is an ARN; else it is the logical id of a resource, or a secret's name. */
export function isArn(text: string): boolean {
  return text.startsWith('arn:');
}

function allow(action: string, resource: unknown, value: unknown): Grant {
  return { value, statement: { Effect: 'Allow', Action: action, Resource: resource } };
}

function toArn(arnOrId: string): unknown {
  return isArn(arnOrId) ? arnOrId : { 'Fn::GetAtt': [arnOrId, 'Arn'] };
}

/** SQS is spoken to by URL, which says the same as the ARN. */
function toQueueUrl(arn: string): unknown {
  const [, , , region, account, name] = arn.split(':');
  return { 'Fn::Sub': `https://sqs.${region}.\${AWS::URLSuffix}/${account}/${name}` };
}

/** Secrets Manager ends a secret's ARN with a hyphen and six characters of its own. */
function toSecretArn(name: string): unknown {
  return isArn(name) ? name : localArn('secretsmanager', `secret:${name}-??????`);
}

function localArn(service: string, resource: string): unknown {
  return {
    'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`,
  };
}
