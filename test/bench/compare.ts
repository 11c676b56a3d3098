/** Measures something once. */
export type Measure = () => Promise<number>;

/** The middle of some numbers; of an even count, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/**
 * Measures variants in turn, round by round, so that other load on the machine affects all of them alike.
 * @returns the median of each
 */
export async function measureInTurn<Name extends string>(
  rounds: number,
  variants: Readonly<Record<Name, Measure>>,
): Promise<Readonly<Record<Name, number>>> {
  const entries = Object.entries<Measure>(variants).map(([name, measure]) => ({
    name,
    measure,
    values: [] as number[],
  }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { measure, values } of entries) values.push(await measure());
  }
  return Object.fromEntries(entries.map(({ name, values }) => [name, median(values)])) as Readonly<
    Record<Name, number>
  >;
}

/** One measurement divided by another, and, as the control, by itself. */
export interface Ratio {
  readonly ratio: number;
  readonly control: number;
  readonly ours: number;
  readonly base: number;
}

/** @param ours is measured twice a round; the second divided by the first is the control */
export async function measureRatio(rounds: number, ours: Measure, base: Measure): Promise<Ratio> {
  const medians = await measureInTurn(rounds, { base, ours, again: ours });
  return {
    ratio: medians.ours / medians.base,
    control: medians.again / medians.ours,
    ours: medians.ours,
    base: medians.base,
  };
}

/**
 * Divides ours by the floor: what the same work costs when nothing of ours runs.
 * @param floor is measured twice a round; the second divided by the first is the control
 * @param empty what both contain and what is subtracted from both; left out: nothing
 * @returns `ours` and `base` without what was subtracted
 */
export async function measureAgainstFloor(
  rounds: number,
  ours: Measure,
  floor: Measure,
  empty: Measure = async () => 0,
): Promise<Ratio> {
  const medians = await measureInTurn(rounds, { empty, floor, ours, again: floor });
  const net = (total: number): number => total - medians.empty;
  return {
    ratio: net(medians.ours) / net(medians.floor),
    control: net(medians.again) / net(medians.floor),
    ours: net(medians.ours),
    base: net(medians.floor),
  };
}
