import { jsonTokens, type Token } from './json-tokens.ts';
import { knownOf, type Masking, maskedText, withoutKnown } from './personal-data.ts';

/** A key and its string, in text that is not quite JSON. */
const LOOSE_PAIR = /("(?:[^"\\]|\\.)*")(\s*:\s*)("(?:[^"\\]|\\.)*"?)/g;

/**
 * Masks what is personal in a text: JSON, or what somebody meant as JSON. Everything else stays as it
 * was written.
 */
export function masked(text: string, masking: Masking): string {
  const tokens = jsonTokens(text);
  if (tokens === null) return maskedLoosely(text, masking);
  return tokens.map((token) => maskedToken(token, masking)).join('');
}

/** The personal values of these texts, the longest first. */
export function knownValues(texts: readonly string[]): string[] {
  const found = texts.flatMap((text) =>
    (jsonTokens(text) ?? []).flatMap((token) =>
      token.kind === 'string' && token.path !== null
        ? knownOf(stringOf(token.text), token.path)
        : [],
    ),
  );
  return [...new Set(found)].sort((a, b) => b.length - a.length);
}

function maskedToken({ kind, text, path }: Token, masking: Masking): string {
  if (kind !== 'string' || path === null) return text;
  const value = stringOf(text);
  const shown = maskedText(value, path, masking);
  return shown === value ? text : JSON.stringify(shown);
}

function maskedLoosely(text: string, masking: Masking): string {
  const inPairs = text.replaceAll(
    LOOSE_PAIR,
    (_all, key: string, colon: string, value: string) =>
      `${key}${colon}${JSON.stringify(maskedText(value.slice(1, -1), [key.slice(1, -1)], masking))}`,
  );
  return withoutKnown(inPairs, masking.known);
}

function stringOf(token: string): string {
  return String(JSON.parse(token));
}
