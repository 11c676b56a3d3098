import * as v from 'valibot';
import type { CampaignObject } from '../voucherify/campaign.ts';
import type { CustomerObject } from '../voucherify/customer.ts';
import type { DistributionObject } from '../voucherify/distribution.ts';
import { isJsonObject, type JsonObject } from '../voucherify/json.ts';
import type { PromotionTierObject } from '../voucherify/promotion-tier.ts';
import type { PublicationObject } from '../voucherify/publication.ts';
import type { VoucherObject } from '../voucherify/voucher.ts';
import type { Path } from './path.ts';
import type { Issue } from '../record/record.ts';
import { dotted } from './path.ts';

/** The vendor's shape of `data`, or the part of it that a merchant's own shape can fill. */
export interface MappedData {
  readonly distribution?: DistributionObject | null | undefined;
  readonly campaign?: CampaignObject | null | undefined;
  readonly voucher?: VoucherObject | null | undefined;
  readonly publication?: PublicationObject | null | undefined;
  readonly promotion_tier?: PromotionTierObject | null | undefined;
  readonly customer?: CustomerObject | null | undefined;
}

/** A merchant's own payload shape: a schema that turns it into the vendor's. */
export interface Mapping {
  readonly name: string;
  readonly schema: v.GenericSchema<unknown, MappedData>;
}

export type Mapped =
  | { readonly ok: true; readonly data: JsonObject }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Applies a mapping. A schema that refuses, throws, or gives no object is a failure with the paths
 * of the schema's own issues.
 * @param at where the source stands in the body
 */
export function applyMapping({ name, schema }: Mapping, source: JsonObject, at: Path): Mapped {
  try {
    const result = v.safeParse(schema, source);
    if (!result.success)
      return { ok: false, issues: result.issues.map((issue) => toIssue(issue, at)) };
    const data: unknown = result.output;
    if (isJsonObject(data)) return { ok: true, data };
    return failure(at, `Expected the mapping ${name} to give an object`);
  } catch (fault) {
    const kind = fault instanceof Error ? fault.name : typeof fault;
    return failure(at, `The mapping ${name} failed (${kind})`);
  }
}

function failure(at: Path, message: string): Mapped {
  return { ok: false, issues: [{ path: dotted(at), message }] };
}

/** Valibot's own messages quote the value; what was expected does not. */
function toIssue(issue: v.BaseIssue<unknown>, at: Path): Issue {
  const within = (issue.path ?? []).map(({ key }) => String(key));
  const message = issue.expected
    ? `Expected ${issue.received === 'undefined' ? 'a value' : issue.expected}`
    : `Not accepted by the check ${issue.type}`;
  return { path: dotted([...at, ...within]), message };
}
