import { describe, expect, it } from 'vitest';
import { formatPath, getObjectAt, getOwn, setOwn } from '../../lib/voucherify/json.ts';

/** As JSON.parse makes it: `__proto__` is an own key. */
const parse = (text: string): { [key: string]: unknown } =>
  JSON.parse(text) as { [key: string]: unknown };

describe.each(['__proto__', 'constructor', 'toString', 'a'])('the key %s of an object', (key) => {
  it('is set as JSON.parse sets it, and can be set again', () => {
    const target: { [name: string]: unknown } = {};
    setOwn(target, key, { n: 1 });
    expect(Object.getOwnPropertyDescriptors(target)).toEqual(
      Object.getOwnPropertyDescriptors(parse(`{"${key}":{"n":1}}`)),
    );
    expect(Object.getPrototypeOf(target)).toBe(Object.prototype);
    setOwn(target, key, 2);
    expect(JSON.stringify(target)).toBe(`{"${key}":2}`);
  });

  it('is read only where it is its own', () => {
    expect(getOwn({}, key)).toBeUndefined();
    expect(getOwn(parse(`{"${key}":null}`), key)).toBeNull();
    expect(getOwn(parse(`{"${key}":1}`), key)).toBe(1);
  });
});

it.each<[readonly string[], unknown]>([
  [[], { a: { b: { c: 1 } }, list: [{}], text: 'x', none: null }],
  [['a'], { b: { c: 1 } }],
  [['a', 'b'], { c: 1 }],
  [['a', 'b', 'c'], null],
  [['list'], null],
  [['list', '0'], null],
  [['text', 'length'], null],
  [['none'], null],
  [['none', 'a'], null],
  [['absent', 'a'], null],
])('the object at %j is %j', (path, object) => {
  const root = { a: { b: { c: 1 } }, list: [{}], text: 'x', none: null };
  expect(getObjectAt(root, path)).toEqual(object);
});

it('a path is written with dots, and is empty for the root', () => {
  expect([formatPath([]), formatPath(['a']), formatPath(['a', 0, 'b'])]).toEqual([
    '',
    'a',
    'a.0.b',
  ]);
});
