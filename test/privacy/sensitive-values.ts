import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { SIGNATURE_HEADER } from '../../lib/voucherify/signature.ts';
import { readBody } from '../support/samples.ts';

/** Keys whose values are Voucherify's own words, the same for every customer. */
const ENUM_KEYS: ReadonlySet<string> = new Set([
  'object',
  'type',
  'effect',
  'channel',
  'status',
  'result',
  'campaign_type',
  'distribution_channels',
  'source_type',
]);
/** The shortest text that is searched for: a shorter one is found by chance. */
const MIN_TEXT_LENGTH = 4;
/** So long that a piece of JSON is not found by chance. */
const FRAGMENT_LENGTH = 32;

/** Returns every text of a webhook's body and headers that no log may hold: codes, names, addresses, ids, URLs. */
export function collectSensitiveTexts(event: APIGatewayProxyEventV2): Set<string> {
  const texts = new Set<string>();
  const signature = event.headers[SIGNATURE_HEADER];
  if (signature !== undefined) texts.add(signature);
  try {
    const body = JSON.parse(readBody(event).toString()) as { id?: unknown };
    // every log line has the id of the webhook
    const { id: _id, ...fields } = typeof body === 'object' ? body : { id: body };
    addTexts(fields, texts);
  } catch {
    // a body that is not JSON is searched for by its fragments
  }
  return texts;
}

function addTexts(value: unknown, texts: Set<string>, key = ''): void {
  if (typeof value === 'string') {
    if (value.length >= MIN_TEXT_LENGTH && !ENUM_KEYS.has(key)) texts.add(value);
  } else if (Array.isArray(value)) {
    for (const item of value) addTexts(item, texts, key);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) addTexts(item, texts, name);
  }
}

/** Returns every piece of 32 characters of a body. */
export function splitIntoFragments(event: APIGatewayProxyEventV2): string[] {
  const text = readBody(event).toString();
  return Array.from({ length: Math.max(0, text.length - FRAGMENT_LENGTH + 1) }, (_, at) =>
    text.slice(at, at + FRAGMENT_LENGTH),
  );
}

/** Returns the pieces of a body that are in an output, unchanged or as a string within JSON. */
export function findFragments(output: string, fragments: readonly string[]): string[] {
  const unescaped = output.replaceAll('\\"', '"');
  const windows = new Set(
    Array.from({ length: unescaped.length }, (_, at) => unescaped.slice(at, at + FRAGMENT_LENGTH)),
  );
  return fragments.filter((fragment) => windows.has(fragment));
}
