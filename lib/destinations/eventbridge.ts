import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { createEventBridgeClient } from '../platform/eventbridge.ts';
import {
  createAwsDestination,
  type AwsDestinationOptions,
  type Message,
  withAwsDefaults,
} from './aws-destination.ts';
import { awsCodeToOutcome } from './aws-error.ts';
import { type DestinationDeclaration, isLeftOut, type Target } from './declaration.ts';
import type { Destination } from './destination.ts';
import { createMisconfigured } from './misconfigured.ts';
import { delivered, type DeliveryOutcome, retry } from './outcome.ts';
import { toVariableName } from './variable-name.ts';

/** Options for an event bus, whose rules match on the source, the detail type and the record's fields. */
export interface EventBridgeDestinationOptions extends AwsDestinationOptions {
  /**
   * The ARN of a bus, `resource('ShopBus')` for one of serverless.yml, or
   * `stageParameter('...')` for an ARN that differs from stage to stage.
   */
  readonly bus: Target;
}

/** The `source` of every event that the relay puts on a bus. */
export const EVENT_SOURCE = 'voucher-relay';

/** PutEvents API reference, EventBusName. */
const BUS_NAME = /^(?:arn:[\w-]+:events:[a-z\d-]+:\d{12}:event-bus\/)?[/.\-\w]+$/;

/** PutEvents API reference, DetailType. */
const MAX_DETAIL_TYPE_CHARACTERS = 128;

/**
 * PutEvents takes less than 1 MB since 2026, and 256 KB before. The smaller figure is valid in every
 * region, and costs nothing: events are billed, not calls.
 */
const MAX_BATCH_BYTES = 262_143;

/** Declares a destination of the kind `eventbridge`: one event for each record. */
export function eventbridge(options: EventBridgeDestinationOptions): DestinationDeclaration {
  const variable = toVariableName(options.name, 'BUS_NAME');
  return {
    ...withAwsDefaults(options),
    kind: 'eventbridge',
    needs: [{ kind: 'bus', variable, target: options.bus }],
    create: ({ environment }) =>
      isLeftOut(options.bus, environment[variable])
        ? null
        : createEventBridgeDestination({
            ...options,
            client: createEventBridgeClient(),
            busName: environment[variable] ?? '',
          }),
  };
}

/** A bus with the name or ARN that it has in its stage. */
export interface EventBridgeDestinationSettings extends AwsDestinationOptions {
  readonly client: EventBridgeClient;
  readonly busName: string;
}

/** Creates the destination of a bus. When its name is not valid, its deliveries wait. */
export function createEventBridgeDestination(options: EventBridgeDestinationSettings): Destination {
  const { client, busName } = options;
  if (!BUS_NAME.test(busName)) {
    return createMisconfigured(options, 'has a bus that is neither a name nor an ARN');
  }
  const toEntry = ({ record, text }: Message) => ({
    EventBusName: busName,
    Source: EVENT_SOURCE,
    DetailType: record.type.slice(0, MAX_DETAIL_TYPE_CHARACTERS).toWellFormed(),
    Detail: text,
  });
  return createAwsDestination(options, {
    maxBytes: MAX_BATCH_BYTES,
    async send(messages, abortSignal) {
      const command = new PutEventsCommand({ Entries: messages.map(toEntry) });
      const { Entries = [] } = await client.send(command, { abortSignal });
      return messages.map((_, index) => toEntryOutcome(Entries[index]));
    },
  });
}

/**
 * The call succeeds even when the bus rejects an entry, which then has an error code. Results have the
 * order of the entries (PutEvents API reference).
 */
function toEntryOutcome(
  result: { readonly ErrorCode?: string | undefined } | undefined,
): DeliveryOutcome {
  if (result === undefined) return retry('no_result', { maybeDelivered: true });
  const { ErrorCode: code } = result;
  if (code === undefined) return delivered(null);
  return awsCodeToOutcome(code, code.startsWith('Internal') ? 500 : 400);
}
