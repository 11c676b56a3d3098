import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { createAwsDestination, type AwsDestinationOptions } from './aws-destination.ts';
import { awsCodeToOutcome } from './aws-error.ts';
import type { Destination } from './destination.ts';
import { createMisconfigured } from './misconfigured.ts';
import type { DeliveryOutcome } from './outcome.ts';

/** Options for an event bus, whose rules match on the source, the detail type and the record's fields. */
export interface EventBridgeDestinationOptions extends AwsDestinationOptions {
  readonly client: EventBridgeClient;
  /** The name or ARN of the bus. */
  readonly busName: string;
}

/** The `source` of every event that the relay puts on a bus. */
export const EVENT_SOURCE = 'voucher-relay';

/** PutEvents API reference, EventBusName. */
const BUS_NAME = /^(?:arn:[\w-]+:events:[a-z\d-]+:\d{12}:event-bus\/)?[/.\-\w]+$/;

/** PutEvents API reference, DetailType. */
const MAX_DETAIL_TYPE_CHARACTERS = 128;

/** Creates a destination of the kind `eventbridge`: one event for each record. */
export function eventbridge(options: EventBridgeDestinationOptions): Destination {
  const { client, busName } = options;
  if (!BUS_NAME.test(busName)) {
    return createMisconfigured(options, 'has a busName that is neither a name nor an ARN');
  }
  return createAwsDestination(options, async (record, text, abortSignal) => {
    const entry = {
      EventBusName: busName,
      Source: EVENT_SOURCE,
      DetailType: record.type.slice(0, MAX_DETAIL_TYPE_CHARACTERS).toWellFormed(),
      Detail: text,
    };
    const command = new PutEventsCommand({ Entries: [entry] });
    const response = await client.send(command, { abortSignal });
    return entryErrorToOutcome(response.Entries?.[0]?.ErrorCode);
  });
}

/** The call succeeds even when the bus rejects the entry, which then carries an error code (PutEvents API reference). */
function entryErrorToOutcome(errorCode: string | undefined): DeliveryOutcome | null {
  if (errorCode === undefined) return null;
  return awsCodeToOutcome(errorCode, errorCode.startsWith('Internal') ? 500 : 400);
}
