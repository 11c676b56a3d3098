import * as v from 'valibot';
import { acceptedBy } from '../voucherify/acceptance.ts';
import { EXPECTED_NUMBER, EXPECTED_PERCENT, EXPECTED_TIME } from '../voucherify/fields.ts';
import { isJsonObject, type JsonObject } from '../voucherify/json.ts';
import { isTimestamp, withoutBlanks } from '../voucherify/timestamp.ts';
import { dotted, type Path } from './path.ts';
import type { Issue } from '../record/record.ts';

/**
 * A field that is not as expected. `mended`: it could be read all the same (digits in a text, blanks
 * in a time). Otherwise it counts as unknown. Either way the sender's value stays in `rest`.
 */
export interface Oddity {
  readonly path: Path;
  readonly message: string;
  readonly mended: boolean;
}

/** The sender's own object when nothing is odd in it, else a copy with the odd fields mended. */
export interface Judged<Shape> {
  readonly object: Shape;
  readonly oddities: readonly Oddity[];
}

const NO_ODDITIES: readonly Oddity[] = [];
const DIGITS = /^-?\d{1,15}(?:\.\d{1,9})?$/;

/**
 * Judges an object of the sender.
 * @param at where the object stands in the body
 * @returns the object with the type that its schema gives it; null when nothing of it can be used
 */
export type Judge<Shape> = (source: JsonObject, at: Path) => Judged<Shape> | null;

/**
 * Makes the judge of a schema. A field of the wrong kind does not fail the whole: it is mended or
 * left out, and reported (vendor facts, section 8). Which oddities are too grave is for the caller to
 * say, who knows the purpose.
 */
export function judgeBy<Shape>(schema: v.GenericSchema<Shape, unknown>): Judge<Shape> {
  const accepts = acceptedBy(schema);
  return (source, at) =>
    accepts(source) ? { object: source, oddities: NO_ODDITIES } : judgeClosely(schema, source, at);
}

function judgeClosely<Shape>(
  schema: v.GenericSchema<Shape, unknown>,
  source: JsonObject,
  at: Path,
): Judged<Shape> | null {
  const oddities = new Map<string, Oddity>();
  const leftOut = new Set<string>();
  let object: unknown = source;
  while (!v.is(schema, object)) {
    const { issues } = v.safeParse(schema, object);
    for (const issue of issues ?? []) {
      const keys = innermostNotYetLeftOut(keysOf(issue), leftOut);
      if (keys.length === 0) return null;
      const reading = readAnyway(issue);
      const read = oddities.has(keys.join('.')) ? undefined : reading;
      if (read === undefined) leftOut.add(keys.join('.'));
      object = withValueAt(object, keys, read?.value ?? null);
      oddities.set(keys.join('.'), {
        path: [...at, ...keys],
        message: read?.message ?? issue.message,
        mended: read !== undefined,
      });
    }
  }
  return { object, oddities: [...oddities.values()] };
}

/** An oddity as a consumer reads it. */
export function warningOf({ path, message, mended }: Oddity): Issue {
  return { path: dotted(path), message: mended ? message : `${message}; taken as unknown` };
}

interface ReadAnyway {
  readonly value: string | number;
  readonly message: string;
}

/** What can be read although it is not of the right kind; undefined when nothing can. */
function readAnyway({ input, message }: v.BaseIssue<unknown>): ReadAnyway | undefined {
  if (typeof input !== 'string') return undefined;
  if ((message === EXPECTED_NUMBER || message === EXPECTED_PERCENT) && DIGITS.test(input)) {
    return { value: Number(input), message: 'A text of digits, read as a number' };
  }
  const time = withoutBlanks(input);
  if (message === EXPECTED_TIME && isTimestamp(time)) {
    return { value: time, message: 'A time with blanks, read without them' };
  }
  return undefined;
}

function keysOf(issue: v.BaseIssue<unknown>): Path {
  const keys: (string | number)[] = [];
  for (const { key } of issue.path ?? []) {
    if (typeof key === 'string' || typeof key === 'number') keys.push(key);
  }
  return keys;
}

/** When null is wrong too, as in a list of texts, the whole that holds it has to go. */
function innermostNotYetLeftOut(keys: Path, leftOut: ReadonlySet<string>): Path {
  return leftOut.has(keys.join('.')) ? innermostNotYetLeftOut(keys.slice(0, -1), leftOut) : keys;
}

function withValueAt(container: unknown, [key, ...further]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(container)) {
    const items: readonly unknown[] = container;
    return items.map((item, index) => (index === key ? withValueAt(item, further, value) : item));
  }
  if (!isJsonObject(container)) return container;
  return { ...container, [key]: withValueAt(container[key], further, value) };
}
