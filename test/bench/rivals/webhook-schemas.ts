import { VoucherifyCampaignSchema } from '../../../lib/voucherify/campaign.ts';
import { VoucherifyCustomerSchema } from '../../../lib/voucherify/customer.ts';
import { VoucherifyDistributionSchema } from '../../../lib/voucherify/distribution.ts';
import { VoucherifyEnvelopeSchema } from '../../../lib/voucherify/envelope.ts';
import { VoucherifyPromotionTierSchema } from '../../../lib/voucherify/promotion-tier.ts';
import { VoucherifyPublicationSchema } from '../../../lib/voucherify/publication.ts';
import { VoucherifyVoucherSchema } from '../../../lib/voucherify/voucher.ts';

/** The schemas that a webhook is validated with. */
export const webhookSchemas = {
  campaign: VoucherifyCampaignSchema,
  customer: VoucherifyCustomerSchema,
  distribution: VoucherifyDistributionSchema,
  envelope: VoucherifyEnvelopeSchema,
  promotionTier: VoucherifyPromotionTierSchema,
  publication: VoucherifyPublicationSchema,
  voucher: VoucherifyVoucherSchema,
};
