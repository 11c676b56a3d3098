import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toMessageAttributes } from '../../lib/destinations/message-attributes.ts';
import { isContentHashId } from '../../lib/record/record-id.ts';
import { findLostValues } from '../conformance/find-lost-values.ts';
import { validatePublished } from '../docs/record-validators.ts';
import {
  codeData,
  customer,
  fromDistribution,
  fromProject,
  type Json,
  legacy,
} from '../support/payloads.ts';
import { requireRecord, runToRecord } from './to-record-result.ts';

const MANUAL = 'manual_distribution_schedule';

/** What CloudEvents 1.0 says of a String, written apart from the code. */
function hasForbiddenCharacter(text: string): boolean {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0).some(
    (point) =>
      point <= 0x1f ||
      (point >= 0x7f && point <= 0x9f) ||
      (point >= 0xd800 && point <= 0xdfff) ||
      (point >= 0xfdd0 && point <= 0xfdef) ||
      (point & 0xfffe) === 0xfffe,
  );
}

const forbidden = fc.constantFrom(
  ...'\u0000 \n \r \u001F \u007F \u0085 \u009F \uFDD0 \uFDEF \uFFFE \uFFFF \u{1FFFE} \u{10FFFF}'.split(
    ' ',
  ),
  // halves of a surrogate pair
  '\uD83D',
  '\uDE00',
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    '.',
    '..',
    '...',
    '/',
    '//',
    '%2E%2E',
    '%',
    'proj_1',
    'acme',
    'é',
    '🎁',
    '{{id}}',
  ),
  fc
    .tuple(fc.string({ maxLength: 4 }), forbidden, fc.string({ maxLength: 4 }))
    .map((parts) => parts.join('')),
);
const ids = fc.record({
  id: text,
  project: text,
  source: text,
  event: text,
  customer: text,
  sourceId: text,
});

/** A webhook of each envelope, in which every text that a context attribute is made of is arbitrary. */
const bodies = ids.chain((one) => {
  const data = codeData({
    customer: customer({ id: one.customer, source_id: one.sourceId }),
    publication: null,
  });
  const changes: Json = { id: one.id, project_id: one.project };
  const distribution = { object: 'distribution', id: one.source };
  return fc
    .constantFrom<Json>(
      fromDistribution(MANUAL, data, { ...changes, source: distribution }),
      fromDistribution(one.event, data, { ...changes, source: distribution }),
      fromProject(one.event, data, changes),
      fromProject('voucher.published', data, { ...changes, type: one.event }),
      legacy({ webhook_id: one.id, project_id: one.project, type: one.event }),
    )
    .map((body) => ({ body, one }));
});

describe('the context attributes of a record, whatever ids and names were sent,', () => {
  it('are Strings of CloudEvents, and what was sent is kept', () => {
    let replaced = 0;
    fc.assert(
      fc.property(bodies, ({ body }) => {
        const result = runToRecord(body);
        if (!result.ok) return;
        const { record } = result;
        const { data: _data, ...attributes } = record;
        for (const [name, value] of Object.entries(attributes)) {
          expect([name, hasForbiddenCharacter(value)]).toEqual([name, false]);
        }
        expect(validatePublished(JSON.parse(JSON.stringify(record)))).toEqual([]);
        expect(findLostValues(body, record)).toEqual([]);
        const isReplaced = record.id.startsWith('hash_');
        if (isReplaced) replaced += 1;
        // which is remembered for a shorter time
        expect(isReplaced && isContentHashId(record.id)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
    expect(replaced).toBeGreaterThan(50);
  });

  it('have a source that no reader of URLs shortens, with the project in its place', () => {
    fc.assert(
      fc.property(bodies, ({ body, one }) => {
        const result = runToRecord(body);
        if (!result.ok) return;
        const { source } = result.record;
        expect(new URL(source, 'https://relay.example').pathname).toBe(source);
        const isKnown = source.split('/')[2] !== undefined && source.split('/')[2] !== '';
        const { project } = toMessageAttributes(result.record);
        const decoded = isKnown ? one.project : undefined;
        // SQS rejects some characters in an attribute, which is then left out
        expect([decoded, undefined]).toContain(project?.StringValue);
      }),
      { numRuns: 500 },
    );
  });

  it('keep different ids different, and the same id the same', () => {
    const idOf = (id: string): string =>
      requireRecord(fromDistribution(MANUAL, codeData(), { id })).id;
    fc.assert(
      fc.property(forbidden, forbidden, (one, other) => {
        expect(idOf(`whs_${one}`)).toBe(idOf(`whs_${one}`));
        expect(idOf(`whs_${one}`) === idOf(`whs_${other}`)).toBe(one === other);
      }),
    );
  });

  it.each([
    ['acme', 'acme'],
    ['proj_q1', 'proj_q1'],
    ['a/b ü', 'a/b ü'],
    ['12', '12'],
    ['..', undefined],
    [null, undefined],
  ])('of project %j give the message attribute %j', (project, expected) => {
    const result = runToRecord(fromDistribution(MANUAL, codeData(), { project_id: project }));
    const attributes = result.ok ? toMessageAttributes(result.record) : {};
    expect(attributes['project']?.StringValue).toBe(expected);
  });

  it('warn of an id that had to be replaced', () => {
    const body = fromDistribution(MANUAL, codeData(), { id: 'whs_\n1' });
    expect(runToRecord(body)).toMatchObject({
      record: {
        data: {
          unmapped: { id: 'whs_\n1' },
          warnings: [
            {
              path: 'id',
              message: 'Expected an id without control characters; the record has its hash',
            },
          ],
        },
      },
    });
  });
});
