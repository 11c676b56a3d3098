import { fileURLToPath } from 'node:url';
import { createBatch } from '../create-batch.ts';
import { measureInTurn, measureRatio } from '../compare.ts';
import type { Bench } from '../open-bench.ts';
import { replaceModule } from '../replace-module.ts';
import type { BenchRow } from '../row.ts';
import type { FanOutInput } from '../subjects/fan-out.ts';

const RECORDS = 10;
const DESTINATIONS = 5;
const RESPONSE_MS = 20;
const TIMEOUT_MS = 1_000;
/** A batch is short, so other load on the machine weighs: the median needs several rounds. */
const ROUNDS = 5;
const FETCH_CLIENT_FILE = fileURLToPath(
  new URL('../subjects/fetch-http-client.ts', import.meta.url),
);

/** How long a batch to five HTTP destinations takes. */
export async function measureFanOut(bench: Bench): Promise<BenchRow[]> {
  const { builder, repeat, mockReceiver, getEnv, log } = bench;
  const source = 'test/bench/subjects/fan-out.ts';
  const withOurs = await builder.bundle(source, 'fan-out-ours');
  const plugins = [replaceModule('/http-client.ts', FETCH_CLIENT_FILE)];
  const withFetch = await builder.bundle(source, 'fan-out-fetch', { plugins });
  const input = (hanging: number, changes: Partial<FanOutInput> = {}): FanOutInput => ({
    event: createBatch(RECORDS),
    urls: Array.from(
      { length: DESTINATIONS },
      (_, n) => `${mockReceiver.endpoint}/${n < hanging ? 'hang' : 'accept'}/${n}`,
    ),
    usesTable: true,
    timeoutMs: null,
    usesNewHandler: false,
    ...changes,
  });
  const wallMs =
    (bundle: string, measuredInput: FanOutInput, warmMs: number, batches: number) => async () => {
      const options = { kind: 'timed', warmMs, batches } as const;
      const measurement = await repeat(
        { bundle, input: measuredInput, env: getEnv('fanOut') },
        options,
      );
      return measurement.kind === 'timed' ? measurement.wallMicros / 1_000 : Number.NaN;
    };

  log('fanOut to destinations that respond in 20 ms ...');
  mockReceiver.setResponseDelay(RESPONSE_MS);
  const slowMs = await measureInTurn(ROUNDS, { ours: wallMs(withOurs, input(0), 1_500, 15) });

  log('fanOut to destinations that respond at once, against global fetch ...');
  mockReceiver.setResponseDelay(0);
  const fastInput = input(0, { usesTable: false });
  const speed = await measureRatio(
    ROUNDS,
    wallMs(withOurs, fastInput, 1_500, 15),
    wallMs(withFetch, fastInput, 1_500, 15),
  );
  const perSecond = (ms: number): string =>
    Math.round((RECORDS * DESTINATIONS * 1_000) / ms).toLocaleString('en');

  log('fanOut with one destination that hangs ...');
  const hanging = input(1, { timeoutMs: TIMEOUT_MS, usesNewHandler: true });
  const hangingRatio = await measureRatio(
    1,
    wallMs(withOurs, hanging, 1, 5),
    async () => TIMEOUT_MS,
  );

  return [
    {
      label: 'fanOut: 10 records to 5 destinations that respond in 20 ms',
      measured: slowMs.ours,
      unit: ' ms',
      target: null,
      control: null,
      detail: '50 deliveries at the same time, 100 calls of the deliveries table',
    },
    {
      label: 'fanOut: deliveries per second / the same with global fetch',
      measured: 1 / speed.ratio,
      unit: '',
      target: { atLeast: 2 },
      control: speed.control,
      detail: `${perSecond(speed.ours)} / ${perSecond(speed.base)} per second, without the deliveries table`,
    },
    {
      label: 'fanOut: a batch with one destination that hangs / its timeout',
      measured: hangingRatio.ratio,
      unit: '',
      target: { atMost: 1.1 },
      control: hangingRatio.control,
      detail: `${hangingRatio.ours.toFixed(0)} ms / ${TIMEOUT_MS} ms`,
    },
  ];
}
