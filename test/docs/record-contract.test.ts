import { CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordDocuments } from '../../lib/local/docs/record-schema-documents.ts';
import { recordOfSample } from '../../lib/local/docs/record-schema-examples.ts';
import { readWebhookSamples } from '../../lib/local/cli/samples.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { read } from '../normalise/to-record-result.ts';
import { aRecord } from '../support/a-record.ts';
import {
  anyJson,
  disturbedBody,
  GOOD_BODIES,
  pathsOf,
  planted,
} from '../support/arbitrary-bodies.ts';
import { inUse, published, publishedWithoutFormats } from './record-judges.ts';

/** The record as a receiver sees it who uses the official SDK; it throws at what is no CloudEvent. */
function receivedWithSdk(record: unknown): CloudEvent<unknown> {
  const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  const event = HTTP.toEvent({ headers, body: JSON.stringify(record) });
  if (!(event instanceof CloudEvent)) throw new Error('several events');
  event.validate();
  return event;
}

function expectContractKept(record: RelayRecord): void {
  expect(published(record)).toEqual([]);
  expect(inUse(record)).toEqual([]);
  const { id, source, type, subject, data } = receivedWithSdk(record);
  expect({ id, source, type, data }).toEqual({
    id: record.id,
    source: record.source,
    type: record.type,
    data: record.data,
  });
  expect(subject).toBe(record.subject);
}

const SAMPLES = await readWebhookSamples('events');
const QUEUED = SAMPLES.filter(({ expect: expected }) => expected?.status === 'queued');
const EXAMPLES = [...(await recordDocuments())].filter(([file]) => file.startsWith('examples/'));

describe('every record keeps to the published contract', () => {
  it.each(QUEUED)('that of events/$name.json', (sample) => {
    const record = recordOfSample(sample);
    if (record === null) throw new Error('No record');
    expectContractKept(record);
  });

  it.each(EXAMPLES)('docs/%s', (_, text) => {
    expectContractKept(JSON.parse(text) as RelayRecord);
  });

  it('that of any body, however odd', () => {
    let records = 0;
    fc.assert(
      fc.property(disturbedBody, (body) => {
        const reading = read(JSON.parse(JSON.stringify(body)));
        if (!reading.ok) return;
        records += 1;
        expectContractKept(JSON.parse(JSON.stringify(reading.record)) as RelayRecord);
      }),
      { numRuns: 300 },
    );
    expect(records).toBeGreaterThan(100);
  });
});

/** What JSON.parse would make of a record that was changed at a path; undefined takes the key away. */
function changed(path: string, value?: unknown, record: RelayRecord = aRecord()): unknown {
  return JSON.parse(JSON.stringify(planted(record, path.split('.'), value)));
}

describe('what is no record is refused by the published schema and by the functions alike', () => {
  const units = { form: 'units', effect: null, dynamic: null };

  it.each<[string, unknown, string]>([
    ['no object', 'a text', ''],
    ['a list', [], ''],
    ['an event of another version', changed('specversion', '0.3'), '/specversion'],
    ['an empty id', changed('id', ''), '/id'],
    ['a subject of null', changed('subject', null), '/subject'],
    ['no time', changed('time'), ''],
    ['no data', changed('data'), ''],
    ['no voucher, not even null', changed('data.voucher'), '/data'],
    ['an unknown purpose', changed('data.purpose', 'gift'), '/data/purpose'],
    ['a code that is a number', changed('data.voucher.code', 1512), '/data/voucher/code'],
    [
      'a number that is a text',
      changed('data.voucher.value.percentOff', '15'),
      '/data/voucher/value',
    ],
    ['usable of null', changed('data.voucher.usable', null), '/data/voucher/usable'],
    [
      'an unknown reason',
      changed('data.voucher.unusableBecause', ['sold']),
      '/data/voucher/unusableBecause/0',
    ],
    ['an unknown kind', changed('data.voucher.kind', 'ticket'), '/data/voucher/kind'],
    [
      'an unknown form of value',
      changed('data.voucher.value.form', 'barter'),
      '/data/voucher/value',
    ],
    [
      'a value with the keys of another form',
      changed('data.voucher.value.form', 'gift'),
      '/data/voucher/value',
    ],
    [
      'a value without a form',
      changed('data.voucher.value', { effect: null }),
      '/data/voucher/value',
    ],
    [
      'an unknown value without the raw one',
      changed('data.voucher.value', { form: 'unknown' }),
      '/data/voucher/value',
    ],
    [
      'units that are no list',
      changed('data.voucher.value', { ...units, units: {} }),
      '/data/voucher/value',
    ],
    ['a list where an object belongs', changed('data.customer', []), '/data/customer'],
    [
      'metadata that is a list',
      changed('data.publication.metadata', []),
      '/data/publication/metadata',
    ],
    [
      'an id among others that is no text',
      changed('data.publication.voucherIds', [7]),
      '/data/publication/voucherIds/0',
    ],
    ['rest of null', changed('data.rest', null), '/data/rest'],
    [
      'a warning without a path',
      changed('data.warnings', [{ message: 'odd' }]),
      '/data/warnings/0',
    ],
  ])('%s', (_, broken, place) => {
    expect(publishedWithoutFormats(broken)).toContain(place);
    expect(inUse(broken).filter((path) => path.startsWith(place))).not.toEqual([]);
  });

  it('whatever is changed in whatever record', () => {
    const records = GOOD_BODIES.flatMap((body) => {
      const reading = read(body);
      return reading.ok ? [reading.record] : [];
    });
    const change = fc.option(anyJson, { nil: undefined });
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...records), fc.nat(), change, (record, where, value) => {
        const paths = pathsOf(record);
        const path = paths[where % paths.length] ?? [];
        const candidate: unknown = JSON.parse(JSON.stringify(planted(record, path, value)));
        const faults = inUse(candidate);
        expect(publishedWithoutFormats(candidate).length > 0).toBe(faults.length > 0);
        if (faults.length > 0) refused += 1;
      }),
      { numRuns: 1_000 },
    );
    expect(refused).toBeGreaterThan(100);
    expect(refused).toBeLessThan(1_000);
  });
});

describe('the published schema promises more than the functions check again', () => {
  it.each([
    ['time', 'yesterday'],
    ['source', 'not a reference'],
    ['dataschema', 'no-uri'],
    ['data.receivedAt', '2026-03-05'],
  ])('the format of %s', (path, value) => {
    const record = changed(path, value);
    expect(published(record)).toEqual([`/${path.replace('.', '/')}`]);
    expect([...publishedWithoutFormats(record), ...inUse(record)]).toEqual([]);
  });
});

describe('what version 1 may become is accepted by the schema of today', () => {
  it.each([
    ['a new key of the event', 'partitionkey', 'a'],
    ['a new key of the data', 'data.novelty', { kind: 'new' }],
    ['a new key of a voucher', 'data.voucher.colour', 'blue'],
    ['a new key of a value', 'data.voucher.value.steps', [1, 2]],
    ['a new event', 'type', 'voucherify.customer.waved'],
    ['a new text in an open list', 'data.publication.channel', 'Pigeon'],
  ])('%s', (_, path, value) => {
    const record = changed(path, value);
    expect([...published(record), ...inUse(record)]).toEqual([]);
  });
});
