/** An object as JSON.parse makes it. Its keys are the sender's, `__proto__` possibly among them. */
export interface JsonObject {
  readonly [key: string]: unknown;
}

/** Says whether a value is a JSON object: neither null nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Sets an own property, whatever its name. A plain assignment to `__proto__` would set the
 * prototype and lose the value.
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

/** Reads an own property; undefined when there is none, inherited names among them. */
export function getOwn(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
