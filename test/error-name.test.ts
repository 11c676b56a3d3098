import { expect, it } from 'vitest';
import { errorName } from '../lib/error-name.ts';

it.each([
  ['an error of the platform', new TypeError('secret-looking detail'), 'TypeError'],
  [
    'an error whose name is not a string',
    Object.assign(new Error('x'), { name: { a: 1 } }),
    'Error',
  ],
  ['a string', 'secret-looking detail', 'string'],
  ['nothing', undefined, 'undefined'],
])('the name of %s is a text without its message', (_what, thrown, name) => {
  expect(errorName(thrown)).toBe(name);
});
