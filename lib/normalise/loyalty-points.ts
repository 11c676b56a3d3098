import type { Loyalty } from '../record/record.ts';
import type {
  VoucherifyBucket,
  VoucherifyPayment,
  VoucherifyPoints,
} from '../voucherify/loyalty-transaction.ts';
import { constant, copied, defineFieldMap, inside } from './field-map.ts';

type Points = NonNullable<Loyalty['points']>;
type SentPoints = Pick<Points, 'total' | 'date' | 'expiresAt'>;

/** The points of most transactions: `details.points`. */
export const MOVED_POINTS = defineFieldMap<VoucherifyPoints, SentPoints>({
  total: 'total',
  date: 'date',
  expiresAt: 'expiration_date',
});

/** The points that somebody made expire by hand: `details.bucket`. */
export const EXPIRED_BUCKET = defineFieldMap<VoucherifyBucket, SentPoints>({
  total: inside('points', copied('total')),
  date: constant(null),
  expiresAt: 'expiration_date',
});

/** The points that paid for an order: `details.payment`. */
export const SPENT_POINTS = defineFieldMap<VoucherifyPayment, SentPoints>({
  total: 'points_spent',
  date: constant(null),
  expiresAt: constant(null),
});

/** Which way a type of transaction moves points, and whether they are pending. */
interface Movement {
  readonly direction: Points['direction'];
  readonly pending: Points['pending'];
}

const GAINED: Movement = { direction: 'gained', pending: false };
const LOST: Movement = { direction: 'lost', pending: false };
const UNKNOWN: Movement = { direction: null, pending: null };

/**
 * Which way the points go: the type says it, since most numbers are sent without a sign (vendor facts
 * on workflows, section 3). Pending points have a balance of their own, which gains them when they are
 * added and loses them when they are canceled; when they are activated, the card gains them.
 */
const MOVEMENTS: ReadonlyMap<string | null, Movement> = new Map([
  ['POINTS_EARNED', GAINED],
  ['ADMIN_CREDIT', GAINED],
  ['ADMIN_DEBIT', LOST],
  ['ADMIN_POINTS_EXPIRATION', LOST],
  ['POINTS_SPENT_ON_REWARD', LOST],
  ['POINTS_PURCHASED', GAINED],
  ['POINTS_PURCHASE_REVERSED', LOST],
  ['POINTS_SPENT_ON_ORDER', LOST],
  ['POINTS_REFUNDED', LOST],
  ['POINTS_RETURNED', GAINED],
  ['POINTS_EXPIRED', LOST],
  ['PENDING_POINTS_ADDED', { direction: 'gained', pending: true }],
  ['PENDING_POINTS_ACTIVATED', GAINED],
  ['PENDING_POINTS_CANCELED', { direction: 'lost', pending: true }],
  ['PAY_WITH_POINTS', LOST],
  ['PURCHASE', LOST],
  ['REFUND', GAINED],
]);

/**
 * Adds the direction to points as sent. A type that gains points cannot have a negative total: then the
 * direction is not known.
 * @param type of the transaction; null when unknown
 */
export function toPoints({ total, date, expiresAt }: SentPoints, type: string | null): Points {
  const known = MOVEMENTS.get(type) ?? UNKNOWN;
  const { direction, pending } = hasWrongSign(total, type) ? UNKNOWN : known;
  return { total, change: toChange(total, direction), direction, pending, date, expiresAt };
}

/** Says whether points have a sign that their type cannot have. */
export function hasWrongSign(total: number | null, type: string | null): boolean {
  return total !== null && total < 0 && MOVEMENTS.get(type)?.direction === 'gained';
}

function toChange(total: number | null, direction: Points['direction']): number | null {
  if (total === null || direction === null) return null;
  // 0 is never -0, which JSON writes as 0
  return direction === 'gained' || total === 0 ? Math.abs(total) : -Math.abs(total);
}
