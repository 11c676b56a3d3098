import { CampaignSchema } from '../voucherify/campaign.ts';
import { CustomerSchema } from '../voucherify/customer.ts';
import { DistributionSchema } from '../voucherify/distribution.ts';
import { EXPECTED_OBJECT } from '../voucherify/fields.ts';
import { isJsonObject, type JsonObject } from '../voucherify/json.ts';
import { PromotionTierSchema } from '../voucherify/promotion-tier.ts';
import { PublicationSchema } from '../voucherify/publication.ts';
import { VoucherSchema } from '../voucherify/voucher.ts';
import { CAMPAIGN_PLACES, toCampaign } from './campaign.ts';
import { CUSTOMER_PLACES, toCustomer } from './customer.ts';
import { DISTRIBUTION_PLACES, toDistribution } from './distribution.ts';
import { type Doubt, doubtsOfDiscount } from './discount.ts';
import { type Located, locateCustomer, locateVouchers } from './find-objects.ts';
import { type Judge, judgeBy, type Oddity } from './lenient-parse.ts';
import type { Path } from './path.ts';
import { enter, type Places, type Taken } from './field-map.ts';
import { placesOfPromotionTier, toPromotionTier } from './promotion-tier.ts';
import { PUBLICATION_PLACES, toPublication } from './publication.ts';
import type { Publication, RecordData, Voucher } from '../record/record.ts';
import { placesOfVoucher, toVoucher } from './voucher.ts';
import { worthOf } from './voucher-value.ts';

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
export interface DataSource {
  readonly data: JsonObject;
  /** Turns a path of the data into one of the body. */
  readonly inBody: (at: Path) => Path;
  readonly isReward: boolean;
  readonly currency: string | null;
  /** RFC 3339, the time at which a voucher's use is judged. */
  readonly at: string;
}

/** What was found in the data; every path starts at the body's root. */
export interface ObjectsReading {
  readonly objects: RecordObjects;
  readonly oddities: readonly Oddity[];
  readonly doubts: readonly Doubt[];
  /** A reward's voucher belongs to another campaign than the webhook tells of. */
  readonly isReward: boolean;
  readonly voucherAt: Path;
  readonly customerAt: Path;
  readonly tierAt: Path;
}

const judgeDistribution = judgeBy(DistributionSchema);
const judgeCampaign = judgeBy(CampaignSchema);
const judgeVoucher = judgeBy(VoucherSchema);
const judgePublication = judgeBy(PublicationSchema);
const judgeTier = judgeBy(PromotionTierSchema);
const judgeCustomer = judgeBy(CustomerSchema);

const OBJECT_KEYS = 'distribution campaign voucher publication promotion_tier customer'.split(' ');

/**
 * Reads the six kinds of object out of a webhook's data, wherever they stand in it.
 * @param taken into which the objects that it reads are entered; not so the other vouchers, which stay
 * in `rest` as they were sent
 */
export function readObjects(source: DataSource, taken: Taken): ObjectsReading {
  const { data, inBody, currency, at } = source;
  const oddities: Oddity[] = [];
  const doubts: Doubt[] = [];

  function take<Shape>(
    located: Located | null,
    judge: Judge<Shape>,
    placed: Places | ((object: Shape) => Places) | null,
  ): Shape | null {
    if (located === null) return null;
    const path = inBody(located.at);
    const judged = judge(located.object, path);
    if (judged === null) return null;
    if (judged.oddities.length > 0) oddities.push(...judged.oddities);
    if (placed !== null) {
      const places = typeof placed === 'function' ? placed(judged.object) : placed;
      enter(taken, data, located.at, places);
    }
    return judged.object;
  }

  function readVoucher(located: Located, publication: Publication | null): Voucher | null {
    const isMain = located === main;
    const voucher = take(located, judgeVoucher, null);
    if (voucher === null) return null;
    const worth = worthOf(voucher, currency);
    const path = inBody(located.at);
    if (isMain) enter(taken, data, located.at, placesOfVoucher(voucher, worth));
    for (const doubt of worth.doubts) {
      doubts.push({ ...doubt, path: [...path, ...doubt.path], grave: doubt.grave && isMain });
    }
    return toVoucher(voucher, worth, publication, at);
  }

  for (const key of OBJECT_KEYS) {
    const value = data[key];
    if (value !== undefined && value !== null && !isJsonObject(value)) {
      oddities.push({ path: inBody([key]), message: EXPECTED_OBJECT, mended: false });
    }
  }

  const { main, others } = locateVouchers(data, source.isReward);
  const person = locateCustomer(data);
  const distribution = take(standing(data, 'distribution'), judgeDistribution, DISTRIBUTION_PLACES);
  const campaign = take(standing(data, 'campaign'), judgeCampaign, CAMPAIGN_PLACES);
  const customer = take(person, judgeCustomer, CUSTOMER_PLACES);
  const published = take(standing(data, 'publication'), judgePublication, PUBLICATION_PLACES);
  const publication = published && toPublication(published);
  const tier = take(standing(data, 'promotion_tier'), judgeTier, placesOfPromotionTier);
  const tierAt = inBody(['promotion_tier']);
  const discount = tier?.action?.discount;
  if (discount) doubts.push(...doubtsOfDiscount(discount, [...tierAt, 'action', 'discount']));

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
    oddities,
    doubts,
    isReward: source.isReward,
    voucherAt: inBody(main?.at ?? ['voucher']),
    customerAt: inBody(person?.at ?? ['customer']),
    tierAt,
  };
}

function standing(data: JsonObject, key: string): Located | null {
  const object = data[key];
  return isJsonObject(object) ? { at: [key], object } : null;
}
