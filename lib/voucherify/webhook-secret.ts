import * as v from 'valibot';
import { isValue } from './no-value.ts';

/** The shortest text that can be a key. Voucherify's are generated and longer. */
const MIN_KEY_CHARACTERS = 8;

/** What a line of the secret must not be, the most telling first. None of it is in a generated key. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [/[{}[\]<>]/, 'has brackets, as in JSON or a placeholder'],
  [/["'`]/, 'has quotes'],
  [/^(?:#|;|\/\/\s|--\s)/, 'is a comment'],
  // a base64 key may end in one or two `=`, so only what stands behind one counts
  [/=\s*[^\s=]|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\s*=\s*$/, 'is NAME=value and not the key alone'],
  [/^[A-Za-z_][\w.-]*:/, 'is "name: value", an address or an ARN, and not the key alone'],
  [/^(?:\$\w+|%\w+%)$/, 'is the name of a variable and not its value'],
  [/\*{3}/, 'is a mask of the key and not the key'],
  [/\s/, 'has a blank inside'],
  [/[^\u0021-\u007e]/, 'has a control, invisible, curly or other character that is not ASCII'],
];

/** A JSON object with one text, for example what the console of Secrets Manager stores as key/value. */
const OBJECT_WITH_ONE_TEXT = /^\{\s*"(?:[^"\\]|\\.)*"\s*:\s*("(?:[^"\\]|\\.)*")\s*\}$/;
const JsonTextSchema = v.pipe(v.string(), v.parseJson(), v.string());

/**
 * The text of the webhook secret: one key a line, two during a rotation. White space around a key and
 * empty lines do not count. A JSON object whose only value is a text stands for that text. The output has
 * the keys, each once; an empty text has none.
 *
 * One line that is no plausible key makes the whole text malformed: a line of pretty-printed JSON, such
 * as `{`, would be a key that anybody can guess. Each issue has the number of the line and what is wrong
 * with it, never its text.
 */
export const WebhookSecretSchema = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }): readonly string[] => {
    const lines = splitLines(unwrapJson(dataset.value.trim()));
    const faults = lines.flatMap((line, index) => {
      const fault = line === '' ? null : findFault(line);
      return fault === null ? [] : [`line ${index + 1} ${fault}`];
    });
    for (const message of faults) addIssue({ message });
    return faults.length > 0 ? NEVER : [...new Set(lines.filter((line) => line !== ''))];
  }),
);

function unwrapJson(text: string): string {
  const literal = OBJECT_WITH_ONE_TEXT.exec(text)?.[1];
  const parsed = v.safeParse(JsonTextSchema, literal);
  return parsed.success ? parsed.output : text;
}

function splitLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/).map((line) => line.trim());
}

function findFault(line: string): string | null {
  const found = FAULTS.find(([pattern]) => pattern.test(line));
  if (found !== undefined) return found[1];
  if (!isValue(line)) return 'is what a program writes for a missing value';
  if (line.length < MIN_KEY_CHARACTERS) return `is shorter than ${MIN_KEY_CHARACTERS} characters`;
  return null;
}
