import { MAX_KEY_LENGTH, MAX_PATH_KEYS } from './json-tokens.ts';

// These expressions read texts of any length that anybody can send, so each takes linear time: it begins
// at the start of the text, or has no part of variable length.

/** A string with such a key, or in a list with it, is a code, an address or a phone number. */
const SECRET_KEY =
  /code$|phone|^(?:(?:discount_)?coupons?|gift_vouchers|pin|to|cc|e[-_]?mails?|mail|mobile|msisdn)$/i;
const PERSON_NAME_KEY =
  /^(?:(?:first|last|full|middle|given|family|nick|display|user|holder|customer|recipient)[-_ ]?)?name$/i;
/** Objects whose name is not personal. */
const NAMED_OBJECT_KEY =
  /^(?:campaign|campaigns|promotion_?tier|product|sku|category|categories|distribution|mapping|program|reward|benefit|tier|tier_structure|card_definition|earning_rule|costs|api_key)$/i;
/** Everything in such an object is personal, except for the keys of IMPERSONAL_KEY. */
const PERSON_KEY =
  /^(?:customer|holder|shopper|recipient|contact|person|owner|redeemer|referrer|member)$/i;
/** Ids, object types, the status of a member, and times. */
const IMPERSONAL_KEY = /(?:^id|[_a-z]id|Id|^object|^status|_at|At)$/;
/** Each character is read once: a word ends where the next one cannot begin. */
const WORD = /[^\s"'<>,;:()]+/g;
const DOMAIN = /[^.]\.\p{L}{2}/u;
const PHONE = /^\+[\d\s().-]{7,}$/;
/** Keys whose values come from the sending system, not from a customer. */
const STRUCTURAL_KEY =
  /^(?:id|object|type|event|status|channel|currency|mode|version)$|_(?:id|at|type)$/;

/** The place of a value in a list, which says nothing of what it is. */
const INDEX = /^\d+$/;

const MASK = '••••••';

/** What to mask beside the values that are personal by their key. */
export interface MaskOptions {
  /** Finds values to mask everywhere, also inside longer texts; null for none. */
  readonly personalValues: RegExp | null;
  /** Any text may be personal, because the body was not recognised or is not complete: mask all. */
  readonly maskAllText: boolean;
}

/**
 * Whether a string is personal by its path: the keys from the root. It is when the path is not complete,
 * which no known body needs.
 */
export function isPersonalPath(path: readonly string[]): boolean {
  if (path.length >= MAX_PATH_KEYS || path.some((key) => key.length > MAX_KEY_LENGTH)) return true;
  const names = path.filter((each) => !INDEX.test(each));
  const key = names.at(-1) ?? '';
  if (SECRET_KEY.test(key)) return true;
  const parents = names.slice(0, -1);
  if (PERSON_NAME_KEY.test(key) && !NAMED_OBJECT_KEY.test(parents.at(-1) ?? '')) return true;
  return parents.some((each) => PERSON_KEY.test(each)) && !IMPERSONAL_KEY.test(key);
}

/** Masks a string value. The mask has a fixed length, so that it does not show the value's length. */
export function maskText(
  text: string,
  path: readonly string[],
  { personalValues, maskAllText }: MaskOptions,
): string {
  if (text === '') return text;
  if (isPersonalPath(path) || PHONE.test(text)) return MASK;
  if (maskAllText && !STRUCTURAL_KEY.test(path.at(-1) ?? '')) return MASK;
  return maskPersonalValues(text, personalValues);
}

/** Masks e-mail addresses and all known personal values in any text. */
export function maskPersonalValues(text: string, personalValues: RegExp | null): string {
  const masked = text.replaceAll(WORD, (word) => (isEmail(word) ? MASK : word));
  return personalValues === null ? masked : masked.replaceAll(personalValues, MASK);
}

/** Whether a word contains an e-mail address: an `@` after something, and a domain after it. */
function isEmail(word: string): boolean {
  const at = word.indexOf('@', 1);
  return at > 0 && DOMAIN.test(word.slice(at + 1));
}

const MIN_VALUE_LENGTH = 4;
const MIN_NAME_LENGTH = 3;

/** Extracts the values of a personal string that must be masked in other texts too. A name is also split into words. */
export function extractPersonalValues(text: string, path: readonly string[]): string[] {
  const key = path.findLast((each) => !INDEX.test(each)) ?? '';
  const isName = PERSON_NAME_KEY.test(key) && isPersonalPath(path);
  if (isName) return [text, ...text.split(/\s+/)].filter((word) => word.length >= MIN_NAME_LENGTH);
  const isSecret = SECRET_KEY.test(key) || PHONE.test(text);
  return isSecret && text.length >= MIN_VALUE_LENGTH ? [text] : [];
}
