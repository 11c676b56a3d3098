import * as v from 'valibot';
import { errorName } from '../error-name.ts';
import type { Issue } from '../record/record.ts';
import type { VoucherifyCampaign } from '../voucherify/campaign.ts';
import type { VoucherifyCustomer } from '../voucherify/customer.ts';
import type { VoucherifyDistribution } from '../voucherify/distribution.ts';
import { formatPath, isJsonObject, type JsonObject, type Path } from '../voucherify/json.ts';
import type { VoucherifyPromotionTier } from '../voucherify/promotion-tier.ts';
import type { VoucherifyPublication } from '../voucherify/publication.ts';
import type { VoucherifyVoucher } from '../voucherify/voucher.ts';

/** What a mapping returns: Voucherify's shape of `data`, or a part of it. */
export interface MappingOutput {
  readonly distribution?: VoucherifyDistribution | null | undefined;
  readonly campaign?: VoucherifyCampaign | null | undefined;
  readonly voucher?: VoucherifyVoucher | null | undefined;
  readonly publication?: VoucherifyPublication | null | undefined;
  readonly promotion_tier?: VoucherifyPromotionTier | null | undefined;
  readonly customer?: VoucherifyCustomer | null | undefined;
}

/**
 * The schema of a mapping for Voucherify's own objects under their own keys: a customer and a voucher,
 * each with the fields that were chosen in the payload designer. At such an address the voucher is
 * a code to hand out. The fields are validated after the mapping, like those of any other webhook.
 * A redemption beside them says that the code is spent: then it is another body, and rejected.
 */
export const ChosenFieldsSchema: v.GenericSchema<unknown, MappingOutput> = v.object({
  customer: v.custom<VoucherifyCustomer>(isJsonObject),
  voucher: v.custom<VoucherifyVoucher>(isJsonObject),
  campaign: v.nullish(v.custom<VoucherifyCampaign>(isJsonObject)),
  publication: v.nullish(v.custom<VoucherifyPublication>(isJsonObject)),
  distribution: v.nullish(v.custom<VoucherifyDistribution>(isJsonObject)),
  redemption: v.nullish(v.never()),
  redemption_rollback: v.nullish(v.never()),
});

/** A merchant's own payload shape: a schema that turns it into Voucherify's. */
export interface Mapping {
  readonly name: string;
  readonly schema: v.GenericSchema<unknown, MappingOutput>;
}

/** The characters that need no escaping in a URL. */
const MAPPING_NAME = /^[a-z0-9][a-z0-9-]*$/;

/**
 * Names a merchant's schemas: a webhook's URL ends in the name of its mapping.
 * @param schemas by name; each returns Voucherify's shape of `data`, or a part of it
 * @throws Error when a name cannot be part of a URL as it is
 */
export function defineMappings(schemas: {
  readonly [name: string]: Mapping['schema'];
}): ReadonlyMap<string, Mapping> {
  return new Map(
    Object.entries(schemas).map(([name, schema]) => {
      if (!MAPPING_NAME.test(name)) {
        throw new Error(
          `The mapping name "${name}" cannot be part of a URL. Use a-z, 0-9 and dashes, a dash not first.`,
        );
      }
      return [name, { name, schema }];
    }),
  );
}

/** What the URL names when there is no mapping of that name. */
export interface UnknownMapping {
  readonly issue: Issue;
}

/** Finds the mapping that a URL names; null for a URL without one. */
export function findMapping(
  mappings: ReadonlyMap<string, Mapping>,
  name: string | null,
): Mapping | UnknownMapping | null {
  if (name === null) return null;
  const names = [...mappings.keys()].join(', ') || 'none';
  const message = `No mapping of this name in functions/mappings.ts; known are: ${names}`;
  return mappings.get(name) ?? { issue: { path: '', message } };
}

/**
 * The data that a mapping returned, or the issues for which the webhook is not valid. `isRefused`: its
 * schema rejects the source, so the source is of another shape. If not, the mapping itself failed.
 */
export type MappingResult =
  | { readonly ok: true; readonly data: JsonObject }
  | { readonly ok: false; readonly isRefused: boolean; readonly issues: readonly Issue[] };

/**
 * Applies a mapping. A schema that rejects the source, throws, or returns no object gives issues; those
 * of a schema have its own paths.
 * @param path of the source in the body
 */
export function applyMapping(
  { name, schema }: Mapping,
  source: JsonObject,
  path: Path,
): MappingResult {
  try {
    const result = v.safeParse(schema, source);
    if (!result.success) {
      const issues = result.issues.map((issue) => toIssue(issue, path));
      return { ok: false, isRefused: true, issues };
    }
    const data: unknown = result.output;
    if (isJsonObject(data)) return { ok: true, data };
    return toFailure(path, `Expected the mapping ${name} to return an object`);
  } catch (error) {
    // the error's message can quote the value
    return toFailure(path, `The mapping ${name} failed (${errorName(error)})`);
  }
}

function toFailure(path: Path, message: string): MappingResult {
  return { ok: false, isRefused: false, issues: [{ path: formatPath(path), message }] };
}

/** Valibot's own messages quote the value. What it expected does not. */
function toIssue(issue: v.BaseIssue<unknown>, path: Path): Issue {
  const innerPath = (issue.path ?? []).map(({ key }) => String(key));
  // a check of v.custom says 'unknown'
  const isExpectedKnown = issue.expected !== null && issue.expected !== 'unknown';
  const message =
    isExpectedKnown || issue.received === 'undefined'
      ? `Expected ${issue.received === 'undefined' ? 'a value' : issue.expected}`
      : `Rejected by the check ${issue.type}`;
  return { path: formatPath([...path, ...innerPath]), message };
}
