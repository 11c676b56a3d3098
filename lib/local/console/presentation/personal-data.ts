/** Strings with such a key are a code, an address or a number, wherever they stand. */
const SECRET_KEY = /^(?:.*code|coupons?|pin|to|cc|e[-_]?mails?|mail|.*phone.*|mobile|msisdn)$/i;
const PERSON_NAME_KEY =
  /^(?:(?:first|last|full|middle|given|family|nick|display|user|holder|customer|recipient)[-_ ]?)?name$/i;
/** Things that have a name, too. */
const NAMED_OBJECT_KEY =
  /^(?:campaign|campaigns|promotion_?tier|product|sku|category|categories|distribution|mapping)$/i;
/** Everything in such an object is about a person, */
const PERSON_KEY =
  /^(?:customer|holder|shopper|recipient|contact|person|owner|redeemer|referrer)$/i;
/** but for what only tells records and moments apart. */
const IMPERSONAL_KEY = /(?:^id|[_a-z]id|Id|^object|_at|At)$/;
const EMAIL = /[^\s"'<>,;:()]+@[^\s"'<>,;()]+\.[a-z]{2,}/gi;
const PHONE = /^\+[\d\s().-]{7,}$/;
/** Keys whose values are words of the sender, not of a customer. */
const STRUCTURAL_KEY =
  /^(?:id|object|type|event|status|channel|currency|mode|version)$|_(?:id|at|type)$/;

const MASK = '••••••';

/** How strictly to mask, and what else is known to be personal. */
export interface MaskOptions {
  /** Values that are masked wherever they occur, also inside longer texts. */
  readonly personalValues: readonly string[];
  /** Nobody knows what the body means, so every text in it may be personal. */
  readonly maskAllText: boolean;
}

/** Says whether a string is personal by where it stands. Its path are the keys from the root. */
export function isPersonalPath(path: readonly string[]): boolean {
  const key = path.at(-1) ?? '';
  if (SECRET_KEY.test(key)) return true;
  const parents = path.slice(0, -1).filter((each) => !/^\d+$/.test(each));
  if (PERSON_NAME_KEY.test(key) && !NAMED_OBJECT_KEY.test(parents.at(-1) ?? '')) return true;
  return parents.some((each) => PERSON_KEY.test(each)) && !IMPERSONAL_KEY.test(key);
}

/** A text with everything personal in it replaced by dots that do not even tell its length. */
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

/** A text of unknown form with e-mail addresses and all known values replaced. */
export function maskPersonalValues(text: string, personalValues: readonly string[]): string {
  return personalValues.reduce(
    (masked, value) => masked.replaceAll(value, MASK),
    text.replaceAll(EMAIL, MASK),
  );
}

const MIN_VALUE_LENGTH = 4;
const MIN_NAME_LENGTH = 3;

/** What of a personal string is to be masked in other texts, too: a name also word by word. */
export function extractPersonalValues(text: string, path: readonly string[]): string[] {
  const key = path.at(-1) ?? '';
  const isName = PERSON_NAME_KEY.test(key) && isPersonalPath(path);
  if (isName) return [text, ...text.split(/\s+/)].filter((word) => word.length >= MIN_NAME_LENGTH);
  const isSecret = SECRET_KEY.test(key) || PHONE.test(text);
  return isSecret && text.length >= MIN_VALUE_LENGTH ? [text] : [];
}
