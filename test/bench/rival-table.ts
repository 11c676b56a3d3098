import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { batchOf } from './batches.ts';
import { inTurn, type Measure } from './compare.ts';
import type { Lab } from './lab.ts';
import { buildRivals } from './rivals/rivals.ts';
import { benchBody, genuineEvent, signed } from './webhooks.ts';

/** One figure of every variant; in the table they stand beside ours. */
export interface Comparison {
  readonly what: string;
  readonly unit: 'KB' | 'ms' | 'us';
  /** By the variant's name; `ours again` is the control. */
  readonly figures: Readonly<Record<string, number>>;
}

const KB = 1_024;
const COLD_ROUNDS = 15;
const WARM_ROUNDS = 3;

/** What users would write instead, with the same webhooks in the same run. */
export async function compareRivals(lab: Lab): Promise<readonly Comparison[]> {
  const { builder, cold, cpuMicros, envOf, say } = lab;
  say('rivals ...');
  const rivals = await buildRivals(builder);
  const ours = rivals[0];
  if (ours === undefined) return [];
  const all = [...rivals, { ...ours, name: 'ours again' }];
  type Part = 'receive' | 'fanOut' | 'understanding';
  const each = (part: Part, measureOf: (bundle: string) => Measure) =>
    Object.fromEntries(
      all.flatMap((rival) => {
        const bundle = rival[part];
        return bundle === null ? [] : [[rival.name, measureOf(bundle)]];
      }),
    );
  const packed = (bundle: string) => async () => gzipSync(await readFile(bundle)).length / KB;
  const start = (functionName: string, event: unknown) => (bundle: string) => () =>
    cold.start({ bundle, env: envOf(functionName), event });
  const body = signed(benchBody());
  const event = genuineEvent();
  const env = envOf('receive');
  const comparison = async (
    what: string,
    unit: Comparison['unit'],
    rounds: number,
    variants: Readonly<Record<string, Measure>>,
  ): Promise<Comparison> => {
    say(`  ${what} ...`);
    return { what, unit, figures: await inTurn(rounds, variants) };
  };
  return [
    await comparison('receive: code, gzip', 'KB', 1, each('receive', packed)),
    await comparison(
      'receive: cold process until its first answer',
      'ms',
      COLD_ROUNDS,
      each('receive', start('receive', event)),
    ),
    await comparison(
      'fanOut: cold process until its first answer',
      'ms',
      COLD_ROUNDS,
      each('fanOut', start('fanOut', batchOf(1))),
    ),
    await comparison(
      'receive: verify to serialise, CPU',
      'us',
      WARM_ROUNDS,
      each('understanding', (bundle) => cpuMicros(bundle, body)),
    ),
    await comparison(
      'receive: the whole warm handler with its call of SQS, CPU',
      'us',
      WARM_ROUNDS,
      each('receive', (bundle) => cpuMicros(bundle, event, env)),
    ),
  ];
}

/** The comparisons as a table: ours, then each rival with its figure as a multiple of ours. */
export function rivalCells(comparisons: readonly Comparison[]): string[][] {
  const names = Object.keys(comparisons[0]?.figures ?? {}).filter((name) => name !== 'ours');
  return [
    ['what', 'ours', ...names, 'least'],
    ...comparisons.map(({ what, unit, figures }) => {
      const ours = figures['ours'] ?? Number.NaN;
      const multiple = (name: string): string => {
        const value = figures[name];
        return value === undefined ? '' : `${(value / ours).toFixed(2)} x`;
      };
      return [what, `${ours.toFixed(1)} ${unit}`, ...names.map(multiple), leastOf(figures)];
    }),
  ];
}

/** Who has the least; several where the control shows that the difference is none. */
function leastOf(figures: Readonly<Record<string, number>>): string {
  const { ours = Number.NaN, 'ours again': again = ours, ...rivals } = figures;
  const noise = Math.abs(again - ours);
  const least = Math.min(ours, ...Object.values(rivals));
  return Object.entries({ ours, ...rivals })
    .filter(([, value]) => value - least <= noise)
    .map(([name]) => name)
    .join(', ');
}
