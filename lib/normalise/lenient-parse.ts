import * as v from 'valibot';
import { EXPECTED_NUMBER, EXPECTED_PERCENT, EXPECTED_TIME } from '../voucherify/fields.ts';
import { isJsonObject, type JsonObject, type Path, formatPath } from '../voucherify/json.ts';
import { isTimestamp, stripWhitespace } from '../voucherify/timestamp.ts';
import type { Issue } from '../record/record.ts';

/**
 * A field that is not as expected. `mended`: it could be read all the same (digits in a text, blanks
 * in a time). Otherwise it counts as unknown. Either way the sender's value stays in `rest`.
 */
export interface FieldIssue {
  readonly path: Path;
  readonly message: string;
  readonly coerced: boolean;
}

/** The sender's own object when nothing is odd in it, else a copy with the odd fields mended. */
export interface LenientResult<Shape> {
  readonly object: Shape;
  readonly fieldIssues: readonly FieldIssue[];
}

const NO_ISSUES: readonly FieldIssue[] = [];
const DIGITS = /^-?\d{1,15}(?:\.\d{1,9})?$/;

/**
 * Judges an object of the sender.
 * @param at where the object stands in the body
 * @returns the object with the type that its schema gives it; null when nothing of it can be used
 */
export type LenientParser<Shape> = (source: JsonObject, path: Path) => LenientResult<Shape> | null;

/**
 * Makes the judge of a schema. A field of the wrong kind does not fail the whole: it is mended or
 * left out, and reported (vendor facts, section 8). Which oddities are too grave is for the caller to
 * say, who knows the purpose.
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
  let object: unknown = source;
  while (!v.is(schema, object)) {
    const { issues } = v.safeParse(schema, object);
    for (const issue of issues ?? []) {
      const innerPath = findNearestRetainedPath(toIssuePath(issue), removed);
      if (innerPath.length === 0) return null;
      const coercible = coerce(issue);
      const coercion = fieldIssues.has(innerPath.join('.')) ? undefined : coercible;
      if (coercion === undefined) removed.add(innerPath.join('.'));
      object = setAt(object, innerPath, coercion?.value ?? null);
      fieldIssues.set(innerPath.join('.'), {
        path: [...path, ...innerPath],
        message: coercion?.message ?? issue.message,
        coerced: coercion !== undefined,
      });
    }
  }
  return { object, fieldIssues: [...fieldIssues.values()] };
}

/** An oddity as a consumer reads it. */
export function toWarning({ path, message, coerced }: FieldIssue): Issue {
  return { path: formatPath(path), message: coerced ? message : `${message}; taken as unknown` };
}

interface Coerced {
  readonly value: string | number;
  readonly message: string;
}

/** What can be read although it is not of the right kind; undefined when nothing can. */
function coerce({ input, message }: v.BaseIssue<unknown>): Coerced | undefined {
  if (typeof input !== 'string') return undefined;
  if ((message === EXPECTED_NUMBER || message === EXPECTED_PERCENT) && DIGITS.test(input)) {
    return { value: Number(input), message: 'A text of digits, read as a number' };
  }
  const time = stripWhitespace(input);
  if (message === EXPECTED_TIME && isTimestamp(time)) {
    return { value: time, message: 'A time with blanks, read without them' };
  }
  return undefined;
}

function toIssuePath(issue: v.BaseIssue<unknown>): Path {
  const path: (string | number)[] = [];
  for (const { key } of issue.path ?? []) {
    if (typeof key === 'string' || typeof key === 'number') path.push(key);
  }
  return path;
}

/** When null is wrong too, as in a list of texts, the whole that holds it has to go. */
function findNearestRetainedPath(path: Path, removed: ReadonlySet<string>): Path {
  return removed.has(path.join('.')) ? findNearestRetainedPath(path.slice(0, -1), removed) : path;
}

function setAt(container: unknown, [key, ...remaining]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(container)) {
    const items: readonly unknown[] = container;
    return items.map((item, index) => (index === key ? setAt(item, remaining, value) : item));
  }
  if (!isJsonObject(container)) return container;
  return { ...container, [key]: setAt(container[key], remaining, value) };
}
