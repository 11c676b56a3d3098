import { createRequire } from 'node:module';
import * as v from 'valibot';

// The only file that relies on private parts of dynalite 4.0.0. They are checked when they are loaded, so
// an update of dynalite that changes them fails at the start.

type Values = Record<string, unknown>;
interface Context {
  readonly attrNames?: Readonly<Record<string, string>> | undefined;
  readonly attrVals?: Readonly<Values> | undefined;
  readonly unusedAttrNames: Values;
  readonly unusedAttrVals: Values;
  readonly isKeyCondition?: boolean | undefined;
}
type Parse = (text: string, options: { readonly context: Context }) => unknown;

const ParserSchema = v.custom<{ parse: Parse }>(
  (value) => v.is(v.object({ parse: v.function() }), value) && !isPatched(value),
);
const AnyObjectSchema = v.record(v.string(), v.unknown());
const VARIABLE = /[#:]\w+/g;
/** What is parsed depends on the values themselves here, not only on their types. */
const DEPENDS_ON_VALUES = /between|attribute_type/i;
const MAX_CACHED = 200;

/** The parsed condition, with the values that it was parsed with. */
interface Cached {
  readonly parsed: unknown;
  readonly values: Readonly<Values>;
}

const patched = new WeakSet<object>();

/**
 * Lets dynalite parse each condition once: its parser takes tens of milliseconds for one with nested
 * brackets, as every delivery has. A condition that is known gets the values of the new request. The
 * method is replaced in the loaded module; a second call changes nothing.
 */
export function cacheParsedConditions(): void {
  const module: unknown = createRequire(import.meta.url)('dynalite/db/conditionParser.js');
  if (isPatched(module)) return;
  const parser = v.parse(ParserSchema, module);
  patched.add(parser);
  const cache = new Map<string, Cached>();
  const parse = parser.parse.bind(parser);
  parser.parse = (text, options) => {
    const { attrNames = {}, attrVals = {}, isKeyCondition, ...unused } = options.context;
    if (isKeyCondition === true || DEPENDS_ON_VALUES.test(text)) return parse(text, options);
    const types = Object.entries(attrVals).map(([name, value]) => [name, listKeys(value)]);
    const key = JSON.stringify([text, attrNames, types]);
    const known = cache.get(key);
    if (known === undefined) {
      const parsed = parse(text, options);
      // a text is an error
      if (typeof parsed !== 'string' && cache.size < MAX_CACHED) {
        cache.set(key, { parsed, values: attrVals });
      }
      return parsed;
    }
    for (const [name] of text.matchAll(VARIABLE)) {
      delete unused.unusedAttrNames[name];
      delete unused.unusedAttrVals[name];
    }
    const replacements = new Map(
      Object.entries(known.values).map(([name, value]) => [value, attrVals[name]]),
    );
    return replaceValues(known.parsed, replacements);
  };
}

function isPatched(module: unknown): boolean {
  return typeof module === 'object' && module !== null && patched.has(module);
}

/** The key of an attribute value is its type, for example `S`. */
function listKeys(value: unknown): string[] {
  return v.is(AnyObjectSchema, value) ? Object.keys(value) : [];
}

/** Copies a parsed condition; the values of another request are found by their identity. */
function replaceValues(node: unknown, replacements: ReadonlyMap<unknown, unknown>): unknown {
  if (replacements.has(node)) return replacements.get(node);
  if (Array.isArray(node)) return node.map((item: unknown) => replaceValues(item, replacements));
  if (!v.is(AnyObjectSchema, node)) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, item]) => [key, replaceValues(item, replacements)]),
  );
}
