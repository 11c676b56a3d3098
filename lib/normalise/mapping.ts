import * as v from 'valibot';
import { errorName } from '../error-name.ts';
import type { VoucherifyCampaign } from '../voucherify/campaign.ts';
import type { VoucherifyCustomer } from '../voucherify/customer.ts';
import type { VoucherifyDistribution } from '../voucherify/distribution.ts';
import { isJsonObject, type JsonObject } from '../voucherify/json.ts';
import type { VoucherifyPromotionTier } from '../voucherify/promotion-tier.ts';
import type { VoucherifyPublication } from '../voucherify/publication.ts';
import type { VoucherifyVoucher } from '../voucherify/voucher.ts';
import type { Path } from './path.ts';
import type { Issue } from '../record/record.ts';
import { formatPath } from './path.ts';

/** The vendor's shape of `data`, or the part of it that a merchant's own shape can fill. */
export interface MappingOutput {
  readonly distribution?: VoucherifyDistribution | null | undefined;
  readonly campaign?: VoucherifyCampaign | null | undefined;
  readonly voucher?: VoucherifyVoucher | null | undefined;
  readonly publication?: VoucherifyPublication | null | undefined;
  readonly promotion_tier?: VoucherifyPromotionTier | null | undefined;
  readonly customer?: VoucherifyCustomer | null | undefined;
}

/** A merchant's own payload shape: a schema that turns it into the vendor's. */
export interface Mapping {
  readonly name: string;
  readonly schema: v.GenericSchema<unknown, MappingOutput>;
}

export type MappingResult =
  | { readonly ok: true; readonly data: JsonObject }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Applies a mapping. A schema that refuses, throws, or gives no object is a failure with the paths
 * of the schema's own issues.
 * @param path where the source stands in the body
 */
export function applyMapping(
  { name, schema }: Mapping,
  source: JsonObject,
  path: Path,
): MappingResult {
  try {
    const result = v.safeParse(schema, source);
    if (!result.success)
      return { ok: false, issues: result.issues.map((issue) => toIssue(issue, path)) };
    const data: unknown = result.output;
    if (isJsonObject(data)) return { ok: true, data };
    return toFailure(path, `Expected the mapping ${name} to give an object`);
  } catch (fault) {
    const kind = errorName(fault);
    return toFailure(path, `The mapping ${name} failed (${kind})`);
  }
}

function toFailure(path: Path, message: string): MappingResult {
  return { ok: false, issues: [{ path: formatPath(path), message }] };
}

/** Valibot's own messages quote the value; what was expected does not. */
function toIssue(issue: v.BaseIssue<unknown>, path: Path): Issue {
  const innerPath = (issue.path ?? []).map(({ key }) => String(key));
  const message = issue.expected
    ? `Expected ${issue.received === 'undefined' ? 'a value' : issue.expected}`
    : `Not accepted by the check ${issue.type}`;
  return { path: formatPath([...path, ...innerPath]), message };
}
