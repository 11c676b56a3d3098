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
  const quota = readFigure(values, 'accountConcurrency');
  const figures = listFigures(values, destinations);
  const sum = addUp(figures);
  if (quota === null || sum <= quota) return null;
  const list = figures.map(([name, figure]) => `${name} ${figure}`).join(', ');
  return `accountConcurrency is ${quota}, and the concurrency caps add up to ${sum}: ${list}. Lower recordsConcurrency or a destination's limit.concurrency, or ask AWS for a higher quota and set accountConcurrency to it`;
}

/**
 * Returns how many concurrent executions the caps need of what no function of the account has reserved: all
 * of them, without what is reserved for receive.
 */
export function computeUnreservedNeed(
  values: Readonly<Record<string, unknown>>,
  destinations: readonly PlannedDestination[],
): number {
  const reserved = readFigure(values, 'receiveReservedConcurrency') ?? 0;
  return addUp(listFigures(values, destinations)) - reserved;
}

/** Every cap by its name. */
function listFigures(
  values: Readonly<Record<string, unknown>>,
  destinations: readonly PlannedDestination[],
): readonly [string, number][] {
  const reserved = readFigure(values, 'receiveReservedConcurrency');
  return [
    ['recordsConcurrency', readFigure(values, 'recordsConcurrency') ?? 0],
    reserved === null ? ['for receive', UNRESERVED] : ['receiveReservedConcurrency', reserved],
    ...destinations.map(({ name, settings }): [string, number] => [
      `the destination '${name}'`,
      settings.maximumConcurrency,
    ]),
  ];
}

function readFigure(values: Readonly<Record<string, unknown>>, name: string): number | null {
  const parsed = v.safeParse(NumberSchema, values[name]);
  return parsed.success ? parsed.output : null;
}

function addUp(figures: readonly [string, number][]): number {
  return figures.reduce((total, [, figure]) => total + figure, 0);
}
