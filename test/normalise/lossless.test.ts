import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { lostLeaves } from '../conformance/find-lost-values.ts';
import { RelayRecordSchema } from '../../lib/record/record.ts';
import { isCarriable } from '../../lib/voucherify/json-safe.ts';
import { disturbedBody, GOOD_BODIES } from '../support/arbitrary-bodies.ts';
import {
  campaign,
  codeData,
  fromDistribution,
  loyaltyCard,
  publication,
  voucher,
} from '../support/payloads.ts';
import { read, recordOf } from './to-record-result.ts';

describe('nothing that came in is lost', () => {
  it.each(GOOD_BODIES.map((body) => [JSON.stringify(body).slice(0, 60), body]))(
    'from %s',
    (_, body) => {
      expect(lostLeaves(body, recordOf(body))).toEqual([]);
    },
  );

  it('whatever is added to a body, or odd in it, and not on the way through a queue either', () => {
    let records = 0;
    fc.assert(
      fc.property(disturbedBody, (body) => {
        const reading = read(body);
        if (!reading.ok) return reading.issues.length > 0;
        records += 1;
        expect(lostLeaves(body, reading.record)).toEqual([]);
        const sent: unknown = JSON.parse(JSON.stringify(reading.record));
        expect(lostLeaves(body, v.parse(RelayRecordSchema, sent))).toEqual([]);
        return true;
      }),
      { numRuns: 400 },
    );
    expect(records).toBeGreaterThan(100);
  });

  it('keeps what stands in the record out of rest', () => {
    const { rest } = recordOf(fromDistribution('manual_distribution_schedule', codeData())).data;
    expect(rest).toEqual({
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

  it('keeps out an object that is read inside another, before it or after it', () => {
    const { customer: _, ...data } = codeData({
      publication: publication({ customer: codeData()['customer'], voucher: loyaltyCard() }),
    });
    expect(recordOf(data).data.rest['publication']).toEqual({
      object: 'publication',
      customer: { object: 'customer' },
      voucher: { object: 'voucher' },
    });
  });

  it('keeps a list whole when a part of it has no place', () => {
    const units = [{ unit_type: 'prod_a' }, { unit_type: 'prod_b', shelf: 4 }];
    const body = codeData({ voucher: voucher({ discount: { type: 'UNIT', units } }) });
    expect(recordOf(body).data.rest).toMatchObject({ voucher: { discount: { units } } });
  });

  it('keeps a null where the record has an empty list', () => {
    const { data } = recordOf(codeData({ publication: publication({ vouchers_id: null }) }));
    expect(data.publication?.voucherIds).toEqual([]);
    expect(data.rest).toMatchObject({ publication: { vouchers_id: null } });
    expect(data.warnings).toEqual([]);
  });

  it('keeps the text of a time that had blanks, and of one that cannot be read', () => {
    const body = codeData({
      voucher: voucher({ created_at: '2024-05-13T10: 23: 57.997Z', expiration_date: 'soon' }),
    });
    const { data } = recordOf(body);
    expect(data.voucher).toMatchObject({ createdAt: '2024-05-13T10:23:57.997Z', expiresAt: null });
    expect(data.rest).toMatchObject({
      voucher: { created_at: '2024-05-13T10: 23: 57.997Z', expiration_date: 'soon' },
    });
    expect(data.warnings).toEqual([
      {
        path: 'voucher.expiration_date',
        message: 'Expected a date or an RFC 3339 time; taken as unknown',
      },
      { path: 'voucher.created_at', message: 'A time with blanks, read without them' },
    ]);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('keeps a key named %s', (name) => {
    const text = JSON.stringify(codeData()).replace('"lang"', JSON.stringify(name));
    const body: unknown = JSON.parse(text);
    const record = recordOf(body);
    expect(lostLeaves(body, record)).toEqual([]);
    expect(JSON.stringify(record.data.customer?.metadata)).toBe(`{"${name}":"sv"}`);
  });
});

describe('the judge of what is lost', () => {
  const body = fromDistribution('manual_distribution_schedule', codeData());
  const whole = recordOf(body);

  it('misses a leaf that is gone from rest', () => {
    const { created_at: _, ...rest } = whole.data.rest;
    expect(lostLeaves(body, { ...whole, data: { ...whole.data, rest } })).toEqual(['created_at']);
  });

  it('misses a leaf whose place holds another value, though the value stands elsewhere', () => {
    const customer = whole.data.customer && { ...whole.data.customer, email: null };
    const label = 'mara.lind@shop.example';
    const record = { ...whole, data: { ...whole.data, customer, distributionLabel: label } };
    expect(lostLeaves(body, record)).toEqual(['type', 'data.customer.email']);
  });

  it('misses an empty object or list that is gone', () => {
    const odd = { ...body, extra: { none: {}, few: [] } };
    expect(lostLeaves(odd, whole)).toEqual(['extra.none', 'extra.few']);
  });
});

describe('what JSON cannot carry', () => {
  it('is refused, with its path', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 200; level += 1) deep = [deep];
    const reading = read({ ...codeData(), deep });
    expect(reading).toMatchObject({ ok: false, issues: [{ path: 'deep' }] });
    const huge: unknown = JSON.parse('{"more": 1e999}');
    expect(read(codeData({ voucher: voucher({ metadata: huge }) }))).toMatchObject({
      ok: false,
      issues: [{ path: 'voucher.metadata' }],
    });
  });

  it('is what is nested too deep or too large a number', () => {
    expect(isCarriable({ a: [1, 'b', null, { c: true }] })).toBe(true);
    expect(isCarriable([[[1]]], 3)).toBe(true);
    expect(isCarriable([[[[1]]]], 3)).toBe(false);
    expect(isCarriable({ a: [Number.POSITIVE_INFINITY] })).toBe(false);
  });
});
