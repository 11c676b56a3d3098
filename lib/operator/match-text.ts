/** A shorter number, or a shorter word of what is no JSON, is a part of anything. */
const MIN_LENGTH = 6;
const JSON_BEGINS = /^\s*[{[]/;
/** What is before and after a number that is a value of JSON. */
const BEFORE_NUMBER = /[:,[\s]/;
const AFTER_NUMBER = /[,}\]\s]/;
/** Letters and digits: what goes on with one of them before or after it is another value. */
const WORD = /[\p{L}\p{N}]/u;
/** What else the part of an e-mail address before its @ goes on with. */
const EMAIL_WORD = /[\p{L}\p{N}._%+-]/u;
/** What the domain of an e-mail address goes on with: a full stop at the end of a sentence is none of it. */
const DOMAIN_GOES_ON = /^(?:[\p{L}\p{N}-]|\.[\p{L}\p{N}])/u;
/** One level of the escapes of JSON. */
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(.))/gs;
const ESCAPED = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
]);

/**
 * Creates the test whether a text holds one of these values. An e-mail is found anywhere, in upper and lower
 * case, but not as a part of a longer address, which is somebody else's. Any other value has to be a whole text
 * of JSON, or a whole number of six digits or more, and is exact: the id 12 of a customer must not find whoever
 * gets 12 percent. In a text that is no JSON a value of six characters or more is found as a word.
 * JSON inside is read with its escapes, as often as it is nested; so keys, values, broken JSON and JSON that has
 * a key twice are all searched.
 */
export function createTextMatcher(values: readonly string[]): (text: string) => boolean {
  const matchers = values.map((value) => {
    const wanted = value.normalize('NFC');
    return wanted.includes('@') ? createEmailMatcher(wanted) : createValueMatcher(wanted);
  });
  return (text) => {
    const isJson = JSON_BEGINS.test(text);
    let decoded = text.normalize('NFC');
    for (;;) {
      const current = decoded;
      if (matchers.some((matches) => matches(current, isJson))) return true;
      if (!current.includes('\\')) return false;
      decoded = current.replaceAll(ESCAPE, decodeEscape).normalize('NFC');
      if (decoded === current) return false;
    }
  };
}

function decodeEscape(_escape: string, hex: string | undefined, character: string): string {
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  return ESCAPED.get(character) ?? character;
}

function createEmailMatcher(email: string): (text: string) => boolean {
  const wanted = email.toLowerCase();
  return (text) =>
    hasMatch(
      text.toLowerCase(),
      wanted,
      (before) => EMAIL_WORD.test(before),
      (after) => DOMAIN_GOES_ON.test(after),
    );
}

function createValueMatcher(wanted: string): (text: string, isJson: boolean) => boolean {
  const quoted = `"${wanted}"`;
  const isLong = wanted.length >= MIN_LENGTH;
  const isNumber = isLong && /^\d+$/.test(wanted);
  // a value that begins with a sign, as the + of a phone, begins there whatever is before it
  const beginsWithWord = WORD.test(wanted.slice(0, 1));
  const endsWithWord = WORD.test(wanted.slice(-1));
  return (text, isJson) => {
    if (text.includes(quoted)) return true;
    if (isJson && !isNumber) return false;
    if (isJson) {
      return hasMatch(
        text,
        wanted,
        (before) => !BEFORE_NUMBER.test(before),
        (after) => !AFTER_NUMBER.test(after.slice(0, 1)),
      );
    }
    return (
      isLong &&
      hasMatch(
        text,
        wanted,
        (before) => beginsWithWord && WORD.test(before),
        (after) => endsWithWord && WORD.test(after.slice(0, 1)),
      )
    );
  };
}

/** Whether a value is in a text at a place where it does not go on. */
function hasMatch(
  text: string,
  wanted: string,
  goesOnBefore: (character: string) => boolean,
  goesOnAfter: (characters: string) => boolean,
): boolean {
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    if (
      !goesOnBefore(text.slice(Math.max(0, at - 1), at)) &&
      !goesOnAfter(text.slice(end, end + 2))
    )
      return true;
  }
  return false;
}
