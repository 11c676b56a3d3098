import * as v from 'valibot';

/** The resources of the stack, by logical id. */
type ResourceTypes = Readonly<Record<string, unknown>>;

const ResourceSchema = v.object({ Type: v.string() });
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
  switch (getType(id, resources)) {
    case 'AWS::SQS::Queue':
      return `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${id}`;
    case 'AWS::SNS::Topic':
      return toArn(id, resources, region);
    default:
      return id;
  }
}

function toArn(id: string, resources: ResourceTypes, region: string): string {
  const create = (service: string, resource: string): string =>
    `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
  switch (getType(id, resources)) {
    case 'AWS::SQS::Queue':
      return create('sqs', id);
    case 'AWS::SNS::Topic':
      return create('sns', id);
    case 'AWS::Events::EventBus':
      return create('events', `event-bus/${id}`);
    default:
      return create('unknown', id);
  }
}

function getType(id: string, resources: ResourceTypes): string {
  const resource = v.safeParse(ResourceSchema, resources[id]);
  return resource.success ? resource.output.Type : '';
}
