import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createLambdaContext } from './lambda-context.ts';

// What a warm process runs: one subject, many times. The bundle exports either `prepare`, which returns
// the function to repeat, or a Lambda `handler`, which gets the input as its event. Argument: the path of
// the job file. The measurement is sent to the parent process.

/** What to repeat and how. */
export interface RepeatJob {
  readonly bundle: string;
  readonly input: unknown;
  readonly options:
    | { readonly kind: 'timed'; readonly warmMs: number; readonly batches: number }
    | { readonly kind: 'heap'; readonly warmTimes: number; readonly times: number };
}

/** The medians of one call in microseconds, or the heap after garbage collection in bytes. */
export type Measurement =
  | { readonly kind: 'timed'; readonly cpuMicros: number; readonly wallMicros: number }
  | { readonly kind: 'heap'; readonly warm: number; readonly later: number };
/** A measurement, or the error that prevented it. */
export type RepeatMessage = Measurement | { readonly kind: 'failed'; readonly text: string };

/** Returns a promise only for asynchronous work: waiting costs time that would be measured. */
type Run = () => void | Promise<unknown>;
const BATCH_MS = 40;

async function repeat(run: Run, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    const result = run();
    if (result instanceof Promise) await result;
  }
}

async function measureTime(run: Run, warmMs: number, batches: number): Promise<Measurement> {
  const warmUntil = performance.now() + warmMs;
  let warmTimes = 0;
  const warmFrom = performance.now();
  while (performance.now() < warmUntil) {
    await repeat(run, 1);
    warmTimes += 1;
  }
  const oneMs = (performance.now() - warmFrom) / warmTimes;
  const times = Math.max(1, Math.round(BATCH_MS / oneMs));
  const cpu: number[] = [];
  const wall: number[] = [];
  for (let batch = 0; batch < batches; batch += 1) {
    const cpuBefore = process.cpuUsage();
    const wallBefore = performance.now();
    await repeat(run, times);
    const { user, system } = process.cpuUsage(cpuBefore);
    cpu.push((user + system) / times);
    wall.push(((performance.now() - wallBefore) * 1_000) / times);
  }
  return { kind: 'timed', cpuMicros: median(cpu), wallMicros: median(wall) };
}

async function measureHeap(run: Run, warmTimes: number, times: number): Promise<Measurement> {
  await repeat(run, warmTimes);
  const warm = await readHeapBytes();
  await repeat(run, times);
  return { kind: 'heap', warm, later: await readHeapBytes() };
}

/** Collects garbage twice, because callbacks that run in between release more objects. */
async function readHeapBytes(): Promise<number> {
  globalThis.gc?.();
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function main(): Promise<void> {
  const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as RepeatJob;
  const subject = createRequire(job.bundle)(job.bundle) as {
    prepare?: (input: unknown) => Run;
    handler?: (event: unknown, context: object) => Promise<unknown>;
  };
  const { prepare, handler } = subject;
  const run = prepare?.(job.input) ?? (() => handler?.(job.input, createLambdaContext()));
  const { options } = job;
  const measurement =
    options.kind === 'timed'
      ? await measureTime(run, options.warmMs, options.batches)
      : await measureHeap(run, options.warmTimes, options.times);
  sendToParent(measurement);
}

function sendToParent(message: RepeatMessage): void {
  process.send?.(message, () => process.exit(0));
}

main().catch((error: unknown) => {
  sendToParent({
    kind: 'failed',
    text: error instanceof Error ? String(error.stack) : String(error),
  });
});
