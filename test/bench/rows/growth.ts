import { createBatch } from '../create-batch.ts';
import { measureInTurn, type Measure } from '../compare.ts';
import type { Bench } from '../open-bench.ts';
import type { BenchRow } from '../row.ts';
import type { FanOutInput } from '../subjects/fan-out.ts';
import { bodyWithMetadata, signBody } from '../webhooks.ts';

const ROUNDS = 2;
const METADATA_KEYS = [10, 100, 1_000];
const DESTINATIONS = [1, 5, 20];
const RECORDS = [1, 10, 100];

/** How the CPU time grows with the size of the input and the number of destinations: 1 is linear, less is better. */
export async function measureGrowth({
  builder,
  cpuMicros,
  getEnv,
  mockReceiver,
  log,
}: Bench): Promise<BenchRow[]> {
  log('growth ...');
  const toMessageBundle = await builder.bundle(
    'test/bench/subjects/webhook-to-message.ts',
    'growth-receive',
  );
  const fanOut = await builder.bundle('test/bench/subjects/fan-out.ts', 'growth-fan-out');
  const row = async (
    label: string,
    sizes: readonly number[],
    measureSize: (size: number) => Measure,
  ): Promise<BenchRow> => {
    const micros = await measureInTurn(
      ROUNDS,
      Object.fromEntries(sizes.map((size) => [String(size), measureSize(size)])),
    );
    const [first = Number.NaN, ...others] = sizes;
    const last = others.at(-1) ?? Number.NaN;
    const readCost = (size: number): number => micros[String(size)] ?? Number.NaN;
    return {
      label: `growth: ${label}, ${sizes.map((size) => size.toLocaleString('en')).join(', ')}`,
      measured: readCost(last) / readCost(first) / (last / first),
      unit: '',
      target: { atMost: 1 },
      control: null,
      detail: `${sizes.map((size) => Math.round(readCost(size)).toLocaleString('en')).join(', ')} us`,
    };
  };
  const batch = (records: number, destinations: number): FanOutInput => ({
    event: createBatch(records),
    urls: Array.from({ length: destinations }, (_, n) => `${mockReceiver.endpoint}/accept/${n}`),
    usesTable: false,
    timeoutMs: null,
    usesNewHandler: false,
  });
  const env = getEnv('fanOut');
  return [
    await row('receive, metadata keys', METADATA_KEYS, (keys) =>
      cpuMicros(toMessageBundle, signBody(bodyWithMetadata(keys))),
    ),
    await row('fanOut, destinations per record', DESTINATIONS, (destinations) =>
      cpuMicros(fanOut, batch(1, destinations), env),
    ),
    await row('fanOut, records per batch', RECORDS, (records) =>
      cpuMicros(fanOut, batch(records, 1), env),
    ),
  ];
}
