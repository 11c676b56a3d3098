import { tokenizeJson, type Token } from './json-tokens.ts';
import {
  extractPersonalValues,
  type MaskOptions,
  maskText,
  maskPersonalValues,
} from './personal-data.ts';

/** A key and its string, in text that is not valid JSON. */
const LOOSE_PAIR = /("(?:[^"\\]|\\.)*")(\s*:\s*)("(?:[^"\\]|\\.)*"?)/g;

/**
 * Masks personal data in JSON, or in text that looks like JSON but is not valid. Everything else keeps
 * its spelling.
 */
export function maskJson(text: string, maskOptions: MaskOptions): string {
  const tokens = tokenizeJson(text);
  if (tokens === null) return maskLooseJson(text, maskOptions);
  return tokens.map((token) => maskToken(token, maskOptions)).join('');
}

/** Collects the personal values in these JSON texts, the longest first, so that a value is replaced before its parts. */
export function collectPersonalValues(texts: readonly string[]): string[] {
  const found = texts.flatMap((text) =>
    (tokenizeJson(text) ?? []).flatMap((token) =>
      token.kind === 'string' && token.path !== null
        ? extractPersonalValues(parseString(token.text), token.path)
        : [],
    ),
  );
  return [...new Set(found)].sort((a, b) => b.length - a.length);
}

function maskToken({ kind, text, path }: Token, maskOptions: MaskOptions): string {
  if (kind !== 'string' || path === null) return text;
  const value = parseString(text);
  const maskedValue = maskText(value, path, maskOptions);
  return maskedValue === value ? text : JSON.stringify(maskedValue);
}

function maskLooseJson(text: string, maskOptions: MaskOptions): string {
  const maskedPairs = text.replaceAll(
    LOOSE_PAIR,
    (_all, key: string, colon: string, value: string) =>
      `${key}${colon}${JSON.stringify(maskText(value.slice(1, -1), [key.slice(1, -1)], maskOptions))}`,
  );
  return maskPersonalValues(maskedPairs, maskOptions.personalValues);
}

function parseString(token: string): string {
  return String(JSON.parse(token));
}
