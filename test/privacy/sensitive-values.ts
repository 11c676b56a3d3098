import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { SIGNATURE_HEADER } from '../../lib/voucherify/signature.ts';
import { readBody } from '../support/samples.ts';

/** The sender's own vocabulary: the words of these keys tell nothing of anybody. */
const VOCABULARY: ReadonlySet<string> = new Set([
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
/** Shorter texts are found by chance. */
const MIN_TEXT_LENGTH = 4;
/** Long enough for a piece of JSON not to be found by chance. */
const FRAGMENT_LENGTH = 32;

/** Every text of a webhook's body and headers that no log may hold: codes, names, addresses, ids, urls. */
export function collectSensitiveTexts(event: APIGatewayProxyEventV2): Set<string> {
  const texts = new Set<string>();
  const signature = event.headers[SIGNATURE_HEADER];
  if (signature !== undefined) texts.add(signature);
  try {
    const body = JSON.parse(readBody(event).toString()) as { id?: unknown };
    // the id of the send-out is what every line is found by
    const { id: _id, ...fields } = typeof body === 'object' ? body : { id: body };
    addTexts(fields, texts);
  } catch {
    // what is not JSON is found by its fragments
  }
  return texts;
}

function addTexts(value: unknown, texts: Set<string>, key = ''): void {
  if (typeof value === 'string') {
    if (value.length >= MIN_TEXT_LENGTH && !VOCABULARY.has(key)) texts.add(value);
  } else if (Array.isArray(value)) {
    for (const item of value) addTexts(item, texts, key);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) addTexts(item, texts, name);
  }
}

/** The pieces of a body's JSON of 32 characters, taken at every place. */
export function splitIntoFragments(event: APIGatewayProxyEventV2): string[] {
  const text = readBody(event).toString();
  return Array.from({ length: Math.max(0, text.length - FRAGMENT_LENGTH + 1) }, (_, at) =>
    text.slice(at, at + FRAGMENT_LENGTH),
  );
}

/** Which pieces of a body stand in an output, as they are or as a text within JSON. */
export function findFragments(output: string, fragments: readonly string[]): string[] {
  const unescaped = output.replaceAll('\\"', '"');
  const windows = new Set(
    Array.from({ length: unescaped.length }, (_, at) => unescaped.slice(at, at + FRAGMENT_LENGTH)),
  );
  return fragments.filter((fragment) => windows.has(fragment));
}
