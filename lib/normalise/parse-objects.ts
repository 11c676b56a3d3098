import type { Purpose, RecordData } from '../record/record.ts';
import { VoucherifyCampaignSchema } from '../voucherify/campaign.ts';
import { VoucherifyCustomerSchema } from '../voucherify/customer.ts';
import { VoucherifyDistributionSchema } from '../voucherify/distribution.ts';
import { EXPECTED_OBJECT } from '../voucherify/fields.ts';
import { isJsonObject, type JsonObject, type Path } from '../voucherify/json.ts';
import { VoucherifyPromotionTierSchema } from '../voucherify/promotion-tier.ts';
import { VoucherifyPublicationSchema } from '../voucherify/publication.ts';
import { CAMPAIGN } from './campaign.ts';
import { CUSTOMER } from './customer.ts';
import { DISTRIBUTION } from './distribution.ts';
import { findCustomer, findVouchers, type FoundObject } from './find-objects.ts';
import { createLenientParser, type FieldIssue, type LenientParser } from './lenient-parse.ts';
import type { ConsumedKeys, FieldMap } from './field-map.ts';
import { parseVouchers } from './parse-vouchers.ts';
import type { Payload } from './payload.ts';
import { convertPromotionTier } from './promotion-tier.ts';
import { PUBLICATION } from './publication.ts';
import { type ConsumedObjects, markConsumed } from './unmapped-fields.ts';

/** The objects of a record. */
export type RecordObjects = Pick<
  RecordData,
  | 'distribution'
  | 'campaign'
  | 'voucher'
  | 'otherVouchers'
  | 'promotionTier'
  | 'customer'
  | 'publication'
  | 'loyalty'
>;

/** How to parse the objects of a payload. */
export interface ParseContext {
  /** The event is about a reward. The reward's voucher is of another campaign than the webhook's. */
  readonly isReward: boolean;
  /** ISO 4217, or null when the settings name none. */
  readonly currency: string | null;
  /** RFC 3339, the time at which `usable` holds. */
  readonly checkedAt: string;
}

/** What is wrong with a value, and in a webhook of which purpose that is fatal. */
export interface ParsedValueIssue {
  readonly path: Path;
  readonly message: string;
  readonly fatalFor: Extract<Purpose, 'code' | 'promotion'> | null;
}

/** The objects of a payload, what is wrong with them, and their paths from the root of the body. */
export interface ParsedObjects {
  readonly objects: RecordObjects;
  readonly fieldIssues: readonly FieldIssue[];
  readonly valueIssues: readonly ParsedValueIssue[];
  /** The field issues that hide if the voucher can be used (lib/normalise/use-fields.ts). */
  readonly useIssues: ReadonlySet<FieldIssue>;
  readonly isReward: boolean;
  readonly voucherPath: Path;
  readonly customerPath: Path;
  readonly tierPath: Path;
}

const parseDistribution = createLenientParser(VoucherifyDistributionSchema);
const parseCampaign = createLenientParser(VoucherifyCampaignSchema);
const parsePublication = createLenientParser(VoucherifyPublicationSchema);
const parsePromotionTier = createLenientParser(VoucherifyPromotionTierSchema);
const parseCustomer = createLenientParser(VoucherifyCustomerSchema);

const OBJECT_KEYS = [
  'distribution',
  'campaign',
  'voucher',
  'publication',
  'promotion_tier',
  'customer',
];

/**
 * Parses the objects of a payload, wherever they are in it. It never fails: a field of the wrong kind
 * is null and an issue.
 * @param consumed receives the objects that the record holds. The other vouchers are not among them:
 *   they stay in `unmapped` as sent
 */
export function parseObjects(
  { data, toBodyPath }: Payload,
  { isReward, currency, checkedAt }: ParseContext,
  consumed: ConsumedObjects,
): ParsedObjects {
  const fieldIssues = findNonObjects(data, toBodyPath);

  const parse = <Source>(found: FoundObject | null, parser: LenientParser<Source>) => {
    const parsed = found && parser(found.object, toBodyPath(found.path));
    if (parsed === null) return null;
    if (parsed.fieldIssues.length > 0) fieldIssues.push(...parsed.fieldIssues);
    return parsed.object;
  };
  const consume = ({ path }: FoundObject, keys: ConsumedKeys): void => {
    markConsumed(consumed, data, path, keys);
  };
  const convert = <Source, Target>(
    found: FoundObject | null,
    parser: LenientParser<Source>,
    map: FieldMap<Source, Target>,
  ): Target | null => {
    const source = parse(found, parser);
    if (found === null || source === null) return null;
    consume(found, map.consumes);
    return map.convert(source);
  };
  const distribution = convert(findAt(data, 'distribution'), parseDistribution, DISTRIBUTION);
  const campaign = convert(findAt(data, 'campaign'), parseCampaign, CAMPAIGN);
  const foundCustomer = findCustomer(data);
  const customer = convert(foundCustomer, parseCustomer, CUSTOMER);
  const publication = convert(findAt(data, 'publication'), parsePublication, PUBLICATION);

  const foundTier = findAt(data, 'promotion_tier');
  const tier = parse(foundTier, parsePromotionTier);
  const convertedTier = tier && convertPromotionTier(tier, currency);
  const tierPath = toBodyPath(['promotion_tier']);
  if (foundTier && convertedTier) consume(foundTier, convertedTier.consumes);
  const tierIssues = (convertedTier?.valueIssues ?? []).map(
    ({ path, message, fatal }): ParsedValueIssue => ({
      path: [...tierPath, ...path],
      message,
      fatalFor: fatal ? 'promotion' : null,
    }),
  );

  const foundVouchers = findVouchers(data, isReward);
  const vouchers = parseVouchers({
    found: foundVouchers,
    publication,
    publicationPath: toBodyPath(['publication']),
    earlierIssues: fieldIssues,
    currency,
    checkedAt,
    toBodyPath,
  });
  if (foundVouchers.main && vouchers.consumes) consume(foundVouchers.main, vouchers.consumes);

  return {
    objects: {
      distribution,
      campaign,
      voucher: vouchers.voucher,
      otherVouchers: vouchers.otherVouchers,
      promotionTier: convertedTier && convertedTier.promotionTier,
      customer,
      publication,
      loyalty: null,
    },
    fieldIssues: [...fieldIssues, ...vouchers.fieldIssues],
    valueIssues: [...tierIssues, ...vouchers.valueIssues],
    useIssues: vouchers.useIssues,
    isReward,
    voucherPath: toBodyPath(foundVouchers.main?.path ?? ['voucher']),
    customerPath: toBodyPath(foundCustomer?.path ?? ['customer']),
    tierPath,
  };
}

function findNonObjects(data: JsonObject, toBodyPath: (path: Path) => Path): FieldIssue[] {
  return OBJECT_KEYS.filter((key) => {
    const value = data[key];
    return value !== undefined && value !== null && !isJsonObject(value);
  }).map((key) => ({ path: toBodyPath([key]), message: EXPECTED_OBJECT, coerced: false }));
}

function findAt(data: JsonObject, key: string): FoundObject | null {
  const object = data[key];
  return isJsonObject(object) ? { path: [key], object } : null;
}
