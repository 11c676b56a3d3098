import { describe, expect, it } from 'vitest';
import { detectBodyFormat } from '../../lib/voucherify/body-format.ts';
import {
  campaign,
  codeData,
  customer,
  distribution,
  fromDistribution,
  fromProject,
  legacy,
  promotionData,
  promotionTier,
  publication,
  voucher,
} from '../support/payloads.ts';
import { fromWorkflow } from '../support/workflow-payloads.ts';

const MANUAL = 'manual_distribution_schedule';

describe('detectBodyFormat', () => {
  it.each([
    ['a distribution envelope', fromDistribution(MANUAL, codeData()), 'distribution'],
    [
      'an envelope around a shape of the designer',
      fromDistribution('x', { To: 'a' }),
      'distribution',
    ],
    ['a project envelope with an empty type', fromProject('x', {}, { type: '' }), 'project'],
    ['a project envelope', fromProject('voucher.created', { voucher: voucher() }), 'project'],
    ['an envelope of 2018', legacy(), 'legacy'],
    ['the data of a manual distribution', codeData(), 'data'],
    ['the data of a promotion', promotionData(), 'data'],
    ['a distribution alone', { distribution: distribution() }, 'data'],
    ['a customer with a voucher', { customer: customer(), voucher: voucher() }, 'data'],
    ['a customer with a publication', { customer: customer(), publication: {} }, 'data'],
    ['a customer with a tier', { customer: {}, promotion_tier: promotionTier() }, 'data'],
    ['a customer with an order', { customer: customer(), order: { id: 'ord_1' } }, 'data'],
    ["one of Voucherify's objects alone", { campaign: campaign() }, 'data'],
    ['a publication alone', publication({ voucher: { code: 'A' } }), 'publication'],
    [
      'a customer alone, without the key object',
      { customer: { email: 'a@b.example' } },
      'designer',
    ],
    [
      "one of Voucherify's objects beside another key",
      { campaign: campaign(), mail: 'a' },
      'designer',
    ],
    ['a shape of the merchant', { To: 'someone', Body: 'Hello' }, 'designer'],
    ['an envelope without an event', fromDistribution(MANUAL, {}, { event: {} }), 'designer'],
    ['an envelope of a workflow', fromWorkflow('JOINED', {}), 'workflow'],
    [
      'an envelope of an unknown source',
      fromDistribution(MANUAL, {}, { source: { object: 'x' } }),
      'other',
    ],
    [
      'an envelope with a blank source',
      fromWorkflow('JOINED', {}, { source: { object: ' ' } }),
      'designer',
    ],
    ['an envelope without a source', fromWorkflow('JOINED', {}, { source: {} }), 'designer'],
    ['an envelope whose data is a list', fromDistribution(MANUAL, []), 'designer'],
    ['an empty object', {}, 'designer'],
  ])('detects %s', (_, body, format) => {
    expect(detectBodyFormat(body)?.format).toBe(format);
  });

  it.each([null, 7, 'text', true, [], [codeData()]])('returns null for %j', (body) => {
    expect(detectBodyFormat(body)).toBeNull();
  });

  it('ignores what a key named __proto__ contains', () => {
    const body: unknown = JSON.parse('{"__proto__": {"distribution": {"id": "distr_1"}}}');
    expect(detectBodyFormat(body)?.format).toBe('designer');
  });
});
