import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { awsDestination, type AwsDestinationRules } from './aws-destination.ts';
import { outcomeOfAwsCode } from './aws-error.ts';
import type { Destination } from './destination.ts';
import type { Outcome } from './outcome.ts';

/** An event bus of the merchant; its rules match on the source, the type and the record's fields. */
export interface EventBridgeDestination extends AwsDestinationRules {
  readonly client: EventBridgeClient;
  /** The name or ARN of the bus. */
  readonly busName: string;
}

/** The `source` of every event that we put on a bus. */
export const EVENT_SOURCE = 'voucher-relay';

/** PutEvents API reference, DetailType. */
const DETAIL_TYPE_LIMIT_CHARACTERS = 128;

/** A destination of the kind `eventbridge`. */
export function eventbridge(options: EventBridgeDestination): Destination {
  const { client, busName } = options;
  return awsDestination(options, async (record, text, abortSignal) => {
    const entry = {
      EventBusName: busName,
      Source: EVENT_SOURCE,
      DetailType: record.type.slice(0, DETAIL_TYPE_LIMIT_CHARACTERS),
      Detail: text,
    };
    const command = new PutEventsCommand({ Entries: [entry] });
    const answer = await client.send(command, { abortSignal });
    return failureOf(answer.Entries?.[0]?.ErrorCode);
  });
}

/** The call succeeds even when the bus refused its entry, which then carries an error code. */
function failureOf(errorCode: string | undefined): Outcome | null {
  if (errorCode === undefined) return null;
  return outcomeOfAwsCode(errorCode, errorCode.startsWith('Internal') ? 500 : 400);
}
