import { describe, expect, it } from 'vitest';
import { CAMPAIGN } from '../../lib/normalise/campaign.ts';
import { CUSTOMER } from '../../lib/normalise/customer.ts';
import { DISTRIBUTION } from '../../lib/normalise/distribution.ts';
import {
  computed,
  constant,
  copied,
  defineFieldMap,
  given,
  inside,
  items,
  nested,
} from '../../lib/normalise/field-map.ts';
import { PUBLICATION } from '../../lib/normalise/publication.ts';
import { campaign, customer, distribution, publication } from '../support/payloads.ts';

interface Source {
  readonly name?: string | null;
  readonly size?: number | null;
  readonly box?: { readonly label?: string | null } | null;
  readonly parts?: readonly { readonly label?: string | null }[] | null;
}

const LABELLED = defineFieldMap<{ readonly label?: string | null }, { title: string | null }>({
  title: 'label',
});

const MAP = defineFieldMap<
  Source,
  {
    kind: 'box';
    name: string | null;
    isLarge: boolean;
    box: { title: string | null } | null;
    label: string | null;
    parts: { title: string | null }[] | null;
    currency: string | null;
  },
  { readonly currency: string | null }
>({
  kind: constant('box', 'type'),
  name: 'name',
  isLarge: computed((source: Source) => (source.size ?? 0) > 9),
  box: nested('box', LABELLED),
  label: inside('box', copied('label')),
  parts: items('parts', LABELLED),
  currency: given('currency'),
});

describe('a field map', () => {
  it('converts an object, key by key, in the order of the record', () => {
    const source = { name: 'a', size: 12, box: { label: 'b' }, parts: [{ label: 'c' }, {}] };
    const converted = MAP.convert(source, { currency: 'SEK' });
    expect(Object.entries(converted)).toEqual([
      ['kind', 'box'],
      ['name', 'a'],
      ['isLarge', true],
      ['box', { title: 'b' }],
      ['label', 'b'],
      ['parts', [{ title: 'c' }, { title: null }]],
      ['currency', 'SEK'],
    ]);
  });

  it('gives null for everything that is absent', () => {
    expect(MAP.convert({ box: null }, { currency: null })).toEqual({
      kind: 'box',
      name: null,
      isLarge: false,
      box: null,
      label: null,
      parts: null,
      currency: null,
    });
  });

  it('lists the keys that the conversion consumes', () => {
    const label = new Map([['label', 'value']]);
    expect(MAP.consumes).toEqual(
      new Map<string, unknown>([
        ['type', 'value'],
        ['name', 'value'],
        ['box', { keys: label }],
        ['parts', { itemKeys: label }],
      ]),
    );
  });

  it('does not compile with a key that is missing, misspelt or of another type', () => {
    // @ts-expect-error the record's key `size` is missing
    defineFieldMap<Source, { name: string | null; size: number | null }>({ name: 'name' });
    // @ts-expect-error the record has no key `nmae`
    defineFieldMap<Source, { name: string | null }>({ name: 'name', nmae: 'name' });
    // @ts-expect-error Voucherify's object has no key `nmae`
    defineFieldMap<Source, { name: string | null }>({ name: 'nmae' });
    // @ts-expect-error `size` is a number
    defineFieldMap<Source, { name: string | null }>({ name: 'size' });
    const misspelt = nested('bxo', LABELLED);
    // @ts-expect-error Voucherify's object has no key `bxo`
    defineFieldMap<Source, { box: { title: string | null } | null }>({ box: misspelt });
    expect(MAP.consumes.has('size')).toBe(false);
  });

  it.each([
    ['campaign', CAMPAIGN, campaign()],
    ['customer', CUSTOMER, customer()],
    ['distribution', DISTRIBUTION, distribution()],
    ['publication', PUBLICATION, publication()],
  ])('consumes only keys of a %s that reach the record', (_, map, source) => {
    const { consumes, convert } = map as unknown as typeof MAP;
    const whole = JSON.stringify(convert(source, { currency: null }));
    for (const key of consumes.keys()) {
      if (source[key] === null || source[key] === undefined) continue;
      const without = JSON.stringify(convert({ ...source, [key]: null }, { currency: null }));
      expect([key, without]).not.toEqual([key, whole]);
    }
  });
});
