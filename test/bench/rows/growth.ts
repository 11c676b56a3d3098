import { batchOf } from '../batches.ts';
import { inTurn, type Measure } from '../compare.ts';
import type { Lab } from '../lab.ts';
import type { Row } from '../row.ts';
import type { FanOutInput } from '../subjects/fan-out.ts';
import { bodyWithMetadata, signed } from '../webhooks.ts';

const ROUNDS = 2;
const METADATA_KEYS = [10, 100, 1_000];
const DESTINATIONS = [1, 5, 20];
const RECORDS = [1, 10, 100];

/** How the CPU time grows with what comes in and where it goes: 1 is linear, below is better. */
export async function growthRows({ builder, cpuMicros, envOf, sink, say }: Lab): Promise<Row[]> {
  say('growth ...');
  const understanding = await builder.bundle('test/bench/subjects/understanding.ts', 'growing');
  const fanOut = await builder.bundle('test/bench/subjects/fan-out.ts', 'growing-fan-out');
  const row = async (
    what: string,
    sizes: readonly number[],
    of: (size: number) => Measure,
  ): Promise<Row> => {
    const micros = await inTurn(
      ROUNDS,
      Object.fromEntries(sizes.map((size) => [String(size), of(size)])),
    );
    const [first = Number.NaN, ...others] = sizes;
    const last = others.at(-1) ?? Number.NaN;
    const costOf = (size: number): number => micros[String(size)] ?? Number.NaN;
    return {
      what: `growth: ${what}, ${sizes.map((size) => size.toLocaleString('en')).join(', ')}`,
      measured: costOf(last) / costOf(first) / (last / first),
      unit: '',
      bar: { atMost: 1 },
      control: null,
      detail: `${sizes.map((size) => Math.round(costOf(size)).toLocaleString('en')).join(', ')} us`,
    };
  };
  const batch = (records: number, destinations: number): FanOutInput => ({
    event: batchOf(records),
    urls: Array.from({ length: destinations }, (_, n) => `${sink.endpoint}/take/${n}`),
    ledger: false,
    timeLimitMs: null,
    newHandlerEachTime: false,
  });
  const env = envOf('fanOut');
  return [
    await row('receive, keys of metadata', METADATA_KEYS, (keys) =>
      cpuMicros(understanding, signed(bodyWithMetadata(keys))),
    ),
    await row('fanOut, destinations of a record', DESTINATIONS, (destinations) =>
      cpuMicros(fanOut, batch(1, destinations), env),
    ),
    await row('fanOut, records of a batch', RECORDS, (records) =>
      cpuMicros(fanOut, batch(records, 1), env),
    ),
  ];
}
