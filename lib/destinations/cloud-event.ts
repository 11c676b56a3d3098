import { serializeMessage } from '../platform/sqs-message.ts';
import type { RelayRecord } from '../record/record.ts';
import type { HttpRequest, RequestBody } from './http-request.ts';

/**
 * How an HTTP destination gets a record. `json`: the whole event, as application/json, which every
 * framework parses. `structured` and `binary` are the content modes of the HTTP binding of CloudEvents:
 * the whole event as application/cloudevents+json; or its data as the body, its attributes as headers.
 */
export type ContentMode = 'json' | 'structured' | 'binary';

/** What a record looks like to its receiver: with or without `unmapped`. */
type SentRecord = Omit<RelayRecord, 'data'> & { readonly data: object };

/** Serialises a record as a CloudEvent, which is the same for HTTP and queues. */
export function toCloudEvent(record: SentRecord): RequestBody {
  return { type: 'application/json', text: serializeMessage(record) };
}

/** Returns the record without `unmapped`: the values that have no field of their own. */
export function withoutUnmapped(record: RelayRecord): SentRecord {
  // JSON leaves undefined out
  return { ...record, data: { ...record.data, unmapped: undefined } };
}

/** Makes the request that delivers a record as a CloudEvent (CloudEvents 1.0.2, HTTP protocol binding). */
export function toCloudEventRequest(record: SentRecord, mode: ContentMode): HttpRequest {
  switch (mode) {
    case 'json':
      return { body: toCloudEvent(record) };
    case 'structured':
      return { body: { ...toCloudEvent(record), type: 'application/cloudevents+json' } };
    case 'binary':
      return {
        headers: toAttributeHeaders(record),
        body: { type: record.datacontenttype, text: serializeMessage(record.data) },
      };
  }
}

function toAttributeHeaders(record: SentRecord): { [name: string]: string } {
  const { data: _data, datacontenttype: _contentType, ...attributes } = record;
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeHeaderValue(value)]),
  );
}

/** Spaces, quotes, percent signs and all but printable ASCII (HTTP protocol binding, section 3.1.3.2). */
const ENCODED_IN_HEADER = /[^!#$&-~]/gu;

function encodeHeaderValue(value: string): string {
  return value.toWellFormed().replace(ENCODED_IN_HEADER, encodeCharacter);
}

function encodeCharacter(character: string): string {
  return [...Buffer.from(character, 'utf8')]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}
