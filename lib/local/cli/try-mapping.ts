import {
  type NormaliseOptions,
  parseWebhook,
  timesOnArrival,
} from '../../receive/parse-webhook.ts';

/** The result of a mapping, for a person. Fields are lines of `path = value`, without nulls. */
export interface MappingPreview {
  readonly isValid: boolean;
  readonly purpose: string | null;
  readonly fields: readonly string[];
  readonly unmapped: readonly string[];
  /** The record's warnings, or why the body is not valid. `path` is empty for the whole body. */
  readonly issues: readonly { readonly path: string; readonly message: string }[];
}

/**
 * Applies a mapping to a body as receive does.
 * @param name a mapping in functions/mappings.ts; null for none
 * @param redact hides values that the person may not see; hides nothing by default
 */
export function tryMapping(
  body: Buffer,
  name: string | null,
  options: NormaliseOptions,
  receivedAt: Date,
  redact: (value: unknown) => unknown = (value) => value,
): MappingPreview {
  const parsed = parseWebhook(body, name, timesOnArrival(receivedAt.toISOString(), null), options);
  if (!parsed.ok) {
    const { issues } = parsed;
    return { isValid: false, purpose: null, fields: [], unmapped: [], issues };
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
 * Formats a JSON value as lines of `path = value`, without nulls and empty objects.
 */
function flattenFields(value: unknown, path = ''): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object') return [`${path} = ${JSON.stringify(value)}`];
  return Object.entries(value).flatMap(([key, inner]) =>
    flattenFields(inner, path === '' ? key : `${path}.${key}`),
  );
}
