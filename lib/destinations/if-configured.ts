import type { Destination } from './destination.ts';

/**
 * Lists a destination only when its setting has a value, so that a stage can do without it.
 * @param value a setting, read by one of the `Optional...` schemas or by DestinationUrlSchema
 * @param create makes the destination of the value
 * @returns a list of one destination, or an empty one when the value is null
 */
export function ifConfigured<Value>(
  value: Value | null,
  create: (value: Value) => Destination,
): Destination[] {
  return value === null ? [] : [create(value)];
}
