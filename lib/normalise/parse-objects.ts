import { VoucherifyCampaignSchema } from '../voucherify/campaign.ts';
import { VoucherifyCustomerSchema } from '../voucherify/customer.ts';
import { VoucherifyDistributionSchema } from '../voucherify/distribution.ts';
import { EXPECTED_OBJECT } from '../voucherify/fields.ts';
import { isJsonObject, type JsonObject } from '../voucherify/json.ts';
import { VoucherifyPromotionTierSchema } from '../voucherify/promotion-tier.ts';
import { VoucherifyPublicationSchema } from '../voucherify/publication.ts';
import { VoucherifyVoucherSchema } from '../voucherify/voucher.ts';
import { CAMPAIGN_FIELDS, toCampaign } from './campaign.ts';
import { CUSTOMER_FIELDS, toCustomer } from './customer.ts';
import { DISTRIBUTION_FIELDS, toDistribution } from './distribution.ts';
import { type ValueIssue, checkDiscount } from './discount.ts';
import { type FoundObject, findCustomer, findVouchers } from './find-objects.ts';
import { type LenientParser, createLenientParser, type FieldIssue } from './lenient-parse.ts';
import type { Path } from './path.ts';
import { markConsumed, type FieldMap, type ConsumedFields } from './field-map.ts';
import { getPromotionTierFields, toPromotionTier } from './promotion-tier.ts';
import { PUBLICATION_FIELDS, toPublication } from './publication.ts';
import type { Publication, RecordData, Voucher } from '../record/record.ts';
import { getVoucherFields, toVoucher } from './voucher.ts';
import { parseVoucherValue } from './voucher-value.ts';

/** The objects that a webhook's data can hold, for the record. */
export type RecordObjects = Pick<
  RecordData,
  | 'distribution'
  | 'campaign'
  | 'voucher'
  | 'otherVouchers'
  | 'promotionTier'
  | 'customer'
  | 'publication'
>;

/** Where the data is and how to read it. */
export interface ParseContext {
  readonly data: JsonObject;
  /** Turns a path of the data into one of the body. */
  readonly toBodyPath: (path: Path) => Path;
  readonly isReward: boolean;
  readonly currency: string | null;
  /** RFC 3339, the time at which a voucher's use is judged. */
  readonly receivedAt: string;
}

/** What was found in the data; every path starts at the body's root. */
export interface ParsedObjects {
  readonly objects: RecordObjects;
  readonly fieldIssues: readonly FieldIssue[];
  readonly valueIssues: readonly ValueIssue[];
  /** A reward's voucher belongs to another campaign than the webhook tells of. */
  readonly isReward: boolean;
  readonly voucherPath: Path;
  readonly customerPath: Path;
  readonly tierPath: Path;
}

const parseDistribution = createLenientParser(VoucherifyDistributionSchema);
const parseCampaign = createLenientParser(VoucherifyCampaignSchema);
const parseVoucher = createLenientParser(VoucherifyVoucherSchema);
const parsePublication = createLenientParser(VoucherifyPublicationSchema);
const parsePromotionTier = createLenientParser(VoucherifyPromotionTierSchema);
const parseCustomer = createLenientParser(VoucherifyCustomerSchema);

const OBJECT_KEYS = 'distribution campaign voucher publication promotion_tier customer'.split(' ');

/**
 * Reads the six kinds of object out of a webhook's data, wherever they stand in it.
 * @param consumed into which the objects that it reads are entered; not so the other vouchers, which stay
 * in `rest` as they were sent
 */
export function parseObjects(source: ParseContext, consumed: ConsumedFields): ParsedObjects {
  const { data, toBodyPath, currency, receivedAt } = source;
  const fieldIssues: FieldIssue[] = [];
  const valueIssues: ValueIssue[] = [];

  function parseAndConsume<Shape>(
    found: FoundObject | null,
    parse: LenientParser<Shape>,
    fieldMap: FieldMap | ((object: Shape) => FieldMap) | null,
  ): Shape | null {
    if (found === null) return null;
    const path = toBodyPath(found.path);
    const parsed = parse(found.object, path);
    if (parsed === null) return null;
    if (parsed.fieldIssues.length > 0) fieldIssues.push(...parsed.fieldIssues);
    if (fieldMap !== null) {
      const fields = typeof fieldMap === 'function' ? fieldMap(parsed.object) : fieldMap;
      markConsumed(consumed, data, found.path, fields);
    }
    return parsed.object;
  }

  function readVoucher(found: FoundObject, publication: Publication | null): Voucher | null {
    const isMain = found === main;
    const voucher = parseAndConsume(found, parseVoucher, null);
    if (voucher === null) return null;
    const parsedValue = parseVoucherValue(voucher, currency);
    const path = toBodyPath(found.path);
    if (isMain) markConsumed(consumed, data, found.path, getVoucherFields(voucher, parsedValue));
    for (const valueIssue of parsedValue.valueIssues) {
      valueIssues.push({
        ...valueIssue,
        path: [...path, ...valueIssue.path],
        fatal: valueIssue.fatal && isMain,
      });
    }
    return toVoucher(voucher, parsedValue, publication, receivedAt);
  }

  for (const key of OBJECT_KEYS) {
    const value = data[key];
    if (value !== undefined && value !== null && !isJsonObject(value)) {
      fieldIssues.push({ path: toBodyPath([key]), message: EXPECTED_OBJECT, coerced: false });
    }
  }

  const { main, others } = findVouchers(data, source.isReward);
  const foundCustomer = findCustomer(data);
  const distribution = parseAndConsume(
    getObjectAtKey(data, 'distribution'),
    parseDistribution,
    DISTRIBUTION_FIELDS,
  );
  const campaign = parseAndConsume(
    getObjectAtKey(data, 'campaign'),
    parseCampaign,
    CAMPAIGN_FIELDS,
  );
  const customer = parseAndConsume(foundCustomer, parseCustomer, CUSTOMER_FIELDS);
  const parsedPublication = parseAndConsume(
    getObjectAtKey(data, 'publication'),
    parsePublication,
    PUBLICATION_FIELDS,
  );
  const publication = parsedPublication && toPublication(parsedPublication);
  const tier = parseAndConsume(
    getObjectAtKey(data, 'promotion_tier'),
    parsePromotionTier,
    getPromotionTierFields,
  );
  const tierPath = toBodyPath(['promotion_tier']);
  const discount = tier?.action?.discount;
  if (discount) valueIssues.push(...checkDiscount(discount, [...tierPath, 'action', 'discount']));

  return {
    objects: {
      distribution: distribution && toDistribution(distribution),
      campaign: campaign && toCampaign(campaign),
      voucher: main && readVoucher(main, publication),
      otherVouchers: others.flatMap((other) => readVoucher(other, null) ?? []),
      promotionTier: tier && toPromotionTier(tier, currency),
      customer: customer && toCustomer(customer),
      publication,
    },
    fieldIssues,
    valueIssues,
    isReward: source.isReward,
    voucherPath: toBodyPath(main?.path ?? ['voucher']),
    customerPath: toBodyPath(foundCustomer?.path ?? ['customer']),
    tierPath,
  };
}

function getObjectAtKey(data: JsonObject, key: string): FoundObject | null {
  const object = data[key];
  return isJsonObject(object) ? { path: [key], object } : null;
}
