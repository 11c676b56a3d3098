import * as v from 'valibot';

const FauxqsTypesSchema = v.object({ INVALID_MESSAGE_BODY_CHAR: v.instance(RegExp) });

/** Matches a character that SQS refuses in a message (API reference of SendMessage). */
const SQS_FORBIDDEN_CHARACTERS = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/**
 * Lets the emulator take the characters above U+FFFF, as AWS does: fauxqs 2.4.1 looks at UTF-16
 * halves and so refuses every emoji that a campaign or a customer carries. Its check is replaced in
 * the loaded module; doing it again changes nothing.
 */
export async function allowAstralCharacters(): Promise<void> {
  const moduleUrl = new URL('./sqs/sqsTypes.js', import.meta.resolve('fauxqs'));
  const loaded: unknown = await import(moduleUrl.href);
  const check = v.parse(FauxqsTypesSchema, loaded).INVALID_MESSAGE_BODY_CHAR;
  check.test = (text) => SQS_FORBIDDEN_CHARACTERS.test(text);
}
