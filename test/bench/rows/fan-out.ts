import { fileURLToPath } from 'node:url';
import { createBatch } from '../create-batch.ts';
import { measureRatio } from '../compare.ts';
import type { Bench } from '../open-bench.ts';
import { replaceModule } from '../replace-module.ts';
import type { BenchRow } from '../row.ts';
import type { BareRequests } from '../subjects/bare-requests.ts';
import type { FanOutInput } from '../subjects/fan-out.ts';

const RECORDS = 10;
const DESTINATIONS = 5;
const RESPONSE_MS = 20;
const TIMEOUT_MS = 1_000;
/** So many that the middle one says something: a batch is short, and the machine has its moods. */
const ROUNDS = 5;
const FETCH_EXCHANGE_FILE = fileURLToPath(
  new URL('../subjects/fetch-exchange.ts', import.meta.url),
);

/** What a batch to five HTTP destinations takes. */
export async function measureFanOut(bench: Bench): Promise<BenchRow[]> {
  const { builder, repeat, mockReceiver, getEnv, log } = bench;
  const source = 'test/bench/subjects/fan-out.ts';
  const withOurs = await builder.bundle(source, 'fan-out-ours');
  const plugins = [replaceModule('/http-exchange.ts', FETCH_EXCHANGE_FILE)];
  const withFetch = await builder.bundle(source, 'fan-out-fetch', { plugins });
  const input = (hanging: number, changes: Partial<FanOutInput> = {}): FanOutInput => ({
    event: createBatch(RECORDS),
    urls: Array.from(
      { length: DESTINATIONS },
      (_, n) => `${mockReceiver.endpoint}/${n < hanging ? 'hang' : 'take'}/${n}`,
    ),
    usesIdempotency: true,
    timeoutMs: null,
    usesNewHandler: false,
    ...changes,
  });
  const wallMs =
    (bundle: string, measuredInput: FanOutInput | BareRequests, warmMs: number, batches: number) =>
    async () => {
      const options = { kind: 'timed', warmMs, batches } as const;
      const measurement = await repeat(
        { bundle, input: measuredInput, env: getEnv('fanOut') },
        options,
      );
      return measurement.kind === 'timed' ? measurement.wallMicros / 1_000 : Number.NaN;
    };

  log('fanOut to destinations that respond in 20 ms ...');
  mockReceiver.setResponseDelay(RESPONSE_MS);
  const ideal = async (): Promise<number> => RESPONSE_MS;
  const measureSlow = (usesIdempotency: boolean) =>
    measureRatio(ROUNDS, wallMs(withOurs, input(0, { usesIdempotency }), 1_500, 15), ideal);
  const withoutStore = await measureSlow(false);
  const withStore = await measureSlow(true);
  const bare: BareRequests = {
    urls: input(0).urls,
    times: RECORDS,
    body: input(0).event.Records[0]?.body ?? '',
  };
  const bareRequests = await builder.bundle('test/bench/subjects/bare-requests.ts', 'bare');
  const bareRatio = await measureRatio(ROUNDS, wallMs(bareRequests, bare, 1_500, 15), ideal);

  log('fanOut to destinations that respond at once, against global fetch ...');
  mockReceiver.setResponseDelay(0);
  const fastInput = input(0, { usesIdempotency: false });
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
      label: 'fanOut: 10 records to 5 destinations that respond in 20 ms / 20 ms',
      measured: withoutStore.ratio,
      unit: '',
      target: { atMost: 1.2 },
      control: withoutStore.control,
      detail: `${withoutStore.ours.toFixed(1)} ms; default limit 50, so all at once; no idempotency table`,
    },
    {
      label: 'the same requests by bare node:http / 20 ms',
      measured: bareRatio.ratio,
      unit: '',
      target: null,
      control: bareRatio.control,
      detail: `${bareRatio.ours.toFixed(1)} ms; the sink's own work is in it, too`,
    },
    {
      label: 'fanOut: the same with the idempotency table',
      measured: withStore.ratio,
      unit: '',
      target: { atMost: 1.2 },
      control: withStore.control,
      detail: `${withStore.ours.toFixed(1)} ms; 100 calls of the idempotency table in one thread`,
    },
    {
      label: 'fanOut: deliveries a second / the same with global fetch',
      measured: 1 / speed.ratio,
      unit: '',
      target: { atLeast: 2 },
      control: speed.control,
      detail: `${perSecond(speed.ours)} / ${perSecond(speed.base)} a second, no idempotency table`,
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
