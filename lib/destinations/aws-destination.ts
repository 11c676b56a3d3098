import { errorName } from '../error-name.ts';
import type { RelayRecord } from '../record/record.ts';
import { awsCodeToOutcome, awsErrorToOutcome } from './aws-error.ts';
import { toCloudEvent } from './cloud-event.ts';
import {
  type DeliverMany,
  type Destination,
  type DestinationOptions,
  type DestinationPolicy,
  withDefaults,
} from './destination.ts';
import type { Undeliverable, RequestBody } from './http-request.ts';
import { delivered, type DeliveryOutcome, rejected, retry } from './outcome.ts';
import { type Batch, NO_BATCH } from './queue-settings.ts';
import { sendUnrejected, toDeliver, toRequestOutcomes } from './request-outcomes.ts';
import { requireSync } from './require-sync.ts';
import { toWellFormedRecord, toWellFormedText } from './well-formed.ts';

/** The options of every destination that is an AWS service. */
export interface AwsDestinationOptions extends DestinationOptions {
  /** What to send; the whole record by default. */
  readonly request?: (record: RelayRecord) => RequestBody | Undeliverable;
}

/** A record, and the text that is sent of it. */
export interface Message {
  readonly record: RelayRecord;
  readonly text: string;
}

/** The call of a service that takes several messages. */
export interface BatchCall {
  /** The most bytes of the messages of a call together. A message above it is sent alone. */
  readonly maxBytes: number;
  /** Makes the call. Resolves to the outcome of each message, in their order; rejects with the SDK's error. */
  readonly send: (
    messages: readonly Message[],
    abortSignal: AbortSignal,
  ) => Promise<readonly DeliveryOutcome[]>;
}

/**
 * SendMessageBatch, PublishBatch and PutEvents take 10 messages (their API references). No message waits
 * for others: those that are on the queue together share a call.
 */
const AWS_BATCH: Batch = { size: 10, windowSeconds: 0 };
/** What a message has beside its texts: the names and types of its attributes, or the source of an event. */
const FIXED_BYTES = 256;

/**
 * Fills in the defaults of a destination of an AWS service. With a rate in `limit` each record has a call
 * of its own: the rate is that of the messages which the service passes on.
 */
export function withAwsDefaults(options: AwsDestinationOptions): DestinationPolicy {
  const { perSecond = null, perMinute = null } = options.limit ?? {};
  const hasRate = perSecond !== null || perMinute !== null;
  return withDefaults({ ...options, batch: hasRate ? NO_BATCH : AWS_BATCH });
}

/**
 * Creates a destination of an AWS service, with what the kinds `sqs`, `sns` and `eventbridge` have in
 * common. Messages that are too large for one call together are refused, and so sent in halves.
 */
export function createAwsDestination(
  options: AwsDestinationOptions,
  { maxBytes, send }: BatchCall,
): Destination {
  const toBody = (record: RelayRecord): RequestBody | Undeliverable =>
    options.request === undefined
      ? toCloudEvent(record)
      : requireSync(options.request(toWellFormedRecord(record)));
  const toMessage = (record: RelayRecord): Message | DeliveryOutcome => {
    try {
      const body = toBody(record);
      return 'undeliverable' in body
        ? rejected('undeliverable', { detail: body.undeliverable })
        : { record, text: toWellFormedText(body) };
    } catch (error) {
      return rejected('deliver_threw', { cause: errorName(error) });
    }
  };
  const deliverMany: DeliverMany = async (records, { signal }) => {
    const made = records.map(toMessage);
    const messages = made.filter((each) => 'text' in each);
    const rejections = made.map((each) => ('text' in each ? null : each));
    return sendUnrejected(rejections, async () => {
      const ofAll = (request: DeliveryOutcome) => ({ request, records: messages.map(() => null) });
      if (messages.length > 1 && sumBytes(messages) > maxBytes) {
        return ofAll(rejected('invalid_request', { cause: 'BodyTooLarge' }));
      }
      try {
        return toRequestOutcomes(delivered(null), await send(messages, signal));
      } catch (error) {
        return ofAll(awsErrorToOutcome(error, signal));
      }
    });
  };
  return {
    ...withAwsDefaults(options),
    onNoResponse: 'retry',
    deliver: toDeliver(deliverMany),
    deliverMany,
  };
}

/** The results of SendMessageBatch and PublishBatch, whose entries have their places as ids. */
export interface BatchResults {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined;
  readonly Failed?:
    | readonly {
        readonly Id?: string | undefined;
        readonly Code?: string | undefined;
        readonly SenderFault?: boolean | undefined;
      }[]
    | undefined;
}

/**
 * Maps the results of a batch call to the outcomes of its messages. The fault of the sender is one of the
 * message, any other is one of the service (API reference, BatchResultErrorEntry). A message without a
 * result may have arrived.
 */
export function toMessageOutcomes(
  messages: readonly Message[],
  { Successful = [], Failed = [] }: BatchResults,
): readonly DeliveryOutcome[] {
  const stored = new Set(Successful.map(({ Id }) => Id));
  const failures = new Map(Failed.map((failure) => [failure.Id, failure]));
  return messages.map((_, index) => {
    const id = String(index);
    const failure = failures.get(id);
    if (failure !== undefined) {
      return awsCodeToOutcome(failure.Code ?? 'Unknown', failure.SenderFault === true ? 400 : 500);
    }
    return stored.has(id) ? delivered(null) : retry('no_result', { maybeDelivered: true });
  });
}

/** At least what AWS counts: the attributes of a message are parts of these texts. */
function sumBytes(messages: readonly Message[]): number {
  return messages.reduce(
    (sum, { record, text }) =>
      sum + Buffer.byteLength(text + record.type + record.source) + FIXED_BYTES,
    0,
  );
}
