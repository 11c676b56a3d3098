/**
 * Characters that a terminal obeys instead of showing: the control characters (ESC begins a command, CR
 * overwrites the line), the line and paragraph separators, and those that change the direction of text,
 * so that it reads as something else (Unicode, UAX #9).
 */
const CONTROL = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu;
/** The same without the line feed and the tab, which texts of several lines are made of. */
const CONTROL_IN_TEXT = /(?![\n\t])[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Replaces every control character of a value by its escape, `\n` or `\u001b`, so that the value stays on
 * its line and changes nothing else in the terminal. For values that others have chosen.
 */
export function escapeLine(value: string): string {
  return value.replaceAll(CONTROL, toEscape);
}

/** The same for a text of several lines: line feeds and tabs stay. */
export function escapeText(text: string): string {
  return text.replaceAll(CONTROL_IN_TEXT, toEscape);
}

function toEscape(character: string): string {
  const code = character.charCodeAt(0).toString(16).padStart(4, '0');
  return SHORT_ESCAPES[character] ?? `\\u${code}`;
}
