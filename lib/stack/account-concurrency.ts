import * as v from 'valibot';
import type { PlannedDestination } from './plan-destinations.ts';

/** AWS keeps this much of the quota unreserved (Lambda developer guide, Configuring reserved concurrency). */
const UNRESERVED = 100;
const NumberSchema = v.pipe(v.union([v.string(), v.number()]), v.transform(Number), v.number());

/**
 * Finds whether all concurrency caps together fit the account's quota of concurrent executions. Above it,
 * a busy destination could delay the others, or receive.
 * @param values the stage parameters, which are valid
 * @returns null when they do, else the fault with every figure by its name
 */
export function findConcurrencyFault(
  values: Readonly<Record<string, unknown>>,
  destinations: readonly PlannedDestination[],
): string | null {
  const read = (name: string): number | null => {
    const parsed = v.safeParse(NumberSchema, values[name]);
    return parsed.success ? parsed.output : null;
  };
  const quota = read('accountConcurrency');
  const reserved = read('receiveReservedConcurrency');
  const figures: [string, number][] = [
    ['recordsConcurrency', read('recordsConcurrency') ?? 0],
    reserved === null ? ['for receive', UNRESERVED] : ['receiveReservedConcurrency', reserved],
    ...destinations.map(({ name, settings }): [string, number] => [
      `the destination '${name}'`,
      settings.maximumConcurrency,
    ]),
  ];
  const sum = figures.reduce((total, [, figure]) => total + figure, 0);
  if (quota === null || sum <= quota) return null;
  const list = figures.map(([name, figure]) => `${name} ${figure}`).join(', ');
  return `accountConcurrency is ${quota}, and the concurrency caps add up to ${sum}: ${list}. Lower recordsConcurrency or a destination's limit.concurrency, or ask AWS for a higher quota and set accountConcurrency to it`;
}
