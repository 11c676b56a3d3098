import type { RelayRecord } from '../record/record.ts';
import { awsErrorToOutcome } from './aws-error.ts';
import { toCloudEvent } from './cloud-event.ts';
import { type Destination, type DestinationOptions, withDefaults } from './destination.ts';
import type { Undeliverable, RequestBody } from './http-request.ts';
import { delivered, type DeliveryOutcome, rejected } from './outcome.ts';
import { requireSync } from './require-sync.ts';
import { toWellFormedRecord, toWellFormedText } from './well-formed.ts';

/** The options of every destination that is an AWS service. */
export interface AwsDestinationOptions extends DestinationOptions {
  /** What to send; the whole record by default. */
  readonly request?: (record: RelayRecord) => RequestBody | Undeliverable;
}

/**
 * One call to the service. Resolves to null when the service accepted the record, and to an outcome when
 * its response contains an error; rejects with the SDK's error.
 */
type Send = (
  record: RelayRecord,
  text: string,
  abortSignal: AbortSignal,
) => Promise<DeliveryOutcome | null>;

/**
 * Creates a destination of an AWS service, with what the kinds `sqs`, `sns` and `eventbridge` have in
 * common.
 * @param send makes the call with the message's text
 */
export function createAwsDestination(options: AwsDestinationOptions, send: Send): Destination {
  const toBody = (record: RelayRecord): RequestBody | Undeliverable =>
    options.request === undefined
      ? toCloudEvent(record)
      : requireSync(options.request(toWellFormedRecord(record)));
  return {
    ...withDefaults(options),
    onNoResponse: 'retry',
    async deliver(record, { signal }) {
      const body = toBody(record);
      if ('undeliverable' in body) return rejected('undeliverable', { detail: body.undeliverable });
      try {
        return (await send(record, toWellFormedText(body), signal)) ?? delivered(null);
      } catch (error) {
        return awsErrorToOutcome(error, signal);
      }
    },
  };
}
