import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { createLenientParser } from '../../lib/normalise/lenient-parse.ts';
import {
  createListSchema,
  createObjectField,
  EXPECTED_OBJECT,
  IdField,
  NumberField,
} from '../../lib/voucherify/fields.ts';
import { codeData, fromDistribution, voucher } from '../support/payloads.ts';
import { digitalResult, fromWorkflow, transaction } from '../support/workflow-payloads.ts';
import { getPaths, requireRecord } from './to-record-result.ts';

const ItemSchema = v.object({ id: IdField, count: NumberField }, EXPECTED_OBJECT);
const InnerSchema = v.object(
  { items: v.nullish(createListSchema(ItemSchema)), count: NumberField },
  EXPECTED_OBJECT,
);
const parse = createLenientParser(
  v.object({ id: IdField, inner: createObjectField(InnerSchema) }, EXPECTED_OBJECT),
);

/** No object, and nothing that is converted to one. */
const noObject = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.nat(), { maxLength: 2 }),
);
const item = fc.record({ id: fc.constant('v_1'), count: fc.oneof(fc.nat(), fc.constant('much')) });

describe('a list in which items are no objects', () => {
  it('is null, however many they are, and nothing around it is', () => {
    const mixed = fc
      .tuple(fc.array(item), fc.array(noObject, { minLength: 1, maxLength: 20 }))
      .chain(([good, bad]) =>
        fc.shuffledSubarray([...good, ...bad], { minLength: good.length + 1 }),
      );
    fc.assert(
      fc.property(mixed, (items) => {
        const source = { id: 'whs_1', inner: { items, count: 3 } };
        const parsed = parse(source, []);
        const hasBadItem = items.some((each) => !v.is(v.looseObject({ id: v.string() }), each));
        expect(hasBadItem).toBe(true);
        expect(parsed?.object).toEqual({ id: 'whs_1', inner: { items: null, count: 3 } });
        expect(getIssuePaths(parsed).every((path) => path.startsWith('inner.items'))).toBe(true);
      }),
    );
  });

  it.each([1, 2, 3, 4, 5, 12])('leaves the rest of a webhook, when there are %i', (count) => {
    const bad = Array.from({ length: count }, (_, index) => `item ${index}`);
    const hours = fromDistribution(
      'manual_distribution_schedule',
      codeData({ voucher: voucher({ code: 'QUAY-7H2K', validity_hours: { daily: bad } }) }),
    );
    expect(requireRecord(hours).data.voucher).toMatchObject({ code: 'QUAY-7H2K', hours: null });

    const { result } = digitalResult() as { result: { digital: object } };
    const digital = { ...result.digital, discount_coupons: bad };
    const bought = transaction('PURCHASE', { result: { ...result, digital } });
    const { subject, data } = requireRecord(fromWorkflow('PURCHASE', bought));
    expect(subject).toBe('lmbr_q9');
    expect(data.loyalty?.transaction).toMatchObject({ type: 'PURCHASE', status: 'APPROVED' });
    expect(data.loyalty?.results.map(({ code }) => code)).toEqual(['QUAY-GIFT-14']);
    expect(getPaths(data.warnings)).toContain(
      'data.transaction.details.result.digital.discount_coupons',
    );
  });
});

function getIssuePaths(parsed: ReturnType<typeof parse>): string[] {
  return (parsed?.fieldIssues ?? []).map(({ path }) => path.join('.'));
}
