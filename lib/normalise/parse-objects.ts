import type { RecordData, Voucher } from '../record/record.ts';
import { VoucherifyCampaignSchema } from '../voucherify/campaign.ts';
import { VoucherifyCustomerSchema } from '../voucherify/customer.ts';
import { VoucherifyDistributionSchema } from '../voucherify/distribution.ts';
import { EXPECTED_OBJECT } from '../voucherify/fields.ts';
import { isJsonObject, type JsonObject, type Path } from '../voucherify/json.ts';
import { VoucherifyPromotionTierSchema } from '../voucherify/promotion-tier.ts';
import { VoucherifyPublicationSchema } from '../voucherify/publication.ts';
import { VoucherifyVoucherSchema } from '../voucherify/voucher.ts';
import { CAMPAIGN } from './campaign.ts';
import { CUSTOMER } from './customer.ts';
import type { ValueIssue } from './discount.ts';
import { DISTRIBUTION } from './distribution.ts';
import { findCustomer, findVouchers, type FoundObject } from './find-objects.ts';
import { createLenientParser, type FieldIssue, type LenientParser } from './lenient-parse.ts';
import type { ConsumedKeys, FieldMap } from './field-map.ts';
import type { Payload } from './payload.ts';
import { convertPromotionTier } from './promotion-tier.ts';
import { PUBLICATION } from './publication.ts';
import { type ConsumedObjects, markConsumed } from './unmapped-fields.ts';
import { hidesUse } from './use-fields.ts';
import { convertVoucher } from './voucher.ts';

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
  readonly receivedAt: string;
}

/** The objects of a payload, what is wrong with them, and their paths from the root of the body. */
export interface ParsedObjects {
  readonly objects: RecordObjects;
  readonly fieldIssues: readonly FieldIssue[];
  readonly valueIssues: readonly ValueIssue[];
  readonly isReward: boolean;
  readonly voucherPath: Path;
  /** The other paths of the same voucher. */
  readonly copyPaths: readonly Path[];
  readonly customerPath: Path;
  readonly tierPath: Path;
  readonly publicationPath: Path;
}

const parseDistribution = createLenientParser(VoucherifyDistributionSchema);
const parseCampaign = createLenientParser(VoucherifyCampaignSchema);
const parseVoucher = createLenientParser(VoucherifyVoucherSchema);
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
  { isReward, currency, receivedAt }: ParseContext,
  consumed: ConsumedObjects,
): ParsedObjects {
  const fieldIssues = findNonObjects(data, toBodyPath);
  const valueIssues: ValueIssue[] = [];

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
  const addValueIssues = (path: Path, issues: readonly ValueIssue[], isMain: boolean): void => {
    for (const issue of issues) {
      valueIssues.push({
        path: [...path, ...issue.path],
        message: issue.message,
        fatal: issue.fatal && isMain,
      });
    }
  };

  const distribution = convert(findAt(data, 'distribution'), parseDistribution, DISTRIBUTION);
  const campaign = convert(findAt(data, 'campaign'), parseCampaign, CAMPAIGN);
  const foundCustomer = findCustomer(data);
  const customer = convert(foundCustomer, parseCustomer, CUSTOMER);
  const publication = convert(findAt(data, 'publication'), parsePublication, PUBLICATION);

  const publicationPath = toBodyPath(['publication']);

  const foundTier = findAt(data, 'promotion_tier');
  const tier = parse(foundTier, parsePromotionTier);
  const convertedTier = tier && convertPromotionTier(tier, currency);
  const tierPath = toBodyPath(['promotion_tier']);
  if (foundTier && convertedTier) {
    consume(foundTier, convertedTier.consumes);
    addValueIssues(tierPath, convertedTier.valueIssues, true);
  }

  const foundVouchers = findVouchers(data, isReward);
  const toVoucher = (found: FoundObject): Voucher | null => {
    const isMain = found === foundVouchers.main;
    const path = toBodyPath(found.path);
    // not the issues of all others again: a webhook can have thousands of vouchers
    const firstIssue = isMain ? 0 : fieldIssues.length;
    const source = parse(found, parseVoucher);
    if (source === null) return null;
    const isUseHidden = fieldIssues
      .slice(firstIssue)
      .some((issue) => hidesUse(issue, path, isMain ? publicationPath : null));
    const converted = convertVoucher(source, {
      currency,
      publication: isMain ? publication : null,
      receivedAt,
      isUseHidden,
    });
    if (isMain) consume(found, converted.consumes);
    addValueIssues(path, converted.valueIssues, isMain);
    return converted.voucher;
  };
  /** A copy that says more than the main voucher, or something else, decides about its use, too. */
  const toCopy = (found: FoundObject): VoucherCopy => {
    const path = toBodyPath(found.path);
    const parsed = parseVoucher(found.object, path);
    if (parsed === null) return { path, voucher: null };
    const hiding = parsed.fieldIssues.filter((issue) => hidesUse(issue, path, null));
    fieldIssues.push(...hiding);
    const context = { currency, publication: null, receivedAt, isUseHidden: hiding.length > 0 };
    return { path, voucher: convertVoucher(parsed.object, context).voucher };
  };
  const mainVoucher = foundVouchers.main && toVoucher(foundVouchers.main);
  const copies = mainVoucher === null ? [] : foundVouchers.copies.map(toCopy);
  const voucher = mainVoucher && combineUse(mainVoucher, copies);
  for (const copy of copies) {
    if (copy.voucher?.code && voucher?.code && copy.voucher.code !== voucher.code) {
      valueIssues.push({ path: [...copy.path, 'code'], message: OTHER_CODE, fatal: true });
    }
  }
  const otherVouchers = foundVouchers.others.flatMap((other) => toVoucher(other) ?? []);

  return {
    objects: {
      distribution,
      campaign,
      voucher,
      otherVouchers,
      promotionTier: convertedTier && convertedTier.promotionTier,
      customer,
      publication,
      loyalty: null,
    },
    fieldIssues,
    valueIssues,
    isReward,
    voucherPath: toBodyPath(foundVouchers.main?.path ?? ['voucher']),
    copyPaths: copies.map(({ path }) => path),
    customerPath: toBodyPath(foundCustomer?.path ?? ['customer']),
    tierPath,
    publicationPath,
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

/** The main voucher at another path, and how it was read there. Null when nothing of it could be. */
interface VoucherCopy {
  readonly path: Path;
  readonly voucher: Voucher | null;
}

const OTHER_CODE = 'Differs from the code of the same voucher at another path';

/** The voucher with every reason that one of its copies has for not being usable. */
function combineUse(voucher: Voucher, copies: readonly VoucherCopy[]): Voucher {
  const reasons = new Set(voucher.unusableReasons);
  for (const copy of copies) copy.voucher?.unusableReasons.forEach((reason) => reasons.add(reason));
  return { ...voucher, usable: reasons.size === 0, unusableReasons: [...reasons] };
}
