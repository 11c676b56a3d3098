import { type NormaliseOptions, parseWebhook } from '../../receive/parse-webhook.ts';

/** What a body becomes, for a person to read. Fields are lines of `path = value`, nulls left out. */
export interface MappingPreview {
  readonly isValid: boolean;
  readonly purpose: string | null;
  readonly fields: readonly string[];
  readonly unmapped: readonly string[];
  /** Warnings, or why it was not understood. `path` is empty for the body as a whole. */
  readonly issues: readonly { readonly path: string; readonly message: string }[];
}

/**
 * Reads a body under a mapping as receive would.
 * @param name a mapping of functions/mappings.ts; null for none
 * @param redact what of the record's values a person gets to see; all by default
 */
export function tryMapping(
  body: Buffer,
  name: string | null,
  options: NormaliseOptions,
  receivedAt: Date,
  redact: (value: unknown) => unknown = (value) => value,
): MappingPreview {
  const parsed = parseWebhook(body, name, receivedAt.toISOString(), options);
  if (!parsed.ok) {
    const { issues } = parsed;
    return { isValid: false, purpose: null, fields: [], unmapped: [], issues: issues };
  }
  const { unmapped, warnings, ...data } = parsed.record.data;
  return {
    isValid: true,
    purpose: data.purpose,
    fields: flattenFields(redact(data)),
    unmapped: flattenFields(redact(unmapped)),
    issues: warnings,
  };
}

/**
 * An object as lines of `path = value`, for a person to compare; what is null or empty is left out.
 * @param value any JSON value
 */
function flattenFields(value: unknown, path = ''): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object') return [`${path} = ${JSON.stringify(value)}`];
  return Object.entries(value).flatMap(([key, inner]) =>
    flattenFields(inner, path === '' ? key : `${path}.${key}`),
  );
}
