/** White space, control characters, and characters that show nothing, such as a zero-width space. */
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}\p{Cc}\u2800]/u;

/** From the first visible character to the last. Linear: only the end is searched backwards. */
const VISIBLE_PART = new RegExp(`${VISIBLE.source}(?:.*${VISIBLE.source})?`, 'su');

/** What programs write for a value that they do not have. Only as the whole text: NULL20 is a code. */
const NULL_LIKE = /^(?:null|undefined|nan|\[object object\])$/i;

/** Says whether a text has nothing to see. */
export function isBlank(text: string): boolean {
  return !VISIBLE.test(text);
}

/** Says whether a text holds a placeholder of a template that nobody filled, such as `{{voucher.code}}`. */
export function hasPlaceholder(text: string): boolean {
  return text.includes('{{') || text.includes('}}');
}

/**
 * Says whether a number can be read as an id or a phone number: a whole one, exact as a double. A code
 * or an e-mail address is never read from a number.
 */
export function isIdNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/**
 * Says whether a text can be the value of an id, a code, an e-mail address or a phone number. It cannot
 * when it is blank, holds a placeholder, or is as a whole what a program writes for a missing value, in
 * any case and with blanks around it. Nothing else is refused: NONE, N/A and 0 are codes.
 */
export function isValue(text: string): boolean {
  if (hasPlaceholder(text)) return false;
  const visible = VISIBLE_PART.exec(text)?.[0];
  return visible !== undefined && !NULL_LIKE.test(visible);
}
