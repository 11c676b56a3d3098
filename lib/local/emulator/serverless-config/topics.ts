import * as v from 'valibot';
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

/** The properties that decide which messages a queue gets, and in which form. */
const attributesSchemaEntries = {
  RawMessageDelivery: v.exactOptional(v.pipe(v.boolean(), v.transform(String))),
  FilterPolicy: v.exactOptional(JsonTextSchema),
  FilterPolicyScope: v.exactOptional(v.picklist(['MessageAttributes', 'MessageBody'])),
};
/** Any other property is an error: ignored, it would let through other messages than the deployed subscription. */
const SubscriptionSchema = v.strictObject(
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
