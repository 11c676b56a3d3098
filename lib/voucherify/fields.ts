import * as v from 'valibot';
import { isJsonSafe } from './json-safe.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { hasPlaceholder, isBlank, isValue } from './no-value.ts';
import { isTimestamp } from './timestamp.ts';

/**
 * The kinds of field in Voucherify's objects. Voucherify treats absent and null as the same (vendor
 * facts, section 7), so every field can be either. The messages are our own, because Valibot's quote
 * the value.
 */
export const EXPECTED_STRING = 'Expected a string';
export const EXPECTED_ID =
  'Expected a string of 1 to 512 characters that is not blank, a placeholder or the word null';
/** Messages of their own: a number is read as an id or a phone, and never as a code or an e-mail. */
export const EXPECTED_EMAIL =
  'Expected an e-mail address of 1 to 512 characters that is not blank, a placeholder or the word null';
export const EXPECTED_CODE =
  'Expected a code: a string of 1 to 512 characters that is not blank, a placeholder or the word null';
export const EXPECTED_NAME = 'Expected a name that is not blank or a placeholder';
export const EXPECTED_TIME = 'Expected a date or an RFC 3339 time';
export const EXPECTED_NUMBER = 'Expected a number of 0 or more';
/** Of a number that can be negative. */
export const EXPECTED_SIGNED_NUMBER = 'Expected a number';
export const EXPECTED_PERCENT = 'Expected a number from 0 to 100';
export const EXPECTED_BOOLEAN = 'Expected true or false';
export const EXPECTED_OBJECT = 'Expected an object';
export const EXPECTED_LIST = 'Expected a list of at most 500 objects';
export const EXPECTED_STRING_LIST = 'Expected a list of strings';
export const EXPECTED_WEEKDAYS = 'Expected a list of whole numbers from 0 (Sunday) to 6';

const MAX_ID_LENGTH = 512;
const MAX_PERCENT = 100;
const LAST_WEEKDAY = 6;
const MAX_LIST_LENGTH = 500;

/** Any string. */
export const StringField = v.nullish(v.string(EXPECTED_STRING));

const isIdText = (text: string): boolean => text.length <= MAX_ID_LENGTH && isValue(text);

/**
 * An id or a phone number: any string up to a length, without a pattern
 * (vendor facts, section 8), that is a value (lib/voucherify/no-value.ts).
 */
export const IdField = createStringField(isIdText, EXPECTED_ID);

/** An e-mail address, by the same rule. */
export const EmailField = createStringField(isIdText, EXPECTED_EMAIL);

/**
 * A code, by the same rule. Half of a surrogate pair is no character: whatever is sent to a receiver
 * would be another code.
 */
export const CodeField = createStringField(
  (text) => isIdText(text) && text.isWellFormed(),
  EXPECTED_CODE,
);

/** A name. Somebody may be called Null. */
export const NameField = createStringField(
  (text) => !isBlank(text) && !hasPlaceholder(text),
  EXPECTED_NAME,
);

/** True or false. */
export const BooleanField = v.nullish(v.boolean(EXPECTED_BOOLEAN));

/** A date or an RFC 3339 time, as a string (lib/voucherify/timestamp.ts). */
export const TimeField = createStringField(isTimestamp, EXPECTED_TIME);

/** Money in hundredths, points, counts. The check for finite numbers rejects 1e999, which is valid JSON. */
export const NumberField = createNumberField(0, Number.POSITIVE_INFINITY, EXPECTED_NUMBER);

/** Points and money that can be taken away, too: then they are negative. */
export const SignedNumberField = createNumberField(
  Number.NEGATIVE_INFINITY,
  Number.POSITIVE_INFINITY,
  EXPECTED_SIGNED_NUMBER,
);

/** A number from 0 to 100. */
export const PercentField = createNumberField(0, MAX_PERCENT, EXPECTED_PERCENT);

/** A list of strings. */
export const StringListField = v.nullish(
  v.custom<string[]>(
    (input) => Array.isArray(input) && input.every((item) => typeof item === 'string'),
    EXPECTED_STRING_LIST,
  ),
);

/** Days of the week, 0 is Sunday. */
export const WeekdaysField = v.nullish(
  v.custom<number[]>((input) => Array.isArray(input) && input.every(isWeekday), EXPECTED_WEEKDAYS),
);

function isWeekday(input: unknown): boolean {
  return (
    typeof input === 'number' && Number.isInteger(input) && input >= 0 && input <= LAST_WEEKDAY
  );
}

/**
 * An object. Valibot's own check accepts a list, too: every key of it would count as absent, and a
 * redemption that cannot be read would say that a code was never used.
 */
export function createObjectField<Entries extends v.ObjectEntries>(
  object: v.ObjectSchema<Entries, string>,
) {
  return v.nullish(createObjectSchema(object));
}

function createObjectSchema<Entries extends v.ObjectEntries>(
  object: v.ObjectSchema<Entries, string>,
): v.GenericSchema<v.InferInput<typeof object>, unknown> {
  return v.pipe(v.custom<v.InferInput<typeof object>>(isJsonObject, EXPECTED_OBJECT), object);
}

/**
 * A list of objects. Its length is checked first: without a limit, a body of a megabyte could give
 * more issues than fit in memory.
 */
export function createListSchema<Entries extends v.ObjectEntries>(
  item: v.ObjectSchema<Entries, string>,
): v.GenericSchema<v.InferInput<typeof item>[], unknown> {
  return v.pipe(
    v.custom<v.InferInput<typeof item>[]>(
      (input) => Array.isArray(input) && input.length <= MAX_LIST_LENGTH,
      EXPECTED_LIST,
    ),
    v.array(createObjectSchema(item)),
  );
}

/** The merchant's own keys, with any JSON values. */
export const MetadataField = v.nullish(
  v.custom<JsonObject>((input) => isJsonObject(input) && isJsonSafe(input), EXPECTED_OBJECT),
);

/** One check instead of a pipe of several, for speed: a webhook has about a hundred fields. */
function createStringField(isValid: (text: string) => boolean, message: string) {
  return v.nullish(
    v.custom<string>((input) => typeof input === 'string' && isValid(input), message),
  );
}

function createNumberField(min: number, max: number, message: string) {
  return v.nullish(
    v.custom<number>(
      (input) =>
        typeof input === 'number' && Number.isFinite(input) && input >= min && input <= max,
      message,
    ),
  );
}
