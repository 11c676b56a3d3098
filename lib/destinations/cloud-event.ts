import { messageBody } from '../platform/message-body.ts';
import type { RelayRecord } from '../record/record.ts';
import type { Content } from './http-request.ts';

/** The record as a CloudEvent in structured mode (CloudEvents 1.0, the bindings of HTTP and AMQP alike). */
export function cloudEvent(record: RelayRecord, includeRest: boolean): Content {
  return includeRest ? whole(record) : withoutRest(record);
}

const whole = onceARecord((record) => record);
// what is undefined does not appear in JSON
const withoutRest = onceARecord((record) => ({
  ...record,
  data: { ...record.data, rest: undefined },
}));

/** One text a record, however many destinations it goes to: writing it is most of a small request's work. */
function onceARecord(eventOf: (record: RelayRecord) => object): (record: RelayRecord) => Content {
  const made = new WeakMap<RelayRecord, Content>();
  return (record) => {
    const known = made.get(record);
    if (known !== undefined) return known;
    const text = messageBody(eventOf(record));
    const content = { type: 'application/cloudevents+json', text };
    made.set(record, content);
    return content;
  };
}
