import * as v from 'valibot';
import {
  EXPECTED_BOOLEAN,
  EXPECTED_ID,
  EXPECTED_NUMBER,
  EXPECTED_PERCENT,
  EXPECTED_SIGNED_NUMBER,
  EXPECTED_TIME,
} from '../voucherify/fields.ts';
import { hasPlaceholder, isIdNumber, isValue } from '../voucherify/no-value.ts';
import {
  isJsonObject,
  type JsonObject,
  type Path,
  formatPath,
  setOwn,
} from '../voucherify/json.ts';
import { readTimestamp } from '../voucherify/timestamp.ts';
import type { Issue } from '../record/record.ts';

/** A field that is not valid. The value that was sent stays in `unmapped`. */
export interface FieldIssue {
  readonly path: Path;
  readonly message: string;
  /** The value was converted (digits in a string, a time in another form). If not, the field is null. */
  readonly coerced: boolean;
}

/** The object as sent when it is valid, else a copy in which every invalid field is converted or null. */
export interface LenientResult<Shape> {
  readonly object: Shape;
  readonly fieldIssues: readonly FieldIssue[];
}

const NO_ISSUES: readonly FieldIssue[] = [];
const DIGITS = /^-?\d{1,15}(?:\.\d{1,9})?$/;

/**
 * Parses a Voucherify object.
 * @param path of the object in the body
 * @returns null when no part of the object can be used
 */
export type LenientParser<Shape> = (source: JsonObject, path: Path) => LenientResult<Shape> | null;

/**
 * Creates a parser for a schema. An invalid field does not fail the object: it is converted or null,
 * and an issue (vendor facts, section 8). Which issues are fatal depends on the purpose,
 * so the caller decides. A valid object is checked once; only an invalid one is parsed field by field.
 */
export function createLenientParser<Shape>(
  schema: v.GenericSchema<Shape, unknown>,
): LenientParser<Shape> {
  return (source, path) =>
    v.is(schema, source)
      ? { object: source, fieldIssues: NO_ISSUES }
      : parseLeniently(schema, source, path);
}

function parseLeniently<Shape>(
  schema: v.GenericSchema<Shape, unknown>,
  source: JsonObject,
  path: Path,
): LenientResult<Shape> | null {
  const fieldIssues = new Map<string, FieldIssue>();
  const removed = new Set<string>();
  const copies = new Set<object>();
  let object: unknown = source;
  while (!v.is(schema, object)) {
    const { issues } = v.safeParse(schema, object);
    const removedNow = new Set<string>();
    for (const issue of issues ?? []) {
      const issuePath = toIssuePath(issue);
      // what is wrong inside a list or an object that has just become null is gone with it
      if (isInside(issuePath, removedNow)) continue;
      const innerPath = findNearestRetainedPath(issuePath, removed);
      if (innerPath.length === 0) return null;
      // a field that is still invalid after a coercion becomes null
      const wasCoerced = fieldIssues.has(innerPath.join('.'));
      const coercion = wasCoerced ? undefined : coerce(issue);
      if (coercion === undefined) {
        removed.add(innerPath.join('.'));
        removedNow.add(innerPath.join('.'));
      }
      object = setAt(object, innerPath, coercion?.value ?? null, copies);
      fieldIssues.set(innerPath.join('.'), {
        path: [...path, ...innerPath],
        message: coercion?.message ?? issue.message,
        coerced: coercion !== undefined,
      });
    }
  }
  return { object, fieldIssues: [...fieldIssues.values()] };
}

/** Turns a field issue that is not fatal into a warning of the record. */
export function toWarning({ path, message, coerced }: FieldIssue): Issue {
  return { path: formatPath(path), message: coerced ? message : `${message}; the record has null` };
}

interface Coerced {
  readonly value: string | number | boolean | null;
  readonly message: string;
}

/**
 * Converts a value of the wrong kind where its meaning is certain; undefined where it is not. A number
 * is never a code, since it may have lost leading zeros: a code has a message of its own.
 */
function coerce({ input, message }: v.BaseIssue<unknown>): Coerced | undefined {
  if (typeof input !== 'string' && typeof input !== 'number') return undefined;
  switch (message) {
    case EXPECTED_NUMBER:
    case EXPECTED_SIGNED_NUMBER:
    case EXPECTED_PERCENT:
      return toNumber(input);
    case EXPECTED_BOOLEAN:
      return toBoolean(input);
    case EXPECTED_TIME:
      return toTime(input);
    case EXPECTED_ID:
      return toId(input);
    default:
      return undefined;
  }
}

function toNumber(input: string | number): Coerced | undefined {
  if (typeof input === 'number' || !DIGITS.test(input)) return undefined;
  const message = 'Expected a number; the string of digits was converted';
  return { value: Number(input), message };
}

function toBoolean(input: string | number): Coerced | undefined {
  const word = String(input).trim().toLowerCase();
  if (word !== 'true' && word !== 'false') return undefined;
  return { value: word === 'true', message: `${EXPECTED_BOOLEAN}; the word was converted` };
}

function toTime(input: string | number): Coerced | undefined {
  if (typeof input === 'string' && !isValue(input) && !hasPlaceholder(input)) {
    return { value: null, message: `${EXPECTED_TIME}; a text without a value counts as none` };
  }
  const read = readTimestamp(input);
  return read === null
    ? undefined
    : { value: read.timestamp, message: `${EXPECTED_TIME}; ${read.change}` };
}

function toId(input: string | number): Coerced | undefined {
  if (!isIdNumber(input)) return undefined;
  return { value: String(input), message: `${EXPECTED_ID}; the whole number was read as text` };
}

function toIssuePath(issue: v.BaseIssue<unknown>): Path {
  const path: (string | number)[] = [];
  for (const { key } of issue.path ?? []) {
    if (typeof key === 'string' || typeof key === 'number') path.push(key);
  }
  return path;
}

/** Where null is invalid too, as in a list of strings, the list or object around it becomes null. */
function findNearestRetainedPath(path: Path, removed: ReadonlySet<string>): Path {
  return removed.has(path.join('.')) ? findNearestRetainedPath(path.slice(0, -1), removed) : path;
}

function isInside(path: Path, removed: ReadonlySet<string>): boolean {
  return path.some((_, length) => length > 0 && removed.has(path.slice(0, length).join('.')));
}

/**
 * Returns the container with another value at a path, and copies no container twice: an object can have
 * thousands of keys, and as many issues.
 * @param copies the containers that are copies already
 */
function setAt(
  container: unknown,
  [key, ...remaining]: Path,
  value: unknown,
  copies: Set<object>,
): unknown {
  if (key === undefined) return value;
  if (Array.isArray(container)) {
    const sent: unknown[] = container;
    const items = copies.has(sent) ? sent : [...sent];
    copies.add(items);
    const index = Number(key);
    items[index] = setAt(items[index], remaining, value, copies);
    return items;
  }
  if (!isJsonObject(container)) return container;
  const object: { [key: string]: unknown } = copies.has(container) ? container : { ...container };
  copies.add(object);
  setOwn(object, String(key), setAt(container[key], remaining, value, copies));
  return object;
}
