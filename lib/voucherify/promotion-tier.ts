import * as v from 'valibot';
import { DiscountSchema } from './discount.ts';
import {
  EXPECTED_OBJECT,
  FlagField,
  FreeField,
  NumberField,
  IdField,
  TextField,
  TimeField,
} from './fields.ts';
import { validityFields } from './validity.ts';

/** A tier of a promotion. Its value, `action.discount`, is missing when a distribution sends it. */
export const PromotionTierSchema = v.object(
  {
    id: IdField,
    name: TextField,
    banner: TextField,
    campaign: v.nullish(v.object({ id: TextField }, EXPECTED_OBJECT)),
    campaign_id: TextField,
    action: v.nullish(v.object({ discount: v.nullish(DiscountSchema) }, EXPECTED_OBJECT)),
    active: FlagField,
    hierarchy: NumberField,
    ...validityFields,
    category: TextField,
    category_id: TextField,
    metadata: FreeField,
    created_at: TimeField,
    updated_at: TimeField,
  },
  EXPECTED_OBJECT,
);
export type PromotionTierObject = v.InferInput<typeof PromotionTierSchema>;
