import * as v from 'valibot';
import type { ResourceValues } from './intrinsics.ts';
import { LOCAL_ACCOUNT, QUEUE_ADDRESS_PREFIX } from '../local-addresses.ts';
import { parsePart } from './parse-part.ts';

export const ResourcesSchema = v.record(
  v.string(),
  v.object({
    Type: v.string(),
    Properties: v.optional(v.record(v.string(), v.unknown()), {}),
  }),
);
type Resources = v.InferOutput<typeof ResourcesSchema>;

/** A resource of serverless.yml that has a counterpart on this machine. */
export interface KnownResource extends ResourceValues {
  readonly id: string;
  readonly type: 'queue' | 'topic' | 'table';
  readonly name: string;
  readonly arn: string;
  /** As written: CloudFormation functions are still inside. */
  readonly properties: Readonly<Record<string, unknown>>;
}

const NameSchema = v.optional(v.string('the name has to be a text'));

/**
 * Gives every queue, topic and table its name, ARN and what CloudFormation's Ref and GetAtt stand for.
 * Resources of other types are left out: they have no counterpart here.
 * @param prefix begins the name of a resource that was given none
 */
export function knownResources(
  resources: Resources,
  region: string,
  prefix: string,
): ReadonlyMap<string, KnownResource> {
  const known = Object.entries(resources).flatMap(([id, { Type, Properties }]): KnownResource[] => {
    const name = (key: string): string =>
      parsePart(NameSchema, Properties[key], `resources.${id}.${key}`) ?? `${prefix}-${id}`;
    const arn = (service: string, path: string): string =>
      `arn:aws:${service}:${region}:${LOCAL_ACCOUNT}:${path}`;
    switch (Type) {
      case 'AWS::SQS::Queue':
        return [queue(id, name('QueueName'), arn('sqs', name('QueueName')), Properties)];
      case 'AWS::SNS::Topic':
        return [topic(id, name('TopicName'), arn('sns', name('TopicName')), Properties)];
      case 'AWS::DynamoDB::Table':
        return [
          table(id, name('TableName'), arn('dynamodb', `table/${name('TableName')}`), Properties),
        ];
      default:
        return [];
    }
  });
  return new Map(known.map((resource) => [resource.id, resource]));
}

type Properties = KnownResource['properties'];

function queue(id: string, name: string, arn: string, properties: Properties): KnownResource {
  const attributes = { Arn: arn, QueueName: name };
  return { id, type: 'queue', name, arn, ref: QUEUE_ADDRESS_PREFIX + name, attributes, properties };
}

function topic(id: string, name: string, arn: string, properties: Properties): KnownResource {
  const attributes = { TopicArn: arn, TopicName: name };
  return { id, type: 'topic', name, arn, ref: arn, attributes, properties };
}

function table(id: string, name: string, arn: string, properties: Properties): KnownResource {
  return { id, type: 'table', name, arn, ref: name, attributes: { Arn: arn }, properties };
}
