import type { HeldRows } from './delivery.ts';
import type { Item } from './parse-batch.ts';
import { splitEvery } from '../split-every.ts';

/**
 * After each failed attempt a delivery shares its request with so many times fewer others: one that makes
 * every request fail must not use up the attempts of all that are sent with it.
 */
const FEWER_FACTOR = 4;

/** Deliveries that share a request; one for most destinations. */
export type Group = readonly Item[];

/** A delivery whose rows are held. */
export type HeldItem = Item & { readonly held: HeldRows };

/**
 * Computes how many deliveries may share a request, one that has this attempt included.
 * @param attempt the number of its next attempt, from 1
 */
export function computeShare(attempt: number, maxGroupSize: number): number {
  return Math.max(1, Math.floor(maxGroupSize / FEWER_FACTOR ** (attempt - 1)));
}

/** Puts deliveries that failed before into groups of those that failed as often. */
export function regroup(items: readonly HeldItem[], maxGroupSize: number): readonly Group[] {
  return [...Map.groupBy(items, ({ held }) => held.attempt)].flatMap(([attempt, ofIt]) =>
    splitEvery(computeShare(attempt, maxGroupSize), ofIt),
  );
}

/**
 * A suspect is taken again, by a holder of its own: DynamoDB may carry out the release of its row late, and
 * that must not end the second hold.
 */
export function toSuspect(item: Item): Item {
  const { holder } = item;
  return { ...item, holder: { ...holder, token: `${holder.token}#alone` } };
}
