import * as v from 'valibot';
import { parseSection } from './parse-section.ts';

/** A topic to create. */
export interface TopicDescription {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
}

/** A queue that is subscribed to a topic. `isRaw`: messages come without SNS's JSON envelope. */
export interface SubscriptionDescription {
  readonly topicArn: string;
  readonly queueArn: string;
  readonly isRaw: boolean;
}

const SubscriptionSchema = v.object({
  Protocol: v.literal('sqs', 'only queues can be subscribed locally'),
  TopicArn: v.string(),
  Endpoint: v.string(),
  RawMessageDelivery: v.optional(v.boolean(), false),
});

/** Reads a declared subscription. @param properties of an AWS::SNS::Subscription, with resolved CloudFormation functions */
export function describeSubscription(id: string, properties: unknown): SubscriptionDescription {
  const subscription = parseSection(SubscriptionSchema, properties, `resources.${id}`);
  return {
    topicArn: subscription.TopicArn,
    queueArn: subscription.Endpoint,
    isRaw: subscription.RawMessageDelivery,
  };
}
