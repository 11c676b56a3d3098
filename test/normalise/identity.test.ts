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

describe('the customer of a code', () => {
  it.each([
    ['id', 'cust_1'],
    ['source_id', 'crm-1'],
    ['email', 'someone@shop.example'],
    ['phone', '+46 70 000 00 00'],
  ])('is identified by %s', (key, value) => {
    const person = { ...nobody, [key]: value };
    const body = codeData({ customer: person, publication: null });
    expect(requireRecord(body).data.purpose).toBe('code');
  });

  it.each<[string, Json]>([
    ['no id, email or phone', nobody],
    ['an empty id', { ...nobody, id: '' }],
    ['an id that is no whole number', { ...nobody, id: 12.5 }],
    ['an email that is a number', { ...nobody, email: 12 }],
    ['an id that is too long', { ...nobody, id: 'x'.repeat(513) }],
  ])('is not identified by %s', (_, person) => {
    const body = codeData({ customer: person, publication: null });
    expect(getPaths(requireIssues(body))).toEqual(['customer']);
    expect(getPaths(requireIssues(promotionData({ customer: person })))).toEqual(['customer']);
    const message = fromDistribution('customer.order.paid', { customer: person, order: {} });
    expect(getPaths(requireIssues(message))).toEqual(['data.customer']);
  });

  it('is not required in a project event, which is not sent to a customer', () => {
    const { data } = requireRecord(fromProject('customer.created', { customer: nobody }));
    expect(data.purpose).toBe('activity');
  });

  it('can be in the publication', () => {
    const person = customer({ id: 'cust_2' });
    const body = codeData({ customer: null, publication: publication({ customer: person }) });
    expect(requireRecord(body)).toMatchObject({
      subject: 'cust_2',
      data: { customer: { id: 'cust_2' }, unmapped: { customer: null } },
    });
  });
});

describe('a code', () => {
  it.each<[string, unknown]>([
    ['missing', null],
    ['empty', ''],
    ['a number, which is never converted', 1234],
    ['a list', ['A']],
    ['too long', 'A'.repeat(513)],
  ])('is rejected when it is %s', (_, code) => {
    const bare = codeData({ voucher: voucher({ code }) });
    expect(getPaths(requireIssues(bare))).toEqual(['voucher.code']);
    const enveloped = fromDistribution('manual_distribution_schedule', bare);
    expect(getPaths(requireIssues(enveloped))).toEqual(['data.voucher.code']);
  });

  it('is required when there is a publication', () => {
    expect(getPaths(requireIssues(codeData({ voucher: null })))).toEqual(['voucher.code']);
  });

  it('gives only a warning where nothing is sent', () => {
    const { data } = requireRecord(
      fromProject('voucher.updated', { voucher: voucher({ code: 7 }) }),
    );
    expect(data.voucher?.code).toBeNull();
    expect(getPaths(data.warnings)).toEqual(['data.voucher.code']);
    expect(data.unmapped).toMatchObject({ data: { voucher: { code: 7 } } });
  });
});

describe('issues', () => {
  it('list every fault once and never hold a value', () => {
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

  it('say what an envelope lacks', () => {
    const body = fromDistribution('x', {}, { source: { object: '' }, event: { id: 'e' } });
    expect(getPaths(requireIssues(body))).toEqual(['source.object', 'event.type']);
  });
});
