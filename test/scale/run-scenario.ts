import type { ScenarioMessage } from './scale.ts';
import { WHOLE } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import type { World } from './world.ts';

/** The process of one scenario: gets its name and seed, sends its progress and its result. */

const PROGRESS_MS = 10_000;
const HOUR_MS = 3_600_000;

const [name = '', seed = ''] = process.argv.slice(2);
const scenario = SCENARIOS.find((each) => each.name === name);
if (scenario === undefined) throw new Error(`No scenario has the name ${name}`);
const send = (message: ScenarioMessage): void => void process.send?.(message);

let world: World | undefined;
const startedAt = performance.now();
const hours = (): number => {
  if (world === undefined) return 0;
  return (world.clock.nowMs() - world.startMs) / HOUR_MS;
};
const progress = setInterval(() => {
  if (world === undefined) return;
  const accepted = world.lanes.map(({ receiver }) => receiver.counts.accepted).join(', ');
  const left = world.records.size() + world.lanes.reduce((sum, { queue }) => sum + queue.size(), 0);
  const heapMb = Math.round(process.memoryUsage().heapUsed / 1_048_576);
  const text = `${name}: ${hours().toFixed(1)} h, delivered ${accepted}, left ${left}, heap ${heapMb} MB`;
  send({ kind: 'progress', text });
}, PROGRESS_MS);

const figures = await scenario.run(
  (created) => {
    world = created;
  },
  { ...WHOLE, seed: Number(seed) },
);
clearInterval(progress);
const seconds = (performance.now() - startedAt) / 1_000;
send({ kind: 'result', result: { name, figures, virtualHours: hours(), seconds } });
process.disconnect?.();
