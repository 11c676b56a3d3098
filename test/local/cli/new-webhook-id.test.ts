import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withNewId, createRandomId } from '../../../lib/local/cli/new-webhook-id.ts';

const newId = (prefix: string): string => `${prefix}new`;
const replaceId = (text: string): string => withNewId(Buffer.from(text), newId).toString();

test('an envelope gets a new id, and all other characters stay', () => {
  expect(replaceId('{ "id": "whs_old",\n  "data": {"n": 1.0, "at": "whs_old "} }')).toBe(
    '{ "id": "whs_new",\n  "data": {"n": 1.0, "at": "whs_old "} }',
  );
});

test('a body without an envelope gets a new publication id', () => {
  expect(replaceId('{"publication":{"id":"pub_old","customer":"cust_a"}}')).toBe(
    '{"publication":{"id":"pub_new","customer":"cust_a"}}',
  );
});

test('only the id of an envelope changes, whatever its payload', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(3), (data, indent) => {
      const withId = (id: string): string => JSON.stringify({ id, data }, null, indent);
      expect(replaceId(withId('whs_an-old-one'))).toBe(withId('whs_new'));
    }),
  );
});

test.each(['{"a":1}', '{"id":"evt_a"}', 'no JSON', '[]', '{"publication":{"id":""}}'])(
  'a body without such an id is rejected: %s',
  (text) => {
    expect(() => replaceId(text)).toThrow('--new-id needs a body with a webhook id');
  },
);

test('random ids differ', () => {
  expect(createRandomId('whs_')).toMatch(/^whs_[0-9a-f]{18}$/);
  expect(createRandomId('whs_')).not.toBe(createRandomId('whs_'));
});
