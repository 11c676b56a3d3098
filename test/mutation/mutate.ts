import { randomInt } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArguments } from '../../lib/local/cli/arguments.ts';
import { PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';
import { runCli, UsageError } from '../../lib/local/cli/run-cli.ts';
import { formatTable } from '../../lib/local/cli/table.ts';
import { createSeededRandom } from '../chaos/seeded-random.ts';
import {
  applyMutant,
  describeMutant,
  findMutants,
  type Mutant,
  OPERATORS,
} from './find-mutants.ts';
import { createTestFinder, listSources } from './find-tests.ts';
import { createWorkCopy, type WorkCopy } from './work-copy.ts';

const USAGE = `Usage: npm run mutate [-- --mutants N] [--seed S] [--files PATH] [--operator NAME]
  Makes single changes in lib/ (without lib/local), in a copy of the project, and runs for each the
  tests that import the file. Prints which changes no test noticed.
  --mutants   how many changes (default: 100)
  --seed      makes the same changes as an earlier run (default: random)
  --files     only files whose path begins so, for example lib/normalise
  --operator  only changes of this kind: ${OPERATORS.join(', ')}`;
const DEFAULT_MUTANTS = '100';
const SEED_RANGE = 1_000_000;
/** Of the developer's machine, or nothing but what bundles leave out. */
const NOT_MUTATED = /^lib\/(?:local|platform\/bundle-stubs)\//;

/** A test file that takes longer is run last, and only for a change of its own folder. */
const SLOW_SECONDS = 6;
/** A generous time for the start of the test runner. */
const START_SECONDS = 60;

/** A change of one file. */
interface FileMutant extends Mutant {
  readonly file: string;
  readonly source: string;
}

/** Who noticed a change. */
type Verdict = 'tests' | 'compiler' | 'nobody';

await runCli(async (print) => {
  const { values } = parseArguments(
    {
      options: {
        mutants: { type: 'string', default: DEFAULT_MUTANTS },
        seed: { type: 'string' },
        files: { type: 'string', default: 'lib/' },
        operator: { type: 'string' },
        help: { type: 'boolean' },
      },
    },
    USAGE,
  );
  if (values.help) {
    print(USAGE);
    return 0;
  }
  const seed = parseWholeNumber(values.seed) ?? randomInt(SEED_RANGE);
  const all = (await findAll(values.files)).filter(
    ({ operator }) => values.operator === undefined || values.operator === operator,
  );
  const chosen = choose(all, parseWholeNumber(values.mutants) ?? 0, seed);
  print(`seed: ${seed}, ${chosen.length} of ${all.length} changes`);
  if (chosen.length === 0) throw new UsageError(USAGE);

  const copy = await createWorkCopy(PROJECT_FOLDER);
  const stop = (): void => {
    void copy.remove().finally(() => process.exit(130));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const results = await runAll(copy, chosen, print);
    const report = formatReport(results);
    await mkdir(join(PROJECT_FOLDER, '.local'), { recursive: true });
    const file = join('.local', `mutation-${seed}.txt`);
    await writeFile(join(PROJECT_FOLDER, file), `seed: ${seed}\n${report}\n`);
    print(`\nseed: ${seed}; also in ${file}\n${report}`);
    return 0;
  } finally {
    await copy.remove();
  }
});

function parseWholeNumber(option: string | undefined): number | null {
  if (option === undefined) return null;
  if (!/^\d{1,9}$/.test(option)) throw new UsageError(`${option} is not a whole number.\n${USAGE}`);
  return Number(option);
}

async function findAll(prefix: string): Promise<FileMutant[]> {
  const files = await listSources(PROJECT_FOLDER, 'lib');
  const chosen = files.filter((file) => file.startsWith(prefix) && !NOT_MUTATED.test(file));
  const found = await Promise.all(
    chosen.map(async (file) => {
      const source = await readFile(join(PROJECT_FOLDER, file), 'utf8');
      return findMutants(source).map((mutant) => Object.assign(mutant, { file, source }));
    }),
  );
  return found.flat();
}

/** Takes one of each operator in turn, so that frequent ones, such as strings, do not hide the others. */
function choose(all: readonly FileMutant[], count: number, seed: number): FileMutant[] {
  const random = createSeededRandom(seed);
  const shuffled = all
    .map((mutant) => {
      const { file, start, end, replacement } = mutant;
      return { mutant, order: random(file, start, end, replacement) };
    })
    .sort((one, other) => one.order - other.order)
    .map(({ mutant }) => mutant);
  const byOperator = [...Map.groupBy(shuffled, ({ operator }) => operator).values()];
  const rounds = Math.max(0, ...byOperator.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) =>
    byOperator.flatMap((mutants) => mutants[round] ?? []),
  )
    .flat()
    .slice(0, count);
}

type Result = readonly [mutant: FileMutant, verdict: Verdict];

async function runAll(
  copy: WorkCopy,
  mutants: readonly FileMutant[],
  print: (text: string) => void,
): Promise<Result[]> {
  const findTests = await createTestFinder(PROJECT_FOLDER);
  const tests = new Set<string>();
  for (const { file } of mutants) {
    const { own, others } = findTests(file);
    for (const test of [...own, ...others]) tests.add(test);
  }
  print(`${tests.size} test files, without a change ...`);
  const durations = await copy.timeTests([...tests]);
  const isQuick = (test: string): boolean =>
    (durations.get(test) ?? Number.POSITIVE_INFINITY) < SLOW_SECONDS;
  const isSlow = (test: string): boolean => durations.has(test) && !isQuick(test);
  const failed = [...tests].filter((test) => !durations.has(test));
  print(`slow, run for their own folder only: ${[...tests].filter(isSlow).join(', ')}`);
  print(`left out, because they do not pass in a shared worker: ${failed.join(', ')}`);
  const runTests = (files: readonly string[]): Promise<boolean> => {
    const usualSeconds = files.reduce((sum, test) => sum + (durations.get(test) ?? 0), 0);
    return copy.runTests(files, START_SECONDS + 3 * usualSeconds);
  };
  const results: Result[] = [];
  for (const [index, mutant] of mutants.entries()) {
    const startedAt = performance.now();
    const { own, others } = findTests(mutant.file);
    await copy.write(mutant.file, applyMutant(mutant.source, mutant));
    const passes =
      (await runTests(own.filter(isQuick))) &&
      (await runTests(others.filter(isQuick))) &&
      (await runTests(own.filter(isSlow)));
    const verdict = passes ? ((await copy.compiles()) ? 'nobody' : 'compiler') : 'tests';
    await copy.write(mutant.file, mutant.source);
    results.push([mutant, verdict]);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    const { line } = describeMutant(mutant.source, mutant);
    const place = `${mutant.file}:${line} ${mutant.operator}`;
    print(`${index + 1}/${mutants.length} ${seconds} s, noticed by ${verdict}: ${place}`);
  }
  return results;
}

function formatReport(results: readonly Result[]): string {
  const count = (some: readonly Result[], verdict: Verdict): string =>
    String(some.filter(([, one]) => one === verdict).length);
  const row = (name: string, some: readonly Result[]): string[] => [
    name,
    String(some.length),
    count(some, 'tests'),
    count(some, 'compiler'),
    count(some, 'nobody'),
  ];
  const operators = Map.groupBy(results, ([{ operator }]) => operator);
  const folders = Map.groupBy(results, ([{ file }]) => file.split('/').slice(0, 2).join('/'));
  const survivors = results
    .filter(([, verdict]) => verdict !== 'tests')
    .map(([mutant, verdict]) => {
      const { line, diff } = describeMutant(mutant.source, mutant);
      const who = verdict === 'compiler' ? ' (the compiler notices it)' : '';
      return `${mutant.file}:${line} ${mutant.operator}${who}\n${diff}`;
    });
  const table = formatTable([
    ['', 'changes', 'noticed by tests', 'only by the compiler', 'by nobody'],
    ...[...operators].map(([name, some]) => row(name, some)),
    ...[...folders].map(([name, some]) => row(name, some)),
    row('all', results),
  ]);
  return [table, ...survivors].join('\n\n');
}
