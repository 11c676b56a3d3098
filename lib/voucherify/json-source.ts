import type { Path } from './json.ts';
import { MAX_DEPTH } from './json-safe.ts';

/** A key that an object has several times. JSON.parse keeps the last one, and says nothing. */
export interface DuplicateKey {
  readonly path: Path;
  /** All its values are the same, so nothing is lost. */
  readonly isEqual: boolean;
}

/** What JSON.parse does not report. A path deeper than a record can be (json-safe.ts) is cut off. */
export interface JsonSourceFindings {
  readonly duplicateKeys: readonly DuplicateKey[];
  /** Numbers that a double cannot hold as they are written, such as 9223372036854775807. */
  readonly inexactNumbers: readonly Path[];
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** An object or a list whose end is not reached yet. */
interface OpenContainer {
  readonly start: number;
  /** The keys of an object so far, each with its last value; null for a list. */
  readonly values: Map<string, Span> | null;
  /** The key or index of the value that is being read; null where an object's next key is expected. */
  position: string | number | null;
}

const NUMBER = /-?\d[\d.eE+-]*/y;
const WORD = /[a-z]+/y;

/**
 * Finds what JSON.parse hides: duplicate keys (RFC 8259, section 4, leaves them undefined), and numbers
 * that lose digits (section 6). Linear, and without recursion.
 * @param text valid JSON: JSON.parse has accepted it
 */
export function inspectJsonSource(text: string): JsonSourceFindings {
  const duplicateKeys: DuplicateKey[] = [];
  const inexactNumbers: Path[] = [];
  const open: OpenContainer[] = [];

  // cut off: the path of each finding in a body of 100,000 levels would take minutes
  const currentPath = (): Path =>
    open.slice(0, MAX_DEPTH).flatMap(({ position }) => position ?? []);
  const endValue = (start: number, end: number): void => {
    const container = open.at(-1);
    if (container === undefined) return;
    const { values, position } = container;
    if (values === null) {
      container.position = Number(position) + 1;
      return;
    }
    const key = String(position);
    const earlier = values.get(key);
    if (earlier !== undefined) {
      const isEqual = isSameJson(text.slice(earlier.start, earlier.end), text.slice(start, end));
      duplicateKeys.push({ path: currentPath(), isEqual });
    }
    values.set(key, { start, end });
    container.position = null;
  };
  const matchEnd = (pattern: RegExp, start: number): number => {
    pattern.lastIndex = start;
    return pattern.test(text) ? pattern.lastIndex : start + 1;
  };

  let at = 0;
  while (at < text.length) {
    const start = at;
    const character = text[at] ?? '';
    at += 1;
    switch (character) {
      case '{':
      case '[': {
        const isObject = character === '{';
        open.push({
          start,
          values: isObject ? new Map() : null,
          position: isObject ? null : 0,
        });
        break;
      }
      case '}':
      case ']': {
        const container = open.pop();
        if (container !== undefined) endValue(container.start, at);
        break;
      }
      case '"': {
        at = findStringEnd(text, start);
        const container = open.at(-1);
        if (container?.position === null) container.position = parseString(text.slice(start, at));
        else endValue(start, at);
        break;
      }
      case ' ':
      case '\n':
      case '\r':
      case '\t':
      case ',':
      case ':':
        break;
      case 't':
      case 'f':
      case 'n':
        at = matchEnd(WORD, start);
        endValue(start, at);
        break;
      default:
        at = matchEnd(NUMBER, start);
        if (!isExact(text.slice(start, at))) inexactNumbers.push(currentPath());
        endValue(start, at);
    }
  }
  return { duplicateKeys, inexactNumbers };
}

/** Returns the index after the closing quote of the string that begins at `start`. */
function findStringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function parseString(literal: string): string {
  return literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1);
}

/**
 * Objects and lists are the same only when their texts are: to parse one for each level around it would
 * take quadratic time. A difference that is none is an issue more, never one less.
 */
function isSameJson(one: string, other: string): boolean {
  if (one === other) return true;
  return isScalar(one) && isScalar(other) && JSON.parse(one) === JSON.parse(other);
}

function isScalar(json: string): boolean {
  return json[0] !== '{' && json[0] !== '[';
}

/** A decimal of at most 15 digits is exact in a double (IEEE 754: DBL_DIG). */
const ALWAYS_EXACT = /^-?[\d.]{1,15}$/;

function isExact(literal: string): boolean {
  return (
    ALWAYS_EXACT.test(literal) ||
    toPlainDecimal(literal) === toPlainDecimal(String(Number(literal)))
  );
}

const DECIMAL = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** One form for each value: its digits without zeros at both ends, and the power of ten of the last one. */
function toPlainDecimal(literal: string): string | null {
  const parts = DECIMAL.exec(literal);
  if (parts === null) return null;
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  const digits = whole + fraction;
  let first = 0;
  while (digits[first] === '0') first += 1;
  let end = digits.length;
  while (end > first && digits[end - 1] === '0') end -= 1;
  if (first === end) return '0';
  const power = Number(exponent) - fraction.length + digits.length - end;
  return `${literal.startsWith('-') ? '-' : ''}${digits.slice(first, end)}e${power}`;
}
