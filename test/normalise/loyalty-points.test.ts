import { describe, expect, it } from 'vitest';
import { hasWrongSign, toPoints } from '../../lib/normalise/loyalty-points.ts';

const NO_DATES = { date: null, expiresAt: null };

describe('points on both sides of zero', () => {
  it.each<[string | null, number | null, number | null, string | null]>([
    ['POINTS_EARNED', 1, 1, 'gained'],
    ['POINTS_EARNED', 0, 0, 'gained'],
    ['POINTS_EARNED', -1, null, null],
    ['POINTS_EARNED', null, null, 'gained'],
    ['POINTS_EXPIRED', 1, -1, 'lost'],
    ['POINTS_EXPIRED', 0, 0, 'lost'],
    ['POINTS_EXPIRED', -1, -1, 'lost'],
    ['POINTS_EXPIRED', null, null, 'lost'],
    ['BRAND_NEW', 1, null, null],
    [null, -1, null, null],
  ])('of the type %s, %s, change the card by %s: %s', (type, total, change, direction) => {
    const points = toPoints({ total, ...NO_DATES }, type);
    expect(points).toMatchObject({ total, change, direction });
    expect(Object.is(points.change, -0)).toBe(false);
    expect(hasWrongSign(total, type)).toBe(type === 'POINTS_EARNED' && total === -1);
  });
});
