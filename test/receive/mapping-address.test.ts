import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { defineMappings } from '../../lib/normalise/mapping.ts';
import { type ParseResult, parseWebhook } from '../../lib/receive/parse-webhook.ts';
import { codeData, fromDistribution, fromProject, type Json } from '../support/payloads.ts';
import { fromWorkflow, transaction } from '../support/workflow-payloads.ts';

/** A mapping that gives every body a meaning, also those that it is not for. */
const mappings = defineMappings({
  anything: v.pipe(
    v.unknown(),
    v.transform(() => ({ customer: { email: 'a@shop.example' }, voucher: { code: 'MAPPED-1' } })),
  ),
});

const NOW = '2026-09-14T08:00:00.000Z';
const TIMES = { receivedAt: NOW, checkedAt: NOW };

const parse = (body: Json | string, mapping: string | null): ParseResult =>
  parseWebhook(
    Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    mapping,
    { ...TIMES, oldestCreatedAt: null },
    { currency: 'EUR', mappings },
  );

describe('at the address of a mapping', () => {
  it.each<[string, Json]>([
    ['a workflow', fromWorkflow('POINTS_EARNED', transaction('POINTS_EARNED'))],
    ['the project', fromProject('voucher.published', codeData())],
    ['an unknown source', fromDistribution('x', codeData(), { source: { object: 'lamp' } })],
  ])('the webhook of %s is parsed as at any other, also if there is no such mapping', (_, body) => {
    const plain = parse(body, null);
    expect(plain).toMatchObject({ ok: true, record: { data: { purpose: 'activity' } } });
    expect(parse(body, 'anything')).toEqual(plain);
    expect(parse(body, 'missing')).toEqual(plain);
    // a mapping does not read it, so that no key of its own decides
    const text = JSON.stringify(body).replace('"data":{', '"data":{"note":1,"note":2,');
    const doubtful = parse(text, null);
    expect(doubtful).toMatchObject({ ok: true, record: { data: { unmapped: { data: {} } } } });
    expect(parse(text, 'anything')).toEqual(doubtful);
  });

  it('a key of a distribution that is there twice decides, whatever its name', () => {
    const body = JSON.stringify(fromDistribution('manual_distribution_schedule', codeData()));
    const text = body.replace('"data":{', '"data":{"note":1,"note":2,');
    expect(parse(text, null).ok).toBe(true);
    expect(parse(text, 'anything').ok).toBe(false);
  });

  it('the webhook of a distribution goes through the mapping', () => {
    const body = fromDistribution('manual_distribution_schedule', codeData());
    expect(parse(body, 'anything')).toMatchObject({
      ok: true,
      record: { data: { purpose: 'code', voucher: { code: 'MAPPED-1' } } },
    });
    expect(parse(body, 'missing').ok).toBe(false);
  });
});
