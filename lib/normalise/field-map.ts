import type { JsonObject } from '../voucherify/json.ts';

/**
 * How the record uses one key of a Voucherify object. `unmapped` is made from this.
 * - `value`: the record holds an equal value;
 * - `list`: the same, but null becomes an empty list, so `unmapped` keeps the null;
 * - `keys`: an object, of which the record uses these keys;
 * - `itemKeys`: a list of such objects.
 */
export type KeyUse =
  | 'value'
  | 'list'
  | { readonly keys: ConsumedKeys }
  | { readonly itemKeys: ConsumedKeys };

/** The keys of a Voucherify object that the record uses. All others are unmapped. */
export type ConsumedKeys = ReadonlyMap<string, KeyUse>;

/** How one key of the record is filled: the Voucherify keys that it consumes, and how to read them. */
export interface Field<Source, Value, Given = void> {
  readonly consumes: ConsumedKeys;
  readonly read: (source: Source, values: Given) => Value;
}

/** The keys of an object whose value, or null when it is absent, is of a type. */
type KeyWithValue<Source, Value> = {
  [Key in keyof Source]-?: NonNullable<Source[Key]> | null extends Value ? Key : never;
}[keyof Source];

/**
 * One entry for each key of the record's object: a key of the Voucherify object (the same value, or
 * null when it is absent) or a `Field`.
 */
export type FieldMapEntries<Source, Target, Given = void> = {
  readonly [Key in keyof Target]-?:
    | KeyWithValue<Source, Target[Key]>
    | Field<Source, Target[Key]>
    | Field<Source, Target[Key], Given>;
};

/** Turns a Voucherify object into an object of the record, and says which keys that consumes. */
export interface FieldMap<Source, Target, Given = void> {
  readonly consumes: ConsumedKeys;
  /** `values`: what the record holds and the object does not, for example the currency. */
  readonly convert: (source: Source, values: Given) => Target;
}

/**
 * Defines how one Voucherify object becomes an object of the record. Each field is listed once: its
 * entry drives both the conversion and the list of consumed keys. A key of the record that is missing
 * or misspelt is a compile error, and so is a Voucherify key of another type.
 * @param fields by key of the record's object
 */
export function defineFieldMap<Source, Target, Given = void>(
  fields: FieldMapEntries<Source, Target, Given>,
): FieldMap<Source, Target, Given>;
// The compiler cannot follow a loop over keys. The signature above says what the loop does.
export function defineFieldMap(fields: {
  readonly [key: string]: string | Field<JsonObject, unknown>;
}): FieldMap<JsonObject, JsonObject> {
  const consumes = new Map<string, KeyUse>();
  const readers: {
    key: string;
    from: string;
    read: Field<JsonObject, unknown>['read'] | null;
  }[] = [];
  for (const [key, field] of Object.entries(fields)) {
    if (typeof field === 'string') {
      consumes.set(field, 'value');
      readers.push({ key, from: field, read: null });
    } else {
      for (const [from, use] of field.consumes) consumes.set(from, use);
      readers.push({ key, from: '', read: field.read });
    }
  }
  return {
    consumes,
    convert: (source, values) => {
      const target: { [key: string]: unknown } = {};
      for (const { key, from, read } of readers) {
        target[key] = read === null ? (source[from] ?? null) : read(source, values);
      }
      return target;
    },
  };
}

/** An object with at most this one key. */
type Having<Key extends string, Value> = { readonly [K in Key]?: Value | null | undefined };

/** A value that `convert` turns into the record's word for it. Null when it is absent. */
export function converted<Key extends string, Value, Result>(
  key: Key,
  convert: (value: Value) => Result,
): Field<Having<Key, Value>, Result | null> {
  return {
    consumes: new Map([[key, 'value']]),
    read: (source) => {
      const value = source[key];
      return value === null || value === undefined ? null : convert(value);
    },
  };
}

/** A nested object. Null when it is absent. */
export function nested<Key extends string, Source, Target>(
  key: Key,
  map: FieldMap<Source, Target>,
): Field<Having<Key, Source>, Target | null> {
  return {
    consumes: new Map([[key, { keys: map.consumes }]]),
    read: (source) => {
      const inner = source[key];
      return inner ? map.convert(inner) : null;
    },
  };
}

/** A list of objects. Null when it is absent. */
export function items<Key extends string, Source, Target>(
  key: Key,
  map: FieldMap<Source, Target>,
): Field<Having<Key, readonly Source[]>, Target[] | null> {
  return {
    consumes: new Map([[key, { itemKeys: map.consumes }]]),
    read: (source) => source[key]?.map((item) => map.convert(item)) ?? null,
  };
}

/** One field of a nested object, which the record holds without that object. Null when it is absent. */
export function inside<Key extends string, Source, Value>(
  key: Key,
  field: Field<Source, Value>,
): Field<Having<Key, Source>, Value | null> {
  return {
    consumes: new Map([[key, { keys: field.consumes }]]),
    read: (source) => {
      const inner = source[key];
      return inner ? field.read(inner) : null;
    },
  };
}

/** The same value, or null when it is absent. In a map, the key alone says the same. */
export function copied<Key extends string, Value>(
  key: Key,
): Field<Having<Key, Value>, Value | null> {
  return {
    consumes: new Map([[key, 'value']]),
    read: (source) => source[key] ?? null,
  };
}

/** A list that is empty in the record when it is absent. */
export function listOrEmpty<Key extends string, Item>(
  key: Key,
): Field<Having<Key, Item[]>, Item[]> {
  return { consumes: new Map([[key, 'list']]), read: (source) => source[key] ?? [] };
}

/** A value that the record computes. It consumes no key, because other entries consume those that it reads. */
export function computed<Source, Value>(read: (source: Source) => Value): Field<Source, Value> {
  return { consumes: NO_KEYS, read };
}

/**
 * A value that is the same for every object of a map.
 * @param key the Voucherify key that says the same, for example a type: it is consumed
 */
export function constant<const Value>(constantValue: Value, key?: string): Field<unknown, Value> {
  const consumes: ConsumedKeys = key === undefined ? NO_KEYS : new Map([[key, 'value']]);
  return { consumes, read: () => constantValue };
}

/** A value that the record holds and the Voucherify object does not: the caller of `convert` passes it. */
export function given<Key extends string, Value>(
  key: Key,
): Field<unknown, Value, { readonly [K in Key]: Value }> {
  return { consumes: NO_KEYS, read: (_, values) => values[key] };
}

/** Merges the consumed keys of several maps or fields. A later one wins. */
export function mergeKeys(...all: readonly ConsumedKeys[]): ConsumedKeys {
  const merged = new Map<string, KeyUse>();
  for (const keys of all) for (const [key, use] of keys) merged.set(key, use);
  return merged;
}

/** The consumed keys of an object from which the record takes nothing itself. */
export const NO_KEYS: ConsumedKeys = new Map();
