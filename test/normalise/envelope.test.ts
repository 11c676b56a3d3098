import { describe, expect, it } from 'vitest';
import { isContentHashId } from '../../lib/record/record-id.ts';
import {
  codeData,
  customer,
  fromDistribution,
  fromProject,
  type Json,
  publication,
  RECEIVED_AT,
} from '../support/payloads.ts';
import { BODY_HASH, getPaths, runToRecord, requireRecord } from './to-record-result.ts';

const MANUAL = 'manual_distribution_schedule';
const envelope = (changes: Json = {}): Json => fromDistribution(MANUAL, codeData(), changes);

describe('the id of a record', () => {
  it('is the id of the envelope, the same on every retry', () => {
    expect(requireRecord(envelope()).id).toBe('whs_5d0c8812ef');
  });

  it.each([null, '', 7.5, 'null', '{{id}}', 'x'.repeat(513)])(
    'is a hash when the id in the envelope is %j',
    (id) => {
      const record = requireRecord(envelope({ id }));
      expect(record.id).toBe(`sha_${BODY_HASH}`);
      expect(getPaths(record.data.warnings)).toContain('id');
      expect(record.data.unmapped).toMatchObject({ id });
    },
  );

  it('is read from a whole number in the envelope, with a warning', () => {
    const record = requireRecord(envelope({ id: 7 }));
    expect(record.id).toBe('7');
    expect(getPaths(record.data.warnings)).toContain('id');
    expect(record.data.unmapped).toMatchObject({ id: 7 });
  });

  it('is a hash without an envelope, which isContentHashId detects', () => {
    expect(isContentHashId(requireRecord(codeData()).id)).toBe(true);
    expect(isContentHashId(requireRecord(envelope()).id)).toBe(false);
  });

  it('is known for a webhook that does not become a record, too', () => {
    expect(runToRecord(envelope({ data: {} }))).toMatchObject({
      ok: false,
      id: 'whs_5d0c8812ef',
      format: 'distribution',
      event: MANUAL,
    });
    expect(runToRecord('text')).toMatchObject({ ok: false, id: `sha_${BODY_HASH}`, format: null });
  });
});

describe('the source of a record', () => {
  it.each<[string, Json]>([
    ['/voucherify/proj_Quay/distr_quay2', {}],
    ['/voucherify//distr_quay2', { project_id: null }],
    ['/voucherify/proj_Quay', { source: { object: 'distribution' } }],
    ['/voucherify', { project_id: '', source: { object: 'distribution', id: 4 } }],
    ['/voucherify/a%2Fb%20%C3%BC/distr_quay2', { project_id: 'a/b ü' }],
    ['/voucherify//distr_quay2', { project_id: 'half \uD83D a pair' }],
    ['/voucherify//distr_quay2', { project_id: '..' }],
    ['/voucherify/proj_Quay', { source: { object: 'distribution', id: '.' } }],
    ['/voucherify', { project_id: '.', source: { object: 'distribution', id: '..' } }],
  ])('is %s', (source, changes) => {
    const body = envelope(changes);
    expect(requireRecord(body).source).toBe(source);
  });
});

describe('the subject of a record', () => {
  it.each<[string | undefined, Json]>([
    ['cust_mara1', customer()],
    ['crm-4711', customer({ id: null })],
    [undefined, customer({ id: null, source_id: null })],
  ])('is %s', (subject, person) => {
    const body = codeData({ customer: person, publication: null });
    expect(requireRecord(body).subject).toBe(subject);
  });
});

const noTime = { id: 'e', type: MANUAL };

describe('the time of a record', () => {
  it.each<[string, string, Json]>([
    ['created_at of the event', '2026-05-04T09:59:58.500Z', envelope()],
    ['created_at of the envelope', '2026-05-04T09:59:59.000Z', envelope({ event: noTime })],
    [
      'created_at of the envelope, when that of the event is invalid',
      '2026-05-04T09:59:59.000Z',
      envelope({ event: { ...noTime, created_at: 'now' } }),
    ],
    [
      'created_at of the publication',
      '2026-05-04T09:59:57.301Z',
      envelope({ event: noTime, created_at: '2026-05-04' }),
    ],
    ['created_at of the publication in bare data', '2026-05-04T09:59:57.301Z', codeData()],
    ['receivedAt', RECEIVED_AT, codeData({ publication: publication({ created_at: null }) })],
  ])('is %s', (_, time, body) => {
    expect(requireRecord(body).time).toBe(time);
  });
});

describe('a webhook that is a late repeat', () => {
  const oldestCreatedAt = '2026-05-04T09:59:59.000Z';
  it.each([
    ['2026-05-04T09:59:58.999Z', false],
    ['2026-05-04T09:59:59.000Z', true],
    ['2026-05-04T11:59:59+02:00', true],
    ['2026-05-04T09:59:59.001Z', true],
    ['2026-05-03', false],
    ['2026-05-04', true],
  ])('is older than the oldest time that is accepted: %s, %s', (createdAt, isAccepted) => {
    expect(runToRecord(envelope({ created_at: createdAt }), { oldestCreatedAt }).ok).toBe(
      isAccepted,
    );
  });
});

describe('the label of a distribution', () => {
  it.each([
    ['Quay codes', 'Quay codes'],
    ['', null],
    [null, null],
    [5, null],
  ])('that is sent as %j is %j', (type, label) => {
    expect(requireRecord(envelope({ type })).data.distributionLabel).toBe(label);
  });

  it('is null for the project, whose envelope has the name of the event there', () => {
    const record = requireRecord(fromProject('customer.created', { customer: customer() }));
    expect(record.data.distributionLabel).toBeNull();
    expect(record.data.unmapped).not.toHaveProperty('type');
  });
});

describe('the name of an event', () => {
  it('is unknown when it is white space', () => {
    expect(requireRecord(fromDistribution('  ', { customer: customer() })).type).toBe(
      'voucherify.unknown',
    );
  });

  it('is canonical for every spelling, and the spelling that was sent stays in unmapped', () => {
    const record = requireRecord(
      fromDistribution('CUSTOMER.Entered.Segment', { customer: customer() }),
    );
    expect(record.type).toBe('voucherify.customer.segment.entered');
    expect(record.data.unmapped).toMatchObject({ event: { type: 'CUSTOMER.Entered.Segment' } });
  });
});

describe('a sample of the dashboard, whose ids are zeros,', () => {
  const zeros = '0'.repeat(18);
  it.each<[boolean, string, Json]>([
    [true, 'in the id of the envelope', envelope({ id: `whs_${zeros}` })],
    [
      true,
      'in the id of the source',
      envelope({ source: { id: `distr_${zeros}`, object: 'distribution' } }),
    ],
    [true, 'in bare data', codeData({ publication: publication({ id: `pub_${zeros}` }) })],
    [false, 'except for one digit', envelope({ id: `whs_${zeros}1` })],
    [
      false,
      "only in the merchant's own id",
      codeData({ customer: customer({ source_id: '0000' }) }),
    ],
  ])('is a test: %s, %s', (test, _, body) => {
    expect(requireRecord(body).data.test).toBe(test);
  });
});
