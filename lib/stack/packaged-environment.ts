import * as v from 'valibot';

/** The resources of the stack, by logical id. */
type ResourceTypes = Readonly<Record<string, unknown>>;

/** A resource of serverless.yml. Only a queue's name is part of what is made here. */
const ResourceSchema = v.object({
  Type: v.string(),
  Properties: v.optional(v.object({ QueueName: v.optional(v.unknown()) }), {}),
});
const AnyObjectSchema = v.record(v.string(), v.unknown());
const RefSchema = v.strictObject({ Ref: v.string() });
const GetAttSchema = v.strictObject({ 'Fn::GetAtt': v.tuple([v.string(), v.string()]) });
const SubSchema = v.strictObject({ 'Fn::Sub': v.string() });

const ACCOUNT = '000000000000';
const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::AccountId': ACCOUNT,
  'AWS::URLSuffix': 'amazonaws.com',
};

/**
 * Returns a function's variables as they will be after the deploy. Where only CloudFormation knows a
 * value, there is one of the same form: the URL of a queue, the ARN of a topic. The emulators'
 * resolveIntrinsics gives local values instead, and refuses what does not exist on this machine.
 * @param variables as serverless.yml declares them
 * @param resources the resources that serverless.yml declares
 */
export function toPackagedEnvironment(
  variables: Readonly<Record<string, unknown>>,
  resources: ResourceTypes,
  region: string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[name, toText(value, resources, region)]],
    ),
  );
}

/**
 * Returns a value of the template, such as a policy, as it will be after the deploy: of the same length,
 * with a value in place of each CloudFormation function.
 */
export function toPackagedValue(value: unknown, resources: ResourceTypes, region: string): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => toPackagedValue(item, resources, region));
  }
  if (!v.is(AnyObjectSchema, value)) return value;
  const isIntrinsic = [RefSchema, GetAttSchema, SubSchema].some((schema) => v.is(schema, value));
  if (isIntrinsic) return toText(value, resources, region);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, toPackagedValue(inner, resources, region)]),
  );
}

function toText(value: unknown, resources: ResourceTypes, region: string): string {
  if (v.is(RefSchema, value)) return toRef(value.Ref, resources, region);
  if (v.is(GetAttSchema, value)) {
    const [id, attribute] = value['Fn::GetAtt'];
    return attribute === 'Arn' ? toArn(id, resources, region) : `${id}-${attribute}`;
  }
  if (v.is(SubSchema, value)) {
    return value['Fn::Sub'].replace(/\$\{([^}!]+)\}/g, (_whole, name: string) =>
      name === 'AWS::Region' ? region : (PSEUDO_PARAMETERS[name] ?? toRef(name, resources, region)),
    );
  }
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean'
    ? `${value}`
    : 'known-after-deploy';
}

function toRef(id: string, resources: ResourceTypes, region: string): string {
  const { type, name } = describe(id, resources);
  switch (type) {
    case 'AWS::SQS::Queue':
      return `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${name}`;
    case 'AWS::SNS::Topic':
      return toArn(id, resources, region);
    default:
      return id;
  }
}

function toArn(id: string, resources: ResourceTypes, region: string): string {
  const { type, name } = describe(id, resources);
  const create = (service: string, resource: string): string =>
    `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
  switch (type) {
    case 'AWS::SQS::Queue':
      return create('sqs', name);
    case 'AWS::SNS::Topic':
      return create('sns', name);
    case 'AWS::Events::EventBus':
      return create('events', `event-bus/${name}`);
    default:
      return create('unknown', name);
  }
}

/** Returns a resource's type, and its name: that of a queue, else its logical id. */
function describe(id: string, resources: ResourceTypes): { type: string; name: string } {
  const resource = v.safeParse(ResourceSchema, resources[id]);
  if (!resource.success) return { type: '', name: id };
  const { Type: type, Properties } = resource.output;
  const { QueueName } = Properties;
  return { type, name: typeof QueueName === 'string' ? QueueName : id };
}
