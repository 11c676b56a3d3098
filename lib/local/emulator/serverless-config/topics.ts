import * as v from 'valibot';
import { parseSection } from './parse-section.ts';

/** A topic, ready to be created. */
export interface TopicDescription {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
}

/** A queue that gets what is published to a topic. `raw`: without SNS's wrapper. */
export interface SubscriptionDescription {
  readonly topicArn: string;
  readonly queueArn: string;
  readonly isRaw: boolean;
}

const SubscriptionSchema = v.object({
  Protocol: v.literal('sqs', 'only queues can be subscribed on this machine'),
  TopicArn: v.string(),
  Endpoint: v.string(),
  RawMessageDelivery: v.optional(v.boolean(), false),
});

/** @param properties those of an AWS::SNS::Subscription, without CloudFormation functions */
export function describeSubscription(id: string, properties: unknown): SubscriptionDescription {
  const subscription = parseSection(SubscriptionSchema, properties, `resources.${id}`);
  return {
    topicArn: subscription.TopicArn,
    queueArn: subscription.Endpoint,
    isRaw: subscription.RawMessageDelivery,
  };
}
