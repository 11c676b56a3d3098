import { type Reader, understand } from '../../receive/parse-webhook.ts';
import { fieldLines } from './flatten.ts';

/** What a body becomes, for a person to read. Fields are lines of `path = value`, nulls left out. */
export interface TriedMapping {
  readonly understood: boolean;
  readonly purpose: string | null;
  readonly fields: readonly string[];
  readonly rest: readonly string[];
  /** Warnings, or why it was not understood. `path` is empty for the body as a whole. */
  readonly remarks: readonly { readonly path: string; readonly message: string }[];
}

/**
 * Reads a body under a mapping as receive would.
 * @param name a mapping of functions/mappings.ts; null for none
 * @param shown what of the record's values a person gets to see; all by default
 */
export function tryMapping(
  body: Buffer,
  name: string | null,
  reader: Reader,
  at: Date,
  shown: (value: unknown) => unknown = (value) => value,
): TriedMapping {
  const understanding = understand(body, name, at.toISOString(), reader);
  if (!understanding.understood) {
    const { issues } = understanding;
    return { understood: false, purpose: null, fields: [], rest: [], remarks: issues };
  }
  const { rest, warnings, ...data } = understanding.record.data;
  return {
    understood: true,
    purpose: data.purpose,
    fields: fieldLines(shown(data)),
    rest: fieldLines(shown(rest)),
    remarks: warnings,
  };
}
