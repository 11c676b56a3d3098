import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { createAwsDestination, type AwsDestinationOptions } from './aws-destination.ts';
import { awsCodeToOutcome } from './aws-error.ts';
import type { Destination } from './destination.ts';
import type { DeliveryOutcome } from './outcome.ts';

/** An event bus of the merchant; its rules match on the source, the type and the record's fields. */
export interface EventBridgeDestinationOptions extends AwsDestinationOptions {
  readonly client: EventBridgeClient;
  /** The name or ARN of the bus. */
  readonly busName: string;
}

/** The `source` of every event that we put on a bus. */
export const EVENT_SOURCE = 'voucher-relay';

/** PutEvents API reference, DetailType. */
const MAX_DETAIL_TYPE_CHARACTERS = 128;

/** A destination of the kind `eventbridge`. */
export function eventbridge(options: EventBridgeDestinationOptions): Destination {
  const { client, busName } = options;
  return createAwsDestination(options, async (record, text, abortSignal) => {
    const entry = {
      EventBusName: busName,
      Source: EVENT_SOURCE,
      DetailType: record.type.slice(0, MAX_DETAIL_TYPE_CHARACTERS),
      Detail: text,
    };
    const command = new PutEventsCommand({ Entries: [entry] });
    const response = await client.send(command, { abortSignal });
    return entryErrorToOutcome(response.Entries?.[0]?.ErrorCode);
  });
}

/** The call succeeds even when the bus refused its entry, which then carries an error code. */
function entryErrorToOutcome(errorCode: string | undefined): DeliveryOutcome | null {
  if (errorCode === undefined) return null;
  return awsCodeToOutcome(errorCode, errorCode.startsWith('Internal') ? 500 : 400);
}
