import { serializeMessage } from '../platform/sqs-message.ts';
import type { RelayRecord } from '../record/record.ts';
import type { RequestBody } from './http-request.ts';

/** A record as a CloudEvent in structured mode (CloudEvents 1.0, the same for HTTP and queues). */
export function toCloudEvent(record: RelayRecord): RequestBody {
  return { type: 'application/cloudevents+json', text: serializeMessage(record) };
}

/** The same without all that has no place of its own in the record. */
export function toCompactCloudEvent(record: RelayRecord): RequestBody {
  // what is undefined does not appear in JSON
  const event = { ...record, data: { ...record.data, unmapped: undefined } };
  return { type: 'application/cloudevents+json', text: serializeMessage(event) };
}
