import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { findLostValues } from '../conformance/find-lost-values.ts';
import { RelayRecordSchema } from '../../lib/record/record.ts';
import { isJsonSafe } from '../../lib/voucherify/json-safe.ts';
import { disturbedBody, VALID_BODIES } from '../support/arbitrary-bodies.ts';
import {
  campaign,
  codeData,
  fromDistribution,
  loyaltyCard,
  publication,
  voucher,
} from '../support/payloads.ts';
import { runToRecord, requireRecord } from './to-record-result.ts';

describe('nothing that was sent is lost', () => {
  it.each(VALID_BODIES.map((body) => [JSON.stringify(body).slice(0, 60), body]))(
    'from %s',
    (_, body) => {
      expect(findLostValues(body, requireRecord(body))).toEqual([]);
    },
  );

  it('from a body with added or invalid values, nor on the way through a queue', () => {
    let records = 0;
    fc.assert(
      fc.property(disturbedBody, (body) => {
        const result = runToRecord(body);
        if (!result.ok) return result.issues.length > 0;
        records += 1;
        expect(findLostValues(body, result.record)).toEqual([]);
        const sent: unknown = JSON.parse(JSON.stringify(result.record));
        expect(findLostValues(body, v.parse(RelayRecordSchema, sent))).toEqual([]);
        return true;
      }),
      { numRuns: 400 },
    );
    expect(records).toBeGreaterThan(100);
  });

  it('keeps what the record holds out of unmapped', () => {
    const { unmapped } = requireRecord(
      fromDistribution('manual_distribution_schedule', codeData()),
    ).data;
    expect(unmapped).toEqual({
      created_at: '2026-05-04T09:59:59.000Z',
      data: {
        campaign: { voucher: campaign()['voucher'], auto_join: false, object: 'campaign' },
        voucher: { object: 'voucher' },
        customer: { object: 'customer' },
        publication: { object: 'publication', customer: publication()['customer'] },
      },
      source: { object: 'distribution', target_url: 'https://shop.example/hook' },
      event: {
        id: 'evcus_77a1',
        entity_id: 'cust_mara1',
        group_id: 'v-77a1',
        event_source: { channel: 'USER_PORTAL', user: { id: 'user_q1' } },
      },
    });
  });

  it('keeps out an object that is read from inside another one', () => {
    const { customer: _, ...data } = codeData({
      publication: publication({ customer: codeData()['customer'], voucher: loyaltyCard() }),
    });
    expect(requireRecord(data).data.unmapped['publication']).toEqual({
      object: 'publication',
      customer: { object: 'customer' },
      voucher: { object: 'voucher' },
    });
  });

  it('keeps a list whole when any part of it is unmapped', () => {
    const units = [{ unit_type: 'prod_a' }, { unit_type: 'prod_b', shelf: 4 }];
    const body = codeData({ voucher: voucher({ discount: { type: 'UNIT', units } }) });
    expect(requireRecord(body).data.unmapped).toMatchObject({ voucher: { discount: { units } } });
  });

  it('keeps a null where the record has an empty list', () => {
    const { data } = requireRecord(codeData({ publication: publication({ vouchers_id: null }) }));
    expect(data.publication?.voucherIds).toEqual([]);
    expect(data.unmapped).toMatchObject({ publication: { vouchers_id: null } });
    expect(data.warnings).toEqual([]);
  });

  it('keeps a time with spaces and an invalid time as sent', () => {
    const body = codeData({
      voucher: voucher({ created_at: '2024-05-13T10: 23: 57.997Z', start_date: 'soon' }),
    });
    const { data } = requireRecord(body);
    expect(data.voucher).toMatchObject({ createdAt: '2024-05-13T10:23:57.997Z', startsAt: null });
    expect(data.unmapped).toMatchObject({
      voucher: { created_at: '2024-05-13T10: 23: 57.997Z', start_date: 'soon' },
    });
    expect(data.warnings).toEqual([
      {
        path: 'voucher.start_date',
        message: 'Expected a date or an RFC 3339 time; the record has null',
      },
      {
        path: 'voucher.created_at',
        message: 'Expected a date or an RFC 3339 time; the time was converted to that form',
      },
    ]);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('keeps a key named %s', (name) => {
    const text = JSON.stringify(codeData()).replace('"lang"', JSON.stringify(name));
    const body: unknown = JSON.parse(text);
    const record = requireRecord(body);
    expect(findLostValues(body, record)).toEqual([]);
    expect(JSON.stringify(record.data.customer?.metadata)).toBe(`{"${name}":"sv"}`);
  });
});

describe('findLostValues', () => {
  const body = fromDistribution('manual_distribution_schedule', codeData());
  const whole = requireRecord(body);

  it('finds a value that is missing from unmapped', () => {
    const { created_at: _, ...unmapped } = whole.data.unmapped;
    expect(findLostValues(body, { ...whole, data: { ...whole.data, unmapped: unmapped } })).toEqual(
      ['created_at'],
    );
  });

  it('finds a value that is only in another place than the documented one', () => {
    const customer = whole.data.customer && { ...whole.data.customer, email: null };
    const label = 'mara.lind@shop.example';
    const record = { ...whole, data: { ...whole.data, customer, distributionLabel: label } };
    expect(findLostValues(body, record)).toEqual(['type', 'data.customer.email']);
  });

  it('finds an empty object or list that is missing', () => {
    const extended = { ...body, extra: { none: {}, few: [] } };
    expect(findLostValues(extended, whole)).toEqual(['extra.none', 'extra.few']);
  });
});

describe('a value that JSON cannot hold', () => {
  it('is rejected with its path', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 200; level += 1) deep = [deep];
    const result = runToRecord({ ...codeData(), deep });
    expect(result).toMatchObject({ ok: false, issues: [{ path: 'deep' }] });
    const huge: unknown = JSON.parse('{"more": 1e999}');
    expect(runToRecord(codeData({ voucher: voucher({ metadata: huge }) }))).toMatchObject({
      ok: false,
      issues: [{ path: 'voucher.metadata' }],
    });
  });

  it('is nested too deep, or a number that is too large', () => {
    expect(isJsonSafe({ a: [1, 'b', null, { c: true }] })).toBe(true);
    expect(isJsonSafe([[[1]]], 3)).toBe(true);
    expect(isJsonSafe([[[[1]]]], 3)).toBe(false);
    expect(isJsonSafe({ a: [Number.POSITIVE_INFINITY] })).toBe(false);
  });
});
