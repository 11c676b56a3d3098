import * as v from 'valibot';
import { type RelayRecord, RelayRecordSchema } from '../record/record.ts';
import type { RequestBody } from './http-request.ts';

/**
 * Half of a surrogate pair, such as the half of an emoji that was cut off, is no Unicode text. A record
 * keeps it: JSON.stringify writes it as an escape, which is plain ASCII, so the queues of the relay lose
 * nothing. What leaves the relay is well-formed: in JSON, PHP and Ruby reject the escape and with it the
 * whole body.
 */
const REPLACEMENT = '\u{FFFD}';

/** An escaped pair, an escaped half (captured), or any other escape. */
const JSON_ESCAPE =
  /\\(?:u[dD][89aAbB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(u[dD][89a-fA-F][\da-fA-F]{2})|[^])/g;
/** Cheap, and almost never true. */
const ANY_SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const JSON_TYPE = /^[^;]*[/+]json\s*(?:;|$)/i;

/** Returns the text of a body that is about to be sent, with U+FFFD for each half of a surrogate pair. */
export function toWellFormedText({ type, text }: RequestBody): string {
  const wellFormed = text.toWellFormed();
  return JSON_TYPE.test(type) ? replaceEscapes(wellFormed) : wellFormed;
}

/**
 * Returns a record without halves of surrogate pairs, for a merchant's own `request`:
 * encodeURIComponent throws on one.
 */
export function toWellFormedRecord(record: RelayRecord): RelayRecord {
  const text = JSON.stringify(record);
  const wellFormed = replaceEscapes(text);
  return wellFormed === text ? record : v.parse(RelayRecordSchema, JSON.parse(wellFormed));
}

function replaceEscapes(json: string): string {
  if (!ANY_SURROGATE_ESCAPE.test(json)) return json;
  return json.replace(JSON_ESCAPE, (escape, half: string | undefined) =>
    half === undefined ? escape : REPLACEMENT,
  );
}
