import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { createBatch } from './create-batch.ts';
import { measureInTurn, type Measure } from './compare.ts';
import type { Bench } from './open-bench.ts';
import type { BenchRow } from './row.ts';
import { buildRivals } from './rivals/rivals.ts';
import { benchBody, genuineEvent, signBody } from './webhooks.ts';

/** One figure of each variant. */
export interface RivalComparison {
  readonly label: string;
  readonly unit: 'KB' | 'ms' | 'us';
  /** By the name of the variant; `ours again` is the control. */
  readonly figures: Readonly<Record<string, number>>;
}

const KB = 1_024;
const COLD_ROUNDS = 15;
const WARM_ROUNDS = 5;
const WHOLE_HANDLER = 'receive: the whole warm handler with its call to SQS, CPU';

/** Measures what users would write instead, with the same webhooks in the same run. */
export async function compareRivals(bench: Bench): Promise<readonly RivalComparison[]> {
  const { builder, cold, cpuMicros, getEnv, log } = bench;
  log('rivals ...');
  const rivals = await buildRivals(builder);
  const ours = rivals[0];
  if (ours === undefined) return [];
  const allVariants = [...rivals, { ...ours, name: 'ours again' }];
  type Part = 'receive' | 'fanOut' | 'toMessage';
  const measureEach = (part: Part, createMeasure: (bundle: string) => Measure) =>
    Object.fromEntries(
      allVariants.flatMap((rival) => {
        const bundle = rival[part];
        return bundle === null ? [] : [[rival.name, createMeasure(bundle)]];
      }),
    );
  const measureGzipSize = (bundle: string) => async () =>
    gzipSync(await readFile(bundle)).length / KB;
  const measureColdStart = (functionName: string, event: unknown) => (bundle: string) => async () =>
    (await cold.start({ bundle, env: getEnv(functionName), event })).cpuMs;
  const body = signBody(benchBody());
  const event = genuineEvent();
  const env = getEnv('receive');
  const compare = async (
    label: string,
    unit: RivalComparison['unit'],
    rounds: number,
    variants: Readonly<Record<string, Measure>>,
  ): Promise<RivalComparison> => {
    log(`  ${label} ...`);
    return { label, unit, figures: await measureInTurn(rounds, variants) };
  };
  return [
    await compare('receive: code, gzip', 'KB', 1, measureEach('receive', measureGzipSize)),
    await compare(
      'receive: cold start, CPU',
      'ms',
      COLD_ROUNDS,
      measureEach('receive', measureColdStart('receive', event)),
    ),
    await compare(
      'fanOut: cold start, CPU',
      'ms',
      COLD_ROUNDS,
      measureEach('fanOut', measureColdStart('fanOut', createBatch(1))),
    ),
    await compare(
      'receive: verify to serialise, CPU',
      'us',
      WARM_ROUNDS,
      measureEach('toMessage', (bundle) => cpuMicros(bundle, body)),
    ),
    await compare(
      WHOLE_HANDLER,
      'us',
      WARM_ROUNDS,
      measureEach('receive', (bundle) => cpuMicros(bundle, event, env)),
    ),
  ];
}

/** The target that our warm handler is never slower than the fastest rival. */
export function toBestRivalRow(comparisons: readonly RivalComparison[]): BenchRow {
  const figures = comparisons.find(({ label }) => label === WHOLE_HANDLER)?.figures ?? {};
  const { ours = Number.NaN, 'ours again': again = Number.NaN, ...rivals } = figures;
  const [name, best] = Object.entries(rivals).reduce((one, other) =>
    other[1] < one[1] ? other : one,
  );
  return {
    label: 'receive: the whole warm handler / the fastest rival',
    measured: ours / best,
    unit: '',
    target: { atMost: 1 },
    control: again / ours,
    detail: `${ours.toFixed(1)} us / ${best.toFixed(1)} us (${name})`,
  };
}

/** The comparisons as a table: ours, then each rival with its figure as a multiple of ours. */
export function toRivalCells(comparisons: readonly RivalComparison[]): string[][] {
  const names = Object.keys(comparisons[0]?.figures ?? {}).filter((name) => name !== 'ours');
  return [
    ['what', 'ours', ...names, 'least'],
    ...comparisons.map(({ label, unit, figures }) => {
      const ours = figures['ours'] ?? Number.NaN;
      const multiple = (name: string): string => {
        const value = figures[name];
        return value === undefined ? '' : `${(value / ours).toFixed(2)} x`;
      };
      return [label, `${ours.toFixed(1)} ${unit}`, ...names.map(multiple), findLeast(figures)];
    }),
  ];
}

/** The variant with the smallest figure; several where the difference is within the noise of the control. */
function findLeast(figures: Readonly<Record<string, number>>): string {
  const { ours = Number.NaN, 'ours again': again = ours, ...rivals } = figures;
  const noise = Math.abs(again - ours);
  const least = Math.min(ours, ...Object.values(rivals));
  return Object.entries({ ours, ...rivals })
    .filter(([, value]) => value - least <= noise)
    .map(([name]) => name)
    .join(', ');
}
