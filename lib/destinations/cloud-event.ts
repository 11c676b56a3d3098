import { serializeMessage } from '../platform/sqs-message.ts';
import type { RelayRecord } from '../record/record.ts';
import type { RequestBody } from './http-request.ts';

/**
 * Serialises a record as a CloudEvent in structured mode (CloudEvents 1.0), which is the same for HTTP and
 * queues.
 */
export function toCloudEvent(record: RelayRecord): RequestBody {
  return { type: 'application/cloudevents+json', text: serializeMessage(record) };
}

/** Serialises a record like toCloudEvent, without `unmapped`: the values that have no field of their own. */
export function toCompactCloudEvent(record: RelayRecord): RequestBody {
  // JSON leaves undefined out
  const event = { ...record, data: { ...record.data, unmapped: undefined } };
  return { type: 'application/cloudevents+json', text: serializeMessage(event) };
}
