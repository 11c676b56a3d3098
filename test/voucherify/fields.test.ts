import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  BooleanField,
  CodeField,
  createListSchema,
  createObjectField,
  EmailField,
  EXPECTED_OBJECT,
  IdField,
  MetadataField,
  NameField,
  NumberField,
  PercentField,
  StringField,
  StringListField,
  TimeField,
  WeekdaysField,
} from '../../lib/voucherify/fields.ts';

const OBJECT = v.object({ id: IdField }, EXPECTED_OBJECT);
const ObjectField = createObjectField(OBJECT);
const ListSchema = createListSchema(OBJECT);

/** One of each type that JSON has. */
const ANY_TYPE: readonly unknown[] = ['a text', '', 0, 1, -1, 0.5, true, false, [], ['a'], [0], {}];
const objects = (length: number): unknown[] => Array.from({ length }, () => ({}));
/** As JSON.parse gives it for 1e999. */
const TOO_LARGE = Number.POSITIVE_INFINITY;
const deep = (levels: number): unknown =>
  Array.from({ length: levels }).reduce((inner) => ({ inner }), 1);

/** Each kind of field: what it accepts of all types, and its limits on both sides. */
const FIELDS: readonly {
  readonly field: string;
  readonly schema: v.GenericSchema;
  readonly accepts: readonly unknown[];
  readonly refuses: readonly unknown[];
}[] = [
  { field: 'a string', schema: StringField, accepts: ['a text', '', ' '], refuses: [] },
  ...[IdField, CodeField, EmailField].map((schema, index) => ({
    field: ['an id', 'a code', 'an e-mail address'][index] ?? '',
    schema,
    accepts: ['a text', 'x'.repeat(512), '\u{1F600}'.repeat(256), '0'],
    refuses: ['', ' ', 'x'.repeat(513), 'null', '{{id}}'],
  })),
  {
    field: 'a name',
    schema: NameField,
    accepts: ['a text', 'Null', 'x'.repeat(513)],
    refuses: ['', ' ', '{{name}}'],
  },
  { field: 'a boolean', schema: BooleanField, accepts: [true, false], refuses: ['true'] },
  {
    field: 'a time',
    schema: TimeField,
    accepts: ['2026-02-28', '2026-02-28T00:00:00Z', '2024-02-29'],
    refuses: ['2026-02-29', '2026-02-28T24:00:00Z', 1_577_836_800_000],
  },
  {
    field: 'a number',
    schema: NumberField,
    accepts: [0, 1, 0.5, 1e300, Number.MAX_VALUE],
    refuses: ['1', -1e-9, TOO_LARGE, Number.NaN],
  },
  {
    field: 'a percentage',
    schema: PercentField,
    accepts: [0, 1, 0.5, 100],
    refuses: ['1', -0.01, 100.01, TOO_LARGE],
  },
  {
    field: 'a list of strings',
    schema: StringListField,
    accepts: [[], ['a'], ['a', '']],
    refuses: [['a', 1], ['a', null], [['a']], { 0: 'a' }],
  },
  {
    field: 'the days of a week',
    schema: WeekdaysField,
    accepts: [[], [0], [6], [0, 1, 2, 3, 4, 5, 6]],
    refuses: [[-1], [7], [0.5], ['1'], [true], [null], [[1]], [1, '2'], { 0: 1 }, '1', 1],
  },
  {
    field: 'metadata',
    schema: MetadataField,
    accepts: [{}, { own: [{ key: 1 }] }, deep(100)],
    refuses: [deep(101), { own: TOO_LARGE }],
  },
  { field: 'an object', schema: ObjectField, accepts: [{}, { id: 'a', more: 1 }], refuses: [[{}]] },
  {
    field: 'a list of objects',
    schema: ListSchema,
    accepts: [[], [{}], [{ id: 'a' }], objects(500)],
    refuses: [objects(501), [null], [[]], [{}, 'a'], { 0: {} }],
  },
];

describe.each(FIELDS)('$field', ({ schema, accepts, refuses }) => {
  const toText = (value: unknown): string => JSON.stringify(value);

  it.each(accepts.map((value) => [value]))('can be %j', (value) => {
    expect(v.is(schema, value)).toBe(true);
  });

  it.each(refuses.map((value) => [value]))('cannot be %j', (value) => {
    expect(v.is(schema, value)).toBe(false);
  });

  it('can be of no other type', () => {
    const accepted = ANY_TYPE.filter((value) => v.is(schema, value)).map(toText);
    const listed = new Set(accepts.map(toText));
    expect(accepted.filter((text) => !listed.has(text))).toEqual([]);
  });

  it('can be null or absent, unless it is a list of objects in such a field', () => {
    expect([v.is(schema, null), v.is(schema, undefined)]).toEqual(
      schema === ListSchema ? [false, false] : [true, true],
    );
  });
});

it('every list of whole numbers from 0 to 6, and no other list, is the days of a week', () => {
  const item = fc.oneof(fc.integer({ min: -2, max: 9 }), fc.double(), fc.string(), fc.boolean());
  fc.assert(
    fc.property(fc.array(item, { maxLength: 4 }), (days) => {
      const isValid = days.every((day) => [0, 1, 2, 3, 4, 5, 6].some((weekday) => weekday === day));
      expect(v.is(WeekdaysField, days)).toBe(isValid);
    }),
  );
});
