import { describe, expect, it } from 'vitest';
import {
  codeData,
  customer,
  fromDistribution,
  fromProject,
  type Json,
  promotionData,
  publication,
  voucher,
} from '../support/payloads.ts';
import { requireIssues, getPaths, requireRecord } from './to-record-result.ts';

const nobody = { object: 'customer', name: 'Someone' };

describe('whoever gets a code must be named', () => {
  it.each([
    ['id', 'cust_1'],
    ['source_id', 'crm-1'],
    ['email', 'someone@shop.example'],
    ['phone', '+46 70 000 00 00'],
  ])('by %s', (key, value) => {
    const person = { ...nobody, [key]: value };
    const body = codeData({ customer: person, publication: null });
    expect(requireRecord(body).data.purpose).toBe('code');
  });

  it.each<[string, Json]>([
    ['nobody', nobody],
    ['an empty id', { ...nobody, id: '' }],
    ['an id that is a number', { ...nobody, id: 12 }],
    ['an id beyond all length', { ...nobody, id: 'x'.repeat(513) }],
  ])('not: %s', (_, person) => {
    const body = codeData({ customer: person, publication: null });
    expect(getPaths(requireIssues(body))).toEqual(['customer']);
    expect(getPaths(requireIssues(promotionData({ customer: person })))).toEqual(['customer']);
    const message = fromDistribution('customer.order.paid', { customer: person, order: {} });
    expect(getPaths(requireIssues(message))).toEqual(['data.customer']);
  });

  it('but a project event, which is sent to nobody, need not name anyone', () => {
    const { data } = requireRecord(fromProject('customer.created', { customer: nobody }));
    expect(data.purpose).toBe('activity');
  });

  it('in the publication, when not beside it', () => {
    const person = customer({ id: 'cust_2' });
    const body = codeData({ customer: null, publication: publication({ customer: person }) });
    expect(requireRecord(body)).toMatchObject({
      subject: 'cust_2',
      data: { customer: { id: 'cust_2' }, unmapped: { customer: null } },
    });
  });
});

describe('a code must be a text', () => {
  it.each<[string, unknown]>([
    ['missing', null],
    ['empty', ''],
    ['a number, which is never made a text', 1234],
    ['a list', ['A']],
    ['longer than any code', 'A'.repeat(513)],
  ])('not: %s', (_, code) => {
    const bare = codeData({ voucher: voucher({ code }) });
    expect(getPaths(requireIssues(bare))).toEqual(['voucher.code']);
    const enveloped = fromDistribution('manual_distribution_schedule', bare);
    expect(getPaths(requireIssues(enveloped))).toEqual(['data.voucher.code']);
  });

  it('and must be there when there is a publication', () => {
    expect(getPaths(requireIssues(codeData({ voucher: null })))).toEqual(['voucher.code']);
  });

  it('but is only warned about where nothing is sent', () => {
    const { data } = requireRecord(
      fromProject('voucher.updated', { voucher: voucher({ code: 7 }) }),
    );
    expect(data.voucher?.code).toBeNull();
    expect(getPaths(data.warnings)).toEqual(['data.voucher.code']);
    expect(data.unmapped).toMatchObject({ data: { voucher: { code: 7 } } });
  });
});

describe('issues', () => {
  it('list everything that is wrong, once, and never hold a value', () => {
    const body = codeData({
      customer: nobody,
      publication: null,
      voucher: voucher({ code: 99_887, discount: { type: 'PERCENT', percent_off: 'secret-word' } }),
    });
    const issues = requireIssues(body);
    expect(getPaths(issues).toSorted()).toEqual([
      'customer',
      'voucher.code',
      'voucher.discount.percent_off',
    ]);
    expect(JSON.stringify(issues)).not.toMatch(/99887|secret-word|Someone/);
  });

  it('tell what an envelope lacks', () => {
    const body = fromDistribution('x', {}, { source: { object: 'queue' }, event: { id: 'e' } });
    expect(getPaths(requireIssues(body))).toEqual(['source.object', 'event.type']);
  });
});
