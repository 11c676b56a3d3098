import { describe, expect, it } from 'vitest';
import { campaign, codeData, customer, voucher } from '../support/payloads.ts';
import { requireRecord } from './to-record-result.ts';

describe('what Voucherify added or moved', () => {
  it('the effect ADD_SAME_ITEMS is passed on like any other, without a warning', () => {
    const discount = {
      type: 'UNIT',
      effect: 'ADD_SAME_ITEMS',
      units: [{ unit_type: 'prod_mug77', unit_off: 1, effect: 'ADD_SAME_ITEMS' }],
    };
    for (const each of [discount, { ...discount, ...discount.units[0], units: undefined }]) {
      const { data } = requireRecord(codeData({ voucher: voucher({ discount: each }) }));
      expect(data.voucher).toMatchObject({
        usable: true,
        value: {
          form: 'units',
          effect: 'ADD_SAME_ITEMS',
          units: [{ unitType: 'prod_mug77', unitOff: 1, effect: 'ADD_SAME_ITEMS' }],
        },
      });
      expect(data.warnings).toEqual([]);
    }
  });

  it.each([
    ['', ''],
    [null, null],
    [undefined, null],
  ])('the hours of a day have no end when %j was sent', (sent, expirationTime) => {
    const daily = [{ start_time: '17:30', expiration_time: sent, days_of_week: [5] }];
    const { data } = requireRecord(codeData({ voucher: voucher({ validity_hours: { daily } }) }));
    expect(data.voucher).toMatchObject({
      usable: true,
      hours: [{ startTime: '17:30', expirationTime, daysOfWeek: [5] }],
    });
    expect(data.warnings).toEqual([]);
  });

  it('the cockpit, which became the preference centre, stays where it was sent', () => {
    const assets = { cockpit_url: 'https://shop.example/preferences/1' };
    const { data } = requireRecord(codeData({ customer: customer({ assets }) }));
    expect(data.unmapped).toMatchObject({ customer: { assets } });
  });

  it('a campaign of the type STANDALONE keeps it', () => {
    const { data } = requireRecord(codeData({ campaign: campaign({ type: 'STANDALONE' }) }));
    expect(data.campaign?.type).toBe('STANDALONE');
  });
});
