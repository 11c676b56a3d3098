import { tokenizeJson, type Token } from './json-tokens.ts';
import {
  extractPersonalValues,
  type MaskOptions,
  maskText,
  maskPersonalValues,
} from './personal-data.ts';

/**
 * A string in text that is not valid JSON, or what is between two strings. A string can end with the text.
 * One of the two always matches where the previous match ended, so that no character is read twice.
 */
const LOOSE_PART = /"(?:[^"\\]|\\.)*(?:"|\\?$)|[^"]+/gs;

/** The most characters of personal values that are looked for in other texts. */
const MAX_VALUE_CHARACTERS = 2_048;

/**
 * Masks personal data in JSON, or in text that looks like JSON but is not valid. Everything else keeps
 * its spelling. It takes linear time.
 */
export function maskJson(text: string, maskOptions: MaskOptions): string {
  const tokens = tokenizeJson(text);
  if (tokens === null) return maskLooseJson(text, maskOptions);
  return tokens.map((token) => maskToken(token, maskOptions)).join('');
}

/** The personal values of some texts. */
export interface PersonalValues {
  /** Finds each of them; null when there is none. */
  readonly pattern: RegExp | null;
  /** Whether the pattern finds all of them; if not, there are too many. */
  readonly isComplete: boolean;
}

/** Collects the personal values in these JSON texts. */
export function collectPersonalValues(texts: readonly string[]): PersonalValues {
  const found = texts.flatMap((text) =>
    (tokenizeJson(text) ?? []).flatMap((token) =>
      token.kind === 'string' && token.path !== null
        ? extractPersonalValues(parseString(token.text), token.path)
        : [],
    ),
  );
  // the longest first, so that a value is replaced before its parts
  const values = [...new Set(found)].sort((a, b) => b.length - a.length);
  let characters = 0;
  const kept = values.filter(({ length }) => {
    const fits = characters + length <= MAX_VALUE_CHARACTERS;
    if (fits) characters += length;
    return fits;
  });
  return {
    pattern: kept.length === 0 ? null : new RegExp(kept.map(escapePattern).join('|'), 'g'),
    isComplete: kept.length === values.length,
  };
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

function maskToken({ kind, text, path }: Token, maskOptions: MaskOptions): string {
  if (kind !== 'string' || path === null) return text;
  return maskString(text, parseString(text), path, maskOptions);
}

/** Masks every string that is not a key. Its only known key is the one before it: outer ones may be cut off. */
function maskLooseJson(text: string, maskOptions: MaskOptions): string {
  const parts = text.match(LOOSE_PART) ?? [];
  return parts
    .map((part, index) => {
      if (!part.startsWith('"')) return maskPersonalValues(part, maskOptions.personalValues);
      if (/^\s*:/.test(parts[index + 1] ?? '')) return part;
      const hasKey = /^\s*:\s*$/.test(parts[index - 1] ?? '');
      const key = hasKey ? (parts[index - 2] ?? '').slice(1, -1) : '';
      return maskString(part, part.replace(/^"/, '').replace(/"$/, ''), [key], maskOptions);
    })
    .join('');
}

/** @returns the JSON string as it was when nothing in its value is masked */
function maskString(
  string: string,
  value: string,
  path: readonly string[],
  maskOptions: MaskOptions,
): string {
  const maskedValue = maskText(value, path, maskOptions);
  return maskedValue === value ? string : JSON.stringify(maskedValue);
}

function parseString(token: string): string {
  return String(JSON.parse(token));
}
