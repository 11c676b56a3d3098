import { describe, expect, it } from 'vitest';
import { errorName } from '../lib/error-name.ts';

describe('the name of a thrown value', () => {
  it.each([
    ['the class of an error', new RangeError('of ida@example.test'), 'RangeError'],
    [
      'the name that an AWS error carries',
      Object.assign(new Error(), { name: 'Throttled' }),
      'Throttled',
    ],
    ['the type of anything else', 'of ida@example.test', 'string'],
    ['the type of nothing', undefined, 'undefined'],
  ])('is %s', (_case, thrown, name) => {
    expect(errorName(thrown)).toBe(name);
  });
});
