import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { findMapping, type Mapping, type UnknownMapping } from '../../lib/normalise/mapping.ts';
import { EVENTS } from '../../lib/voucherify/event-catalogue.ts';
import {
  codeData,
  dataCarrying,
  fromDistribution,
  fromProject,
  legacy,
  promotionData,
  voucher,
} from '../support/payloads.ts';
import {
  BODY_HASH,
  requireIssues,
  getPaths,
  runToRecord,
  requireRecord,
} from './to-record-result.ts';

const letter: Mapping = {
  name: 'letter',
  schema: v.pipe(
    v.object({ to: v.pipe(v.string(), v.email()), text: v.string() }),
    v.transform(({ to }) => ({ customer: { email: to } })),
  ),
};

const renamed: Mapping = {
  name: 'renamed',
  schema: v.pipe(
    v.object({ who: v.string(), coupon: v.string(), off: v.optional(v.number()) }),
    v.transform(({ who, coupon, off }) => ({
      customer: { source_id: who },
      voucher: {
        code: coupon,
        ...(off === undefined ? {} : { discount: { type: 'AMOUNT', amount_off: off } }),
      },
    })),
  ),
};

const broken: Mapping = {
  name: 'broken',
  schema: v.pipe(
    v.unknown(),
    v.transform((): { customer: null } => {
      throw new TypeError('SECRET');
    }),
  ),
};

describe("a merchant's own shape", () => {
  it('without a code is a message', () => {
    const body = { to: 'eli@shop.example', text: 'Hello' };
    const record = requireRecord(body, { mapping: letter });
    expect(record).toMatchObject({
      id: `sha_${BODY_HASH}`,
      type: 'voucherify.unknown',
      data: { purpose: 'message', customer: { email: 'eli@shop.example' }, unmapped: body },
    });
  });

  it('with a code is a code, and requires nothing else of the voucher', () => {
    const body = { who: 'crm-1', coupon: 'PLAIN-1', extra: { deep: [1] } };
    const { data } = requireRecord(body, { mapping: renamed });
    expect(data).toMatchObject({ purpose: 'code', voucher: { code: 'PLAIN-1', value: null } });
    expect(data.unmapped).toEqual(body);
    expect(getPaths(data.warnings)).toEqual(['mapping renamed.voucher.type']);
  });

  it.each([
    ['a distribution', codeData()],
    ['a publication', codeData({ distribution: null })],
  ])('implies no event, even where the mapping returns %s', (_, returned) => {
    const schema = v.pipe(
      v.unknown(),
      v.transform((): object => returned),
    );
    const body = { own: 'shape' };
    expect(requireRecord(body, { mapping: { name: 'own', schema } }).type).toBe(
      'voucherify.unknown',
    );
    expect(requireRecord(returned).type).not.toBe('voucherify.unknown');
  });

  it('stays whole in unmapped, even where the mapping returns the objects of the body', () => {
    const unchanged: Mapping = { name: 'unchanged', schema: v.custom<object>(() => true) };
    const body = { ...codeData(), extra: 1 };
    const { data } = requireRecord(body, { mapping: unchanged });
    expect(data.voucher?.code).toBe(voucher()['code']);
    expect(data.unmapped).toEqual(body);
  });

  it('in an envelope is in its data, and the envelope is read as usual', () => {
    const body = fromDistribution('customer.order.paid', { who: 'a', coupon: 'B', off: 300 });
    const record = requireRecord(body, { mapping: renamed });
    expect(record).toMatchObject({
      id: 'whs_5d0c8812ef',
      type: 'voucherify.customer.order.paid',
      subject: 'a',
      data: {
        purpose: 'code',
        voucher: { value: { form: 'amount', amountOff: 300 } },
        unmapped: { data: { who: 'a', coupon: 'B', off: 300 } },
      },
    });
  });

  it("that is bare is never read without its mapping, even where it looks like Voucherify's own", () => {
    expect(getPaths(requireIssues(codeData(), { mapping: letter }))).toEqual(['to', 'text']);
  });

  it('that the mapping rejects gives issues with its own paths and no values', () => {
    const body = fromDistribution('customer.order.paid', { to: 'SECRET', text: 5 });
    const issues = requireIssues(body, { mapping: letter });
    expect(getPaths(issues)).toEqual(['data.to', 'data.text']);
    expect(JSON.stringify(issues)).not.toContain('SECRET');
    expect(getPaths(requireIssues({ text: 'x' }, { mapping: letter }))).toEqual(['to']);
  });

  it("whose mapping throws gives an issue without the error's message", () => {
    expect(requireIssues({ a: 1 }, { mapping: broken })).toEqual([
      { path: '', message: 'The mapping broken failed (TypeError)' },
    ]);
  });

  it('is validated as usual: a code of uncertain value is rejected', () => {
    const body = { who: 'crm-1', coupon: 'PLAIN-1', off: -5 };
    expect(getPaths(requireIssues(body, { mapping: renamed }))).toEqual([
      'mapping renamed.voucher.discount.amount_off',
    ]);
    const nobody = { who: '', coupon: 'PLAIN-1', off: 5 };
    expect(getPaths(requireIssues(nobody, { mapping: renamed }))).toEqual([
      'mapping renamed.customer',
    ]);
  });

  it('for whose URL there is no mapping is rejected, under its own id', () => {
    const mapping = findMapping(new Map([['letter', letter]]), 'lettr');
    const body = fromDistribution('customer.order.paid', { to: 'eli@shop.example', text: '' });
    expect(runToRecord(body, { mapping })).toEqual({
      ok: false,
      id: 'whs_5d0c8812ef',
      format: 'distribution',
      event: 'customer.order.paid',
      issues: [
        {
          path: '',
          message: 'No mapping of this name in functions/mappings.ts; known are: letter',
        },
      ],
    });
  });

  it('without a mapping is rejected', () => {
    expect(runToRecord({ to: 'a', text: 'b' })).toMatchObject({ ok: false, format: 'designer' });
  });
});

describe("Voucherify's own data at the URL of a mapping", () => {
  const wrongUrls: [string, Mapping | UnknownMapping][] = [
    ['that rejects it', letter],
    ['that fails', broken],
    ['that accepts everything', { name: 'any', schema: v.custom<object>(() => true) }],
    ['that does not exist', findMapping(new Map(), 'lettr') ?? letter],
  ];
  const projectBodies = [...EVENTS.values()]
    .map(({ event, fields }) => fromProject(event, dataCarrying(fields)))
    .concat(legacy());

  it.each(wrongUrls)('%s is read plainly from the project', (_, mapping) => {
    for (const body of projectBodies) {
      expect(runToRecord(body, { mapping })).toEqual(runToRecord(body));
    }
  });

  it.each([
    ['codes', fromDistribution('manual_distribution_schedule', codeData())],
    ['promotions', fromDistribution('manual_distribution_schedule', promotionData())],
    ['orders', fromDistribution('customer.order.paid', dataCarrying(['customer', 'order']))],
  ])('is read plainly from a distribution of %s if the mapping rejects it', (_, body) => {
    const plain = requireRecord(body);
    const record = requireRecord(body, { mapping: letter });
    const [warning, ...others] = record.data.warnings;
    expect(warning).toEqual({
      path: 'data',
      message: "The mapping letter rejects Voucherify's own data; it was read without the mapping",
    });
    expect({ ...record, data: { ...record.data, warnings: others } }).toEqual(plain);
  });

  it('is not read plainly from a distribution if the mapping itself fails', () => {
    const body = fromDistribution('manual_distribution_schedule', codeData());
    expect(requireIssues(body, { mapping: broken })).toEqual([
      { path: 'data', message: 'The mapping broken failed (TypeError)' },
    ]);
  });

  it('is mapped if the mapping accepts it', () => {
    const mapping: Mapping = {
      name: 'loud',
      schema: v.pipe(
        v.object({ voucher: v.object({ code: v.string() }) }),
        v.transform(() => ({ customer: { source_id: 'crm-1' }, voucher: { code: 'OTHER-1' } })),
      ),
    };
    const body = fromDistribution('manual_distribution_schedule', codeData());
    expect(requireRecord(body, { mapping }).data.voucher?.code).toBe('OTHER-1');
  });
});
