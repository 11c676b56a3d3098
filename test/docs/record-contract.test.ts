import { CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildRecordDocuments } from '../../lib/local/docs/record-schema-documents.ts';
import { toSampleRecord } from '../../lib/local/docs/record-schema-examples.ts';
import { readWebhookSamples } from '../../lib/local/cli/samples.ts';
import { toCloudEvent, withoutUnmapped } from '../../lib/destinations/cloud-event.ts';
import { parseStored } from '../../lib/record/parse-stored.ts';
import { type RelayRecord, RelayRecordSchema } from '../../lib/record/record.ts';
import { runToRecord } from '../normalise/to-record-result.ts';
import { aRecord } from '../support/a-record.ts';
import {
  anyJson,
  disturbedBody,
  VALID_BODIES,
  listPaths,
  setAt,
} from '../support/arbitrary-bodies.ts';
import {
  validateInternal,
  validatePublished,
  validatePublishedWithoutFormats,
} from './record-validators.ts';

/** Parses a record with the official CloudEvents SDK, as a consumer would. Throws if it is no CloudEvent. */
function parseWithSdk(record: unknown): CloudEvent<unknown> {
  const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  const event = HTTP.toEvent({ headers, body: JSON.stringify(record) });
  if (!(event instanceof CloudEvent)) throw new Error('several events');
  event.validate();
  return event;
}

function expectContractKept(record: RelayRecord): void {
  expect(validatePublished(record)).toEqual([]);
  // the event that an HTTP destination gets by default
  const compact = JSON.parse(toCloudEvent(withoutUnmapped(record)).text) as RelayRecord;
  expect(compact.data).not.toHaveProperty('unmapped');
  expect(validatePublished(compact)).toEqual([]);
  expect(validateInternal(record)).toEqual([]);
  const { id, source, type, subject, data } = parseWithSdk(record);
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
const EXAMPLES = [...(await buildRecordDocuments())].filter(([file]) =>
  file.startsWith('examples/'),
);

describe('every record conforms to the published contract', () => {
  it.each(QUEUED)('the record of events/$name.json', (sample) => {
    const record = toSampleRecord(sample);
    if (record === null) throw new Error('No record');
    expectContractKept(record);
  });

  it.each(EXAMPLES)('the example docs/%s', (_, text) => {
    expectContractKept(JSON.parse(text) as RelayRecord);
  });

  it('the record of any body, however malformed its fields', () => {
    let records = 0;
    fc.assert(
      fc.property(disturbedBody, (body) => {
        const result = runToRecord(JSON.parse(JSON.stringify(body)));
        if (!result.ok) return;
        records += 1;
        expectContractKept(JSON.parse(JSON.stringify(result.record)) as RelayRecord);
      }),
      { numRuns: 300 },
    );
    expect(records).toBeGreaterThan(100);
  });
});

/** A record, changed at a path, after JSON.stringify and JSON.parse; undefined removes the key. */
function withChange(path: string, value?: unknown, record: RelayRecord = aRecord()): unknown {
  return JSON.parse(JSON.stringify(setAt(record, path.split('.'), value)));
}

describe('the published schema and the functions reject the same invalid records', () => {
  const units = { form: 'units', effect: null, dynamic: null };

  it.each<[string, unknown, string]>([
    ['a string', 'a text', ''],
    ['a list', [], ''],
    ['an event of another version', withChange('specversion', '0.3'), '/specversion'],
    ['an empty id', withChange('id', ''), '/id'],
    ['a subject that is null', withChange('subject', null), '/subject'],
    ['no time', withChange('time'), ''],
    ['no data', withChange('data'), ''],
    ['without the key voucher', withChange('data.voucher'), '/data'],
    ['an unknown purpose', withChange('data.purpose', 'gift'), '/data/purpose'],
    ['a code that is a number', withChange('data.voucher.code', 1512), '/data/voucher/code'],
    [
      'a string where a number belongs',
      withChange('data.voucher.value.percentOff', '15'),
      '/data/voucher/value',
    ],
    ['usable that is null', withChange('data.voucher.usable', null), '/data/voucher/usable'],
    [
      'an unknown reason',
      withChange('data.voucher.unusableReasons', ['sold']),
      '/data/voucher/unusableReasons/0',
    ],
    ['an unknown kind', withChange('data.voucher.kind', 'ticket'), '/data/voucher/kind'],
    [
      'an unknown form of value',
      withChange('data.voucher.value.form', 'barter'),
      '/data/voucher/value',
    ],
    [
      'a value with the keys of another form',
      withChange('data.voucher.value.form', 'gift'),
      '/data/voucher/value',
    ],
    [
      'a value without a form',
      withChange('data.voucher.value', { effect: null }),
      '/data/voucher/value',
    ],
    [
      'an unknown value without raw',
      withChange('data.voucher.value', { form: 'unknown' }),
      '/data/voucher/value',
    ],
    [
      'units that are not a list',
      withChange('data.voucher.value', { ...units, units: {} }),
      '/data/voucher/value',
    ],
    ['a list where an object belongs', withChange('data.customer', []), '/data/customer'],
    [
      'metadata that is a list',
      withChange('data.publication.metadata', []),
      '/data/publication/metadata',
    ],
    [
      'a list of ids with one that is not a string',
      withChange('data.publication.voucherIds', [7]),
      '/data/publication/voucherIds/0',
    ],
    ['unmapped that is null', withChange('data.unmapped', null), '/data/unmapped'],
    [
      'a warning without a path',
      withChange('data.warnings', [{ message: 'without a path' }]),
      '/data/warnings/0',
    ],
  ])('%s', (_, broken, expectedPath) => {
    expect(validatePublishedWithoutFormats(broken)).toContain(expectedPath);
    expect(validateInternal(broken).filter((path) => path.startsWith(expectedPath))).not.toEqual(
      [],
    );
  });

  it('any record with any one change', () => {
    const records = VALID_BODIES.flatMap((body) => {
      const result = runToRecord(body);
      return result.ok ? [result.record] : [];
    });
    const change = fc.option(anyJson, { nil: undefined });
    let rejectedCount = 0;
    fc.assert(
      fc.property(fc.constantFrom(...records), fc.nat(), change, (record, where, value) => {
        const paths = listPaths(record);
        const path = paths[where % paths.length] ?? [];
        const candidate: unknown = JSON.parse(JSON.stringify(setAt(record, path, value)));
        const read = parseStored(RelayRecordSchema, candidate);
        // a key that is missing is there when it is read
        const published = validatePublishedWithoutFormats(read.success ? read.output : candidate);
        expect(published.length > 0).toBe(!read.success);
        if (!read.success) rejectedCount += 1;
      }),
      { numRuns: 1_000 },
    );
    expect(rejectedCount).toBeGreaterThan(100);
    expect(rejectedCount).toBeLessThan(1_000);
  });
});

describe('the published schema has formats that the functions do not check again', () => {
  it.each([
    ['time', 'yesterday'],
    ['source', 'not a reference'],
    ['dataschema', 'no-uri'],
    ['data.receivedAt', '2026-03-05'],
  ])('of %s', (path, value) => {
    const record = withChange(path, value);
    expect(validatePublished(record)).toEqual([`/${path.replace('.', '/')}`]);
    expect([...validatePublishedWithoutFormats(record), ...validateInternal(record)]).toEqual([]);
  });
});

describe('the schema accepts what a later release may add to version 1', () => {
  it.each([
    ['a new key of the event', 'partitionkey', 'a'],
    ['a new key of the data', 'data.novelty', { kind: 'new' }],
    ['a new key of a voucher', 'data.voucher.colour', 'blue'],
    ['a new key of a value', 'data.voucher.value.steps', [1, 2]],
    ['a new event', 'type', 'voucherify.customer.waved'],
    ['a new text in an open list', 'data.publication.channel', 'Pigeon'],
  ])('%s', (_, path, value) => {
    const record = withChange(path, value);
    expect([...validatePublished(record), ...validateInternal(record)]).toEqual([]);
  });
});
