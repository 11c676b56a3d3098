import { CampaignSchema } from '../../../lib/voucherify/campaign.ts';
import { CustomerSchema } from '../../../lib/voucherify/customer.ts';
import { DistributionSchema } from '../../../lib/voucherify/distribution.ts';
import { EnvelopeSchema } from '../../../lib/voucherify/envelope.ts';
import { PromotionTierSchema } from '../../../lib/voucherify/promotion-tier.ts';
import { PublicationSchema } from '../../../lib/voucherify/publication.ts';
import { VoucherSchema } from '../../../lib/voucherify/voucher.ts';

/** The schemas that a webhook of today is judged by. */
export const schemas = {
  campaign: CampaignSchema,
  customer: CustomerSchema,
  distribution: DistributionSchema,
  envelope: EnvelopeSchema,
  promotionTier: PromotionTierSchema,
  publication: PublicationSchema,
  voucher: VoucherSchema,
};
