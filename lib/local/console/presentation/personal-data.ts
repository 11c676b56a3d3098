/** A string with such a key is a code, an address or a phone number, in any object. */
const SECRET_KEY = /^(?:.*code|coupons?|pin|to|cc|e[-_]?mails?|mail|.*phone.*|mobile|msisdn)$/i;
const PERSON_NAME_KEY =
  /^(?:(?:first|last|full|middle|given|family|nick|display|user|holder|customer|recipient)[-_ ]?)?name$/i;
/** Objects whose name is not personal. */
const NAMED_OBJECT_KEY =
  /^(?:campaign|campaigns|promotion_?tier|product|sku|category|categories|distribution|mapping)$/i;
/** Everything in such an object is personal, except for the keys of IMPERSONAL_KEY. */
const PERSON_KEY =
  /^(?:customer|holder|shopper|recipient|contact|person|owner|redeemer|referrer)$/i;
/** Ids, object types and times. */
const IMPERSONAL_KEY = /(?:^id|[_a-z]id|Id|^object|_at|At)$/;
const EMAIL = /[^\s"'<>,;:()]+@[^\s"'<>,;()]+\.[a-z]{2,}/gi;
const PHONE = /^\+[\d\s().-]{7,}$/;
/** Keys whose values come from the sending system, not from a customer. */
const STRUCTURAL_KEY =
  /^(?:id|object|type|event|status|channel|currency|mode|version)$|_(?:id|at|type)$/;

const MASK = '••••••';

/** What to mask beside the values that are personal by their key. */
export interface MaskOptions {
  /** Values to mask everywhere, also inside longer texts. */
  readonly personalValues: readonly string[];
  /** The body was not recognised, so any text in it may be personal: mask all. */
  readonly maskAllText: boolean;
}

/** Whether a string is personal by its path: the keys from the root. */
export function isPersonalPath(path: readonly string[]): boolean {
  const key = path.at(-1) ?? '';
  if (SECRET_KEY.test(key)) return true;
  const parents = path.slice(0, -1).filter((each) => !/^\d+$/.test(each));
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
export function maskPersonalValues(text: string, personalValues: readonly string[]): string {
  return personalValues.reduce(
    (masked, value) => masked.replaceAll(value, MASK),
    text.replaceAll(EMAIL, MASK),
  );
}

const MIN_VALUE_LENGTH = 4;
const MIN_NAME_LENGTH = 3;

/** Extracts the values of a personal string that must be masked in other texts too. A name is also split into words. */
export function extractPersonalValues(text: string, path: readonly string[]): string[] {
  const key = path.at(-1) ?? '';
  const isName = PERSON_NAME_KEY.test(key) && isPersonalPath(path);
  if (isName) return [text, ...text.split(/\s+/)].filter((word) => word.length >= MIN_NAME_LENGTH);
  const isSecret = SECRET_KEY.test(key) || PHONE.test(text);
  return isSecret && text.length >= MIN_VALUE_LENGTH ? [text] : [];
}
