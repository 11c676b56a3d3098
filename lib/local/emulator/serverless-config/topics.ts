import * as v from 'valibot';
import { isJsonObject } from '../../../voucherify/json.ts';
import type { Resolve } from './intrinsics.ts';
import type { ResolvedResource } from './known-resources.ts';
import { parseSection } from './parse-section.ts';

/** A topic to create. */
export interface TopicDescription {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
}

/** A queue that is subscribed to a topic. */
export interface SubscriptionDescription {
  readonly topicArn: string;
  readonly queueArn: string;
  /** The attributes for Subscribe, which accepts texts only. */
  readonly attributes: Readonly<Record<string, string>>;
}

const QueueProtocolSchema = v.literal('sqs', 'only queues can be subscribed locally');
const AnyObjectSchema = v.looseObject({}, 'is not a JSON object');
const JsonTextSchema = v.pipe(
  v.union([v.pipe(v.string(), v.parseJson(), AnyObjectSchema), AnyObjectSchema]),
  v.transform((value) => JSON.stringify(value)),
);

/** SNS Developer Guide, "Amazon SNS message filtering". */
const OPERATORS = [
  'anything-but',
  'cidr',
  'equals-ignore-case',
  'exists',
  'numeric',
  'prefix',
  'suffix',
  'wildcard',
] as const;
const ConditionSchema = v.union([
  v.string(),
  v.number(),
  v.boolean(),
  v.null(),
  v.pipe(v.record(v.picklist(OPERATORS), v.unknown()), v.maxEntries(1), v.minEntries(1)),
]);
const ConditionsSchema = v.pipe(v.array(ConditionSchema), v.nonEmpty());

/**
 * Says whether SNS accepts a filter. The emulator takes one as it comes, so one that SNS refuses would
 * only be found by the deploy, and its queue would be empty here.
 */
function isFilterPolicy(value: unknown, mayNest: boolean): boolean {
  if (!isJsonObject(value)) return false;
  return Object.entries(value).every(([key, part]) => {
    if (key === '$or')
      return Array.isArray(part) && part.every((each) => isFilterPolicy(each, mayNest));
    return v.is(ConditionsSchema, part) || (mayNest && isFilterPolicy(part, mayNest));
  });
}

/** The properties that decide which messages a queue gets, and in which form. */
const attributesSchemaEntries = {
  RawMessageDelivery: v.exactOptional(v.pipe(v.boolean(), v.transform(String))),
  FilterPolicy: v.exactOptional(JsonTextSchema),
  FilterPolicyScope: v.exactOptional(v.picklist(['MessageAttributes', 'MessageBody'])),
};
/** Any other property is an error: ignored, it would let through other messages than the deployed subscription. */
const SubscriptionSchema = v.pipe(
  v.strictObject(
    {
      Protocol: QueueProtocolSchema,
      TopicArn: v.string(),
      Endpoint: v.string(),
      ...attributesSchemaEntries,
      // these have no effect here: the topic is in the same region, and the emulator always delivers
      Region: v.optional(v.unknown()),
      RedrivePolicy: v.optional(v.unknown()),
    },
    'is not supported locally',
  ),
  v.forward(
    v.check(
      ({ FilterPolicy: policy = '{}', FilterPolicyScope: scope }) =>
        isFilterPolicy(JSON.parse(policy), scope === 'MessageBody'),
      'is no filter policy of SNS: each key has a list of values or operators, or with FilterPolicyScope: MessageBody keys of its own',
    ),
    ['FilterPolicy'],
  ),
);
const AttributesSchema = v.object(attributesSchemaEntries);

/**
 * Reads a declared subscription.
 * @param properties of an AWS::SNS::Subscription, with resolved CloudFormation functions
 * @throws StartError that lists what is not valid or not supported
 */
export function describeSubscription(id: string, properties: unknown): SubscriptionDescription {
  const where = `resources.${id}`;
  const subscription = parseSection(SubscriptionSchema, properties, where);
  return {
    topicArn: subscription.TopicArn,
    queueArn: subscription.Endpoint,
    attributes: v.parse(AttributesSchema, properties),
  };
}

const InlineSubscriptionsSchema = v.optional(
  v.array(
    v.strictObject(
      { Protocol: QueueProtocolSchema, Endpoint: v.string() },
      'is not supported locally',
    ),
  ),
  [],
);

/** Reads the subscriptions that a topic declares itself. @throws StartError that lists what is not valid */
export function describeInlineSubscriptions(
  { id, arn, properties }: ResolvedResource,
  resolve: Resolve,
): SubscriptionDescription[] {
  const where = `resources.${id}.Subscription`;
  const declared = parseSection(
    InlineSubscriptionsSchema,
    resolve(properties['Subscription'], where),
    where,
  );
  return declared.map(({ Endpoint }) => ({ topicArn: arn, queueArn: Endpoint, attributes: {} }));
}
