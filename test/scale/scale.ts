import { availableParallelism } from 'node:os';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArguments } from '../../lib/local/cli/arguments.ts';
import { runCli, UsageError } from '../../lib/local/cli/run-cli.ts';
import { writeToDocument } from '../bench/write-to-document.ts';
import { formatForDocument, formatResults } from './format-results.ts';
import { isMet, type ScenarioResult } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';

const USAGE = `Usage: npm run scale [-- --only <scenario>]
  Delivers up to a million records with the product's own code on virtual time, prints a table of what
  came out, and exits with 1 when a bar is not met. Takes some minutes.
  --only <scenario>  one of: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --seed <number>    another course of what is left to chance; 1 by default
  --write            write the bars of all scenarios to docs/performance.md`;

const RUNNER = fileURLToPath(new URL('run-scenario.ts', import.meta.url));
/** A million deliveries use about half of it. */
const MAX_HEAP_MB = 1_536;

await runCli(async (print) => {
  const { values } = parseArguments(
    {
      options: {
        only: { type: 'string' },
        seed: { type: 'string', default: '1' },
        write: { type: 'boolean', default: false },
      },
    },
    USAGE,
  );
  if (!/^\d{1,9}$/.test(values.seed)) {
    throw new UsageError(`--seed ${values.seed} is not a whole number.\n${USAGE}`);
  }
  const chosen = SCENARIOS.filter(({ name }) => values.only === undefined || name === values.only);
  if (chosen.length === 0)
    throw new UsageError(`No scenario has the name ${values.only}.\n${USAGE}`);

  if (values.write && values.only !== undefined) {
    throw new UsageError(`--write needs all scenarios: leave out --only.\n${USAGE}`);
  }

  const startedAt = performance.now();
  const log = (text: string): void => {
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    process.stderr.write(`${String(seconds).padStart(4)} s  ${text}\n`);
  };
  const waiting = chosen.toSorted((one, other) => other.size - one.size);
  const results = new Map<string, ScenarioResult>();
  const runNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      log(`${next.name}: ${next.title}`);
      const result = await runInProcess(next.name, values.seed, log);
      results.set(next.name, result);
      const missed = result.figures.filter((figure) => isMet(figure) === false);
      const verdict =
        missed.length === 0 ? 'met' : `NOT met: ${missed.map(({ what }) => what).join(', ')}`;
      log(
        `${next.name}: ${verdict} (${result.virtualHours.toFixed(1)} h in ${result.seconds.toFixed(0)} s)`,
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, runNext));

  const ordered = chosen.flatMap(({ name }) => results.get(name) ?? []);
  print(formatResults(ordered));
  if (values.write) await writeToDocument('scale', formatForDocument(ordered));
  return ordered.every(({ figures }) => figures.every((figure) => isMet(figure) !== false)) ? 0 : 1;
});

/** What the process of a scenario sends. */
export type ScenarioMessage =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'result'; readonly result: ScenarioResult };

/** Runs a scenario in a process of its own, whose heap is bounded. */
function runInProcess(
  name: string,
  seed: string,
  log: (text: string) => void,
): Promise<ScenarioResult> {
  const { promise, resolve, reject } = Promise.withResolvers<ScenarioResult>();
  const child = fork(RUNNER, [name, seed], {
    execArgv: [`--max-old-space-size=${MAX_HEAP_MB}`],
  });
  child.on('message', (message: ScenarioMessage) => {
    if (message.kind === 'progress') log(message.text);
    else resolve(message.result);
  });
  child.on('error', reject);
  child.on('exit', (code, signal) =>
    reject(new Error(`The process of ${name} ended with ${signal ?? code} and without a result`)),
  );
  return promise;
}
