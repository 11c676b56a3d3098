/** An object from JSON.parse. It can have any key, `__proto__` too. */
export interface JsonObject {
  readonly [key: string]: unknown;
}

/** Where a value is in a JSON document: the keys and indexes from its root. */
export type Path = readonly (string | number)[];

/** The dotted form of a path, for example `data.voucher.code`. Empty for the root. */
export function formatPath(path: Path): string {
  return path.join('.');
}

/** Returns the object at a path; null when there is none, or another value. */
export function getObjectAt(root: JsonObject, path: Path): JsonObject | null {
  let value: unknown = root;
  for (const key of path) value = isJsonObject(value) ? value[key] : null;
  return isJsonObject(value) ? value : null;
}

/** Says whether a value is a JSON object: neither null nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Sets an own property of any name. A plain assignment to `__proto__` would set the prototype and lose
 * the value.
 */
export function setOwn(target: { [key: string]: unknown }, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    target[key] = value;
  }
}

/** Returns an own property; undefined when there is none. Inherited names such as `constructor` are none. */
export function getOwn(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Returns the part of a path after `base`; null when the path does not begin with it. */
export function toRelativePath(base: Path, path: Path): Path | null {
  return base.every((key, index) => path[index] === key) ? path.slice(base.length) : null;
}
