import * as v from 'valibot';
import { OPEN_STATES } from '../deliveries/row.ts';
import type { DeliveryFinder, FoundDeliveries } from './find-deliveries.ts';

const ValueSchema = v.pipe(v.string(), v.nonEmpty(), v.maxLength(2_048));

/** The request to look deliveries up: by webhook, by customer, by code, or by destination and state. */
export const LookUpRequestSchema = v.strictObject({
  command: v.literal('deliveries'),
  by: v.variant('key', [
    v.strictObject({ key: v.picklist(['record', 'customer', 'code']), value: ValueSchema }),
    v.strictObject({
      key: v.literal('destination'),
      /** The id of the destination. */
      value: ValueSchema,
      state: v.picklist(OPEN_STATES),
    }),
  ]),
  /** Only older ones than these: what an earlier response had as `before`. For a customer or a code. */
  before: v.exactOptional(v.string()),
  /** How many at most. For a destination. */
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 100),
});
export type LookUpRequest = v.InferOutput<typeof LookUpRequestSchema>;

/**
 * Looks deliveries up. The response holds no value that somebody asked with, and nothing else that is
 * personal. Rejects when the table cannot be read.
 */
export function lookUp(
  finder: DeliveryFinder,
  { by, before, limit }: LookUpRequest,
): Promise<FoundDeliveries> {
  switch (by.key) {
    case 'record':
      return finder.byRecord(by.value);
    case 'customer':
      return finder.byCustomer(by.value, before);
    case 'code':
      return finder.byCode(by.value, before);
    case 'destination':
      return finder.byDestination(by.value, by.state, limit);
  }
}
