import { fileURLToPath } from 'node:url';
import { batchOf } from '../batches.ts';
import { ratioOf } from '../compare.ts';
import type { Lab } from '../lab.ts';
import { replaceModule } from '../replace-module.ts';
import type { Row } from '../row.ts';
import type { BareRequests } from '../subjects/bare-requests.ts';
import type { FanOutInput } from '../subjects/fan-out.ts';

const RECORDS = 10;
const DESTINATIONS = 5;
const ANSWER_MS = 20;
const TIME_LIMIT_MS = 1_000;
/** So many that the middle one says something: a batch is short, and the machine has its moods. */
const ROUNDS = 5;
const FETCH = fileURLToPath(new URL('../subjects/fetch-exchange.ts', import.meta.url));

/** What a batch to five HTTP destinations takes. */
export async function fanOutRows(lab: Lab): Promise<Row[]> {
  const { builder, repeat, sink, envOf, say } = lab;
  const source = 'test/bench/subjects/fan-out.ts';
  const withOurs = await builder.bundle(source, 'fan-out-ours');
  const plugins = [replaceModule('/http-exchange.ts', FETCH)];
  const withFetch = await builder.bundle(source, 'fan-out-fetch', { plugins });
  const input = (hanging: number, changes: Partial<FanOutInput> = {}): FanOutInput => ({
    event: batchOf(RECORDS),
    urls: Array.from(
      { length: DESTINATIONS },
      (_, n) => `${sink.endpoint}/${n < hanging ? 'hang' : 'take'}/${n}`,
    ),
    ledger: true,
    timeLimitMs: null,
    newHandlerEachTime: false,
    ...changes,
  });
  const wallMs =
    (bundle: string, of: FanOutInput | BareRequests, warmMs: number, batches: number) =>
    async () => {
      const how = { kind: 'timed', warmMs, batches } as const;
      const repeated = await repeat({ bundle, input: of, env: envOf('fanOut') }, how);
      return repeated.kind === 'timed' ? repeated.wallMicros / 1_000 : Number.NaN;
    };

  say('fanOut to destinations that answer in 20 ms ...');
  sink.answerAfter(ANSWER_MS);
  const ideal = async (): Promise<number> => ANSWER_MS;
  const slow = (ledger: boolean) =>
    ratioOf(ROUNDS, wallMs(withOurs, input(0, { ledger }), 1_500, 15), ideal);
  const alone = await slow(false);
  const withLedger = await slow(true);
  const bare: BareRequests = {
    urls: input(0).urls,
    times: RECORDS,
    body: input(0).event.Records[0]?.body ?? '',
  };
  const bareRequests = await builder.bundle('test/bench/subjects/bare-requests.ts', 'bare');
  const nothingOfOurs = await ratioOf(ROUNDS, wallMs(bareRequests, bare, 1_500, 15), ideal);

  say('fanOut to destinations that answer at once, against global fetch ...');
  sink.answerAfter(0);
  const free = input(0, { ledger: false });
  const speed = await ratioOf(
    ROUNDS,
    wallMs(withOurs, free, 1_500, 15),
    wallMs(withFetch, free, 1_500, 15),
  );
  const perSecond = (ms: number): string =>
    Math.round((RECORDS * DESTINATIONS * 1_000) / ms).toLocaleString('en');

  say('fanOut with one destination that hangs ...');
  const hanging = input(1, { timeLimitMs: TIME_LIMIT_MS, newHandlerEachTime: true });
  const hung = await ratioOf(1, wallMs(withOurs, hanging, 1, 5), async () => TIME_LIMIT_MS);

  return [
    {
      what: 'fanOut: 10 records to 5 destinations that answer in 20 ms / 20 ms',
      measured: alone.ratio,
      unit: '',
      bar: { atMost: 1.2 },
      control: alone.control,
      detail: `${alone.ours.toFixed(1)} ms; default limit 50, so all at once; no ledger`,
    },
    {
      what: 'the same requests by bare node:http / 20 ms',
      measured: nothingOfOurs.ratio,
      unit: '',
      bar: null,
      control: nothingOfOurs.control,
      detail: `${nothingOfOurs.ours.toFixed(1)} ms; the sink's own work is in it, too`,
    },
    {
      what: 'fanOut: the same with the ledger',
      measured: withLedger.ratio,
      unit: '',
      bar: { atMost: 1.2 },
      control: withLedger.control,
      detail: `${withLedger.ours.toFixed(1)} ms; 100 calls of the ledger in one thread`,
    },
    {
      what: 'fanOut: deliveries a second / the same with global fetch',
      measured: 1 / speed.ratio,
      unit: '',
      bar: { atLeast: 2 },
      control: speed.control,
      detail: `${perSecond(speed.ours)} / ${perSecond(speed.base)} a second, no ledger`,
    },
    {
      what: 'fanOut: a batch with one destination that hangs / its time limit',
      measured: hung.ratio,
      unit: '',
      bar: { atMost: 1.1 },
      control: hung.control,
      detail: `${hung.ours.toFixed(0)} ms / ${TIME_LIMIT_MS} ms`,
    },
  ];
}
