import * as v from 'valibot';
import type { ResourceValues } from './intrinsics.ts';
import { LOCAL_ACCOUNT, QUEUE_URL_PREFIX } from '../local-addresses.ts';
import { parseSection } from './parse-section.ts';

/** The `Resources` of serverless.yml. */
export const ResourcesSchema = v.record(
  v.string(),
  v.object({
    Type: v.string(),
    Properties: v.optional(v.record(v.string(), v.unknown()), {}),
  }),
);
type Resources = v.InferOutput<typeof ResourcesSchema>;

/** A resource of serverless.yml that exists on this machine. */
export interface ResolvedResource extends ResourceValues {
  readonly id: string;
  readonly type: 'queue' | 'topic' | 'table';
  readonly name: string;
  readonly arn: string;
  /** As declared, with CloudFormation functions. */
  readonly properties: Readonly<Record<string, unknown>>;
}

const NameSchema = v.optional(v.string('the name is not a text'));

/**
 * Returns every queue, topic and table with its name, its ARN and the values of Ref and Fn::GetAtt.
 * Resources of other types are left out: they do not exist on this machine.
 * @param prefix the first part of the name of a resource without a name
 * @throws StartError for a name that is not a text
 */
export function resolveResources(
  resources: Resources,
  region: string,
  prefix: string,
): ReadonlyMap<string, ResolvedResource> {
  const resolved = Object.entries(resources).flatMap(
    ([id, { Type, Properties }]): ResolvedResource[] => {
      const name = (key: string): string =>
        parseSection(NameSchema, Properties[key], `resources.${id}.${key}`) ?? `${prefix}-${id}`;
      const arn = (service: string, path: string): string =>
        `arn:aws:${service}:${region}:${LOCAL_ACCOUNT}:${path}`;
      switch (Type) {
        case 'AWS::SQS::Queue':
          return [toQueue(id, name('QueueName'), arn('sqs', name('QueueName')), Properties)];
        case 'AWS::SNS::Topic':
          return [toTopic(id, name('TopicName'), arn('sns', name('TopicName')), Properties)];
        case 'AWS::DynamoDB::Table':
          return [
            toTable(
              id,
              name('TableName'),
              arn('dynamodb', `table/${name('TableName')}`),
              Properties,
            ),
          ];
        default:
          return [];
      }
    },
  );
  return new Map(resolved.map((resource) => [resource.id, resource]));
}

type Properties = ResolvedResource['properties'];

function toQueue(id: string, name: string, arn: string, properties: Properties): ResolvedResource {
  const attributes = { Arn: arn, QueueName: name };
  return { id, type: 'queue', name, arn, ref: QUEUE_URL_PREFIX + name, attributes, properties };
}

function toTopic(id: string, name: string, arn: string, properties: Properties): ResolvedResource {
  const attributes = { TopicArn: arn, TopicName: name };
  return { id, type: 'topic', name, arn, ref: arn, attributes, properties };
}

function toTable(id: string, name: string, arn: string, properties: Properties): ResolvedResource {
  return { id, type: 'table', name, arn, ref: name, attributes: { Arn: arn }, properties };
}
