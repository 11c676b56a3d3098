import * as v from 'valibot';
import { VoucherifyDiscountSchema } from './discount.ts';
import {
  createObjectField,
  EXPECTED_OBJECT,
  BooleanField,
  MetadataField,
  NumberField,
  IdField,
  NameField,
  StringField,
  TimeField,
} from './fields.ts';
import { validityFields } from './validity.ts';

/** A tier of a promotion. In a distribution it has no value, `action.discount` (vendor facts, section 4). */
export const VoucherifyPromotionTierSchema = v.object(
  {
    id: IdField,
    name: NameField,
    banner: StringField,
    campaign: createObjectField(v.object({ id: IdField }, EXPECTED_OBJECT)),
    campaign_id: IdField,
    action: createObjectField(
      v.object({ discount: createObjectField(VoucherifyDiscountSchema) }, EXPECTED_OBJECT),
    ),
    active: BooleanField,
    hierarchy: NumberField,
    ...validityFields,
    category: StringField,
    category_id: IdField,
    metadata: MetadataField,
    created_at: TimeField,
    updated_at: TimeField,
  },
  EXPECTED_OBJECT,
);
export type VoucherifyPromotionTier = v.InferInput<typeof VoucherifyPromotionTierSchema>;
