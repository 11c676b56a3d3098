/**
 * An object as lines of `path = value`, for a person to compare; what is null or empty is left out.
 * @param value any JSON value
 */
export function flattenFields(value: unknown, path = ''): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object') return [`${path} = ${JSON.stringify(value)}`];
  return Object.entries(value).flatMap(([key, inner]) =>
    flattenFields(inner, path === '' ? key : `${path}.${key}`),
  );
}
