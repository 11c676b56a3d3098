import { messageBody } from '../platform/sqs-message.ts';
import type { RelayRecord } from '../record/record.ts';
import type { Content } from './http-request.ts';

/** A record as a CloudEvent in structured mode (CloudEvents 1.0, the same for HTTP and queues). */
export function cloudEvent(record: RelayRecord): Content {
  return { type: 'application/cloudevents+json', text: messageBody(record) };
}

/** The same without all that has no place of its own in the record. */
export function cloudEventWithoutRest(record: RelayRecord): Content {
  // what is undefined does not appear in JSON
  const event = { ...record, data: { ...record.data, rest: undefined } };
  return { type: 'application/cloudevents+json', text: messageBody(event) };
}
