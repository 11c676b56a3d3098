import type { Limit } from '../../lib/destinations/queue-settings.ts';
import { HEALTHY, idealMs, type ReceiverBehaviour } from './receiver.ts';
import { type Figure, type Report, type Scenario, WHOLE } from './scenario.ts';
import { countUsage } from './usage.ts';
import { createWorld, type Lane, type World, type WorldSettings } from './world.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The start of every world. */
const START_MS = Date.parse('2026-03-05T09:15:04.000Z');

const KLAVIYO_LIMIT = { perSecond: 75, perMinute: 700 };
const TEN_A_SECOND = { perSecond: 10, perMinute: 600 };

/** As a marketing API that takes many profiles in one request. */
const BULK_LIMIT = { perSecond: 10, perMinute: 150 };

/** Between two records of a day without a campaign. */
const ORDINARY_INTERVAL_MS = 250;

const WEBHOOKS_PER_SECOND = 200;
/**
 * An endless body of a 2xx is not among them: the product does not wait for it, and the model has no
 * bodies. In its place is a receiver that takes as long as the timeout allows.
 */
const EVILS: { readonly [id: string]: Partial<ReceiverBehaviour> } = {
  hanging: { hangs: 'until_timeout' },
  upgrading: { hangs: 'for_ever' },
  limiting: { downUntilMs: Infinity, downResponse: { status: 429, retryAfterSeconds: null } },
  down: { downUntilMs: Infinity },
  crawling: { latencyMs: 4_000 },
};

/** The figure that says what a million deliveries cost. */
export const TOTAL_COST = 'USD per million deliveries';

/** All scenarios. */
export const SCENARIOS: readonly Scenario[] = [
  aBurst('burst-75-700', 100_000, {
    receiver: { ...HEALTHY, ...KLAVIYO_LIMIT },
    limit: KLAVIYO_LIMIT,
    bars: { ideal: 1.05, refusedPercent: 1, sent: 1.2, received: 2 },
  }),
  aBurst('burst-10-600', 30_000, {
    receiver: { ...HEALTHY, ...TEN_A_SECOND, sendsRetryAfter: true },
    limit: TEN_A_SECOND,
    bars: { ideal: 1.05, refusedPercent: 1, sent: 1.2, received: 2 },
  }),
  aBurst('burst-10-600-undeclared', 30_000, {
    receiver: { ...HEALTHY, ...TEN_A_SECOND, sendsRetryAfter: true },
    limit: {},
    bars: { ideal: 1.5, refusedPercent: 20 },
  }),
  {
    name: 'burst-of-1000',
    title: '100,000 at once, receiver 10/s and 150/min with 1,000 records in a request',
    size: 100_000,
    async run(report, { share, seed } = WHOLE) {
      const records = Math.ceil(100_000 * share);
      const world = create(report, {
        seed,
        records,
        destinations: [
          {
            id: 'crm',
            receiver: { ...HEALTHY, ...BULK_LIMIT },
            limit: BULK_LIMIT,
            batch: { size: 1_000, windowSeconds: 5 },
          },
        ],
      });
      const { receiver } = firstLane(world);
      world.send(0, records);
      await world.runUntil(world.isDrained, DAY_MS);
      const { accepted, refused, requests, lastAcceptedAtMs, repeated } = receiver.counts;
      const ordinaryDollars = await measureOrdinaryCourse(report, Math.ceil(5_000 * share), seed);
      return [
        atMost('minutes until the last one', (lastAcceptedAtMs - world.startMs) / MINUTE_MS, 2.5),
        atMost(
          'cost, times that of 4 records a second in requests of their own',
          totalDollars(world) / records / ordinaryDollars,
          1,
        ),
        atMost('refused, %', (100 * refused) / requests, 1),
        plain('records per request', accepted / requests),
        exactly('not delivered', records - accepted, 0),
        exactly('delivered twice', repeated, 0),
        ...costFigures(world, records),
      ];
    },
  },
  aReturn('down-12h', 100_000),
  aReturn('down-12h-million', 1_000_000),
  aFewWaiting('few-down-12h', 'receiver down for 12 h', {
    ...HEALTHY,
    downUntilMs: START_MS + 12 * HOUR_MS,
  }),
  aFewWaiting('few-retry-after', '503 with Retry-After 3,600 for 10 h', {
    ...HEALTHY,
    downUntilMs: START_MS + 10 * HOUR_MS,
    downResponse: { status: 503, retryAfterSeconds: 3_600 },
  }),
  aFewWaiting('few-429-retry-after', '429 with Retry-After 3,600 for 10 h', {
    ...HEALTHY,
    downUntilMs: START_MS + 10 * HOUR_MS,
    downResponse: { status: 429, retryAfterSeconds: 3_600 },
  }),
  aStandstill('throttled-2-days', 'mapping throttled for two days', (world) => {
    world.fanOut.setConcurrency(0);
    world.clock.at(START_MS + 2 * DAY_MS, () => world.fanOut.setConcurrency(1_000));
  }),
  aStandstill('paused-2-days', 'mapping disabled for two days', (world) => {
    firstLane(world).source.setEnabled(false);
    world.clock.at(START_MS + 2 * DAY_MS, () => firstLane(world).source.setEnabled(true));
  }),
  {
    name: 'poison',
    title: 'one poison delivery in a batch of ten',
    size: 10,
    async run(report, { seed } = WHOLE) {
      const world = create(report, {
        seed,
        records: 10,
        destinations: [{ id: 'crm', receiver: HEALTHY, isPoison: (place) => place === 4 }],
      });
      const lane = firstLane(world);
      world.sendRouted(lane, 10);
      await world.runUntil(world.isDrained, DAY_MS);
      return [
        exactly('delivered', lane.receiver.counts.accepted, 9),
        exactly('dead, attempts_unfinished', world.deadLetters.get('attempts_unfinished') ?? 0, 1),
        exactly('other dead letters', countDead(world) - 1, 0),
        exactly('delivered twice', lane.receiver.counts.repeated, 0),
        plain('minutes until all is done', elapsedMs(world) / MINUTE_MS),
        plain('invocations that ran into their timeout', world.fanOut.counts.timeouts),
      ];
    },
  },
  {
    name: 'five-evils',
    title: `${WEBHOOKS_PER_SECOND} webhooks/s for two healthy destinations, with and without five evil ones`,
    size: 2 * 60 * 7 * WEBHOOKS_PER_SECOND,
    async run(report, { share, seed } = WHOLE) {
      const seconds = Math.max(2, Math.ceil(60 * share));
      const without = await measureHealthy(report, seconds, seed, {});
      const with_ = await measureHealthy(report, seconds, seed, EVILS);
      return [
        atMost('p99 of the healthy ones, times that without', with_.p99Ms / without.p99Ms, 1.1),
        atMost(
          'p99 of their first second, times that without',
          with_.firstSecondP99Ms / without.firstSecondP99Ms,
          1.1,
        ),
        exactly('not delivered to the healthy ones', with_.missing, 0),
        plain('p99 from the webhook to the delivery, ms', with_.p99Ms),
        plain('without the evil ones, ms', without.p99Ms),
        plain('most invocations at once', with_.maxConcurrency),
      ];
    },
  },
  {
    name: 'queue-missing',
    title: "one destination's queue is missing, 2,000 webhooks for three destinations",
    size: 6_000,
    async run(report, { share, seed } = WHOLE) {
      const records = Math.ceil(2_000 * share);
      const world = create(report, {
        seed,
        records,
        destinations: [
          { id: 'crm', receiver: HEALTHY },
          { id: 'gone', receiver: HEALTHY, hasQueue: false },
          { id: 'mail', receiver: HEALTHY },
        ],
      });
      world.send(0, records);
      await world.runUntil(world.isDrained, DAY_MS);
      const delivered = world.lanes.map(({ receiver }) => receiver.counts.accepted);
      return [
        exactly(
          'not delivered to the others',
          2 * records - (delivered[0] ?? 0) - (delivered[2] ?? 0),
          0,
        ),
        exactly(
          'its deliveries without a dead letter queue_unavailable',
          records - (world.deadLetters.get('queue_unavailable') ?? 0),
          0,
        ),
        exactly(
          'other dead letters',
          countDead(world) - (world.deadLetters.get('queue_unavailable') ?? 0),
          0,
        ),
      ];
    },
  },
];

/** Everything is there at once, on [records]. */
function aBurst(
  name: string,
  total: number,
  {
    receiver,
    limit,
    bars,
  }: {
    readonly receiver: ReceiverBehaviour;
    readonly limit: Partial<Limit>;
    readonly bars: {
      readonly ideal: number;
      readonly refusedPercent: number;
      readonly sent?: number;
      readonly received?: number;
    };
  },
): Scenario {
  const isDeclared = Object.keys(limit).length > 0;
  return {
    name,
    size: total,
    title: `${format(total)} at once, receiver ${receiver.perSecond}/s and ${receiver.perMinute}/min${
      receiver.sendsRetryAfter ? ' with Retry-After' : ''
    }, ${isDeclared ? 'limit declared' : 'no limit declared'}`,
    async run(report, { share, seed } = WHOLE) {
      const records = Math.ceil(total * share);
      const world = create(report, {
        seed,
        records,
        destinations: [{ id: 'crm', receiver, limit }],
      });
      const { queue, receiver: target } = firstLane(world);
      world.send(0, records);
      await world.runUntil(world.isDrained, 10 * DAY_MS);
      const { accepted, refused, requests, lastAcceptedAtMs, repeated } = target.counts;
      return [
        atMost(
          'last one, times the ideal',
          (lastAcceptedAtMs - world.startMs) / idealMs(receiver, records),
          bars.ideal,
        ),
        atMost('refused, %', (100 * refused) / requests, bars.refusedPercent),
        mayBeAtMost(
          'messages sent per delivery',
          (queue.counts.sent + countDead(world)) / records,
          bars.sent,
        ),
        mayBeAtMost('received per delivery', queue.counts.received / records, bars.received),
        exactly('not delivered', records - accepted, 0),
        exactly('delivered twice', repeated, 0),
        ...costFigures(world, records),
      ];
    },
  };
}

/** The receiver is down, everything waits, and then it is back with its limit. */
function aReturn(name: string, total: number): Scenario {
  const outageMs = 12 * HOUR_MS;
  return {
    name,
    size: total,
    title: `receiver down for 12 h with ${format(total)} waiting, then 75/s and 700/min`,
    async run(report, { share, seed } = WHOLE) {
      const records = Math.ceil(total * share);
      const receiver = { ...HEALTHY, ...KLAVIYO_LIMIT, downUntilMs: START_MS + outageMs };
      const world = create(report, {
        seed,
        records,
        destinations: [{ id: 'crm', receiver, limit: KLAVIYO_LIMIT }],
      });
      const lane = firstLane(world);
      world.sendRouted(lane, records);
      await world.runUntil(world.isDrained, 10 * DAY_MS);
      const { accepted, lastAcceptedAtMs, firstAcceptedAtMs, refused, requests, repeated } =
        lane.receiver.counts;
      const usage = countUsage(world, records);
      const returnMs = START_MS + outageMs;
      return [
        exactly('dead', countDead(world), 0),
        exactly('not delivered', records - accepted, 0),
        exactly('delivered twice', repeated, 0),
        atMost('SQS requests per delivery', usage.queueRequests / records, 3),
        atMost('USD of Lambda per 100,000', (100_000 * usage.lambdaDollars) / records, 2),
        atMost(
          'last one after the return, times the ideal',
          (lastAcceptedAtMs - returnMs) / idealMs(receiver, records),
          1.1,
        ),
        plain(
          'minutes from the return to the first one',
          (firstAcceptedAtMs - returnMs) / MINUTE_MS,
        ),
        plain('refused, %', (100 * refused) / requests),
        plain('most in flight', lane.queue.counts.maxInFlight),
        plain('most receives of one message', lane.queue.counts.maxReceives),
        ...costFigures(world, records, records),
      ];
    },
  };
}

/** Few deliveries wait for hours. */
function aFewWaiting(name: string, what: string, receiver: ReceiverBehaviour): Scenario {
  return {
    name,
    size: 20,
    title: `20 waiting, ${what}`,
    async run(report, { seed } = WHOLE) {
      const records = 20;
      const world = create(report, { seed, records, destinations: [{ id: 'crm', receiver }] });
      const lane = firstLane(world);
      world.send(0, records);
      await world.runUntil(world.isDrained, 5 * DAY_MS);
      const { accepted, requests, lastAcceptedAtMs, repeated } = lane.receiver.counts;
      return [
        exactly('dead', countDead(world), 0),
        exactly('not delivered', records - accepted, 0),
        exactly('delivered twice', repeated, 0),
        atMost('most receives of one message', lane.queue.counts.maxReceives, 200),
        plain('requests to the receiver', requests),
        plain(
          'minutes from the return to the last one',
          (lastAcceptedAtMs - receiver.downUntilMs) / MINUTE_MS,
        ),
      ];
    },
  };
}

/** fanOut does not run for two days; one voucher in ten expires meanwhile. */
function aStandstill(name: string, what: string, stop: (world: World) => void): Scenario {
  return {
    name,
    size: 2_000,
    title: `${what}, 2,000 waiting, one voucher in ten expires meanwhile`,
    async run(report, { share, seed } = WHOLE) {
      const records = Math.ceil(2_000 * share);
      const isExpiring = (place: number): boolean => place % 10 === 9;
      const expiring = Array.from({ length: records }, (_, place) => place).filter(
        isExpiring,
      ).length;
      const settings: WorldSettings = {
        seed,
        records,
        destinations: [{ id: 'crm', receiver: HEALTHY }],
        expiresAt: (place) =>
          isExpiring(place) ? '2026-03-06T12:00:00.000Z' : '2027-01-31T23:00:00.000Z',
      };
      const world = create(report, settings);
      const lane = firstLane(world);
      world.sendRouted(lane, records);
      stop(world);
      await world.runUntil(world.isDrained, 5 * DAY_MS);
      const expired = world.deadLetters.get('voucher_expired') ?? 0;
      return [
        exactly(
          'not delivered of those that are still valid',
          records - expiring - lane.receiver.counts.accepted,
          0,
        ),
        exactly('dead but by expiry', countDead(world) - expired, 0),
        exactly('neither delivered nor dead', records - lane.receiver.counts.accepted - expired, 0),
        exactly('delivered twice', lane.receiver.counts.repeated, 0),
        plain('most receives of one message', lane.queue.counts.maxReceives),
        plain(
          'minutes from the end of it to the last one',
          (lane.receiver.counts.lastAcceptedAtMs - START_MS - 2 * DAY_MS) / MINUTE_MS,
        ),
      ];
    },
  };
}

/** Sends webhooks at an even pace, and measures how long each takes to the healthy destinations. */
async function measureHealthy(
  report: Report,
  seconds: number,
  seed: number,
  evils: { readonly [id: string]: Partial<ReceiverBehaviour> },
) {
  const records = seconds * WEBHOOKS_PER_SECOND;
  const healthy = ['crm', 'mail'];
  const world = create(report, {
    seed,
    records,
    destinations: [
      ...healthy.map((id) => ({ id, receiver: HEALTHY })),
      ...Object.entries(evils).map(([id, evil]) => ({ id, receiver: { ...HEALTHY, ...evil } })),
    ],
  });
  const sentAtMs = (place: number): number => START_MS + (place * SECOND_MS) / WEBHOOKS_PER_SECOND;
  for (let place = 0; place < records; place += 1) {
    world.clock.at(sentAtMs(place), () => world.send(place, 1));
  }
  const lanes = world.lanes.filter(({ id }) => healthy.includes(id));
  const isDone = (): boolean => lanes.every(({ receiver }) => receiver.counts.accepted === records);
  await world.runUntil(isDone, HOUR_MS);
  const latenciesMs = (count: number): number[] =>
    lanes.flatMap(({ receiver }) =>
      [...receiver.acceptedAtMs.subarray(0, count)].map((atMs, place) => atMs - sentAtMs(place)),
    );
  return {
    p99Ms: toP99(latenciesMs(records)),
    firstSecondP99Ms: toP99(latenciesMs(WEBHOOKS_PER_SECOND)),
    missing: lanes.reduce((sum, { receiver }) => sum + records - receiver.counts.accepted, 0),
    maxConcurrency: world.fanOut.counts.maxConcurrency,
  };
}

/** NaN when one of the values is not a number. */
function toP99(values: readonly number[]): number {
  if (values.some(Number.isNaN)) return Number.NaN;
  return (
    values.toSorted((one, other) => one - other)[Math.floor(0.99 * values.length)] ?? Number.NaN
  );
}

function create(report: Report, settings: WorldSettings): World {
  const world = createWorld(settings);
  report(world);
  return world;
}

function firstLane({ lanes }: World): Lane {
  const [lane] = lanes;
  if (lane === undefined) throw new Error('A world without a destination');
  return lane;
}

function costFigures(world: World, records: number, seeded = 0): readonly Figure[] {
  const usage = countUsage(world, seeded);
  const perMillion = (dollars: number): number => (1_000_000 * dollars) / records;
  return [
    plain(TOTAL_COST, perMillion(totalDollars(world, seeded))),
    plain('of it SQS', perMillion(usage.sqsDollars)),
    plain('of it Lambda', perMillion(usage.lambdaDollars)),
    plain('of it the table', perMillion(usage.tableDollars)),
  ];
}

function totalDollars(world: World, seeded = 0): number {
  const { sqsDollars, lambdaDollars, tableDollars } = countUsage(world, seeded);
  return sqsDollars + lambdaDollars + tableDollars;
}

/** Returns the USD that a delivery costs when records come one by one, and each has a request of its own. */
async function measureOrdinaryCourse(
  report: Report,
  records: number,
  seed: number,
): Promise<number> {
  const world = create(report, {
    seed,
    records,
    destinations: [{ id: 'crm', receiver: { ...HEALTHY, ...TEN_A_SECOND }, limit: TEN_A_SECOND }],
  });
  for (let place = 0; place < records; place += 1) {
    world.clock.at(world.startMs + place * ORDINARY_INTERVAL_MS, () => world.send(place, 1));
  }
  await world.runUntil(() => firstLane(world).receiver.counts.accepted === records, DAY_MS);
  return totalDollars(world) / records;
}

function countDead({ deadLetters }: World): number {
  return [...deadLetters.values()].reduce((sum, number) => sum + number, 0);
}

function elapsedMs({ clock, startMs }: World): number {
  return clock.nowMs() - startMs;
}

function atMost(what: string, value: number, bar: number): Figure {
  return { what, value, bar: { atMost: bar } };
}

function mayBeAtMost(what: string, value: number, bar: number | undefined): Figure {
  return bar === undefined ? plain(what, value) : atMost(what, value, bar);
}

function exactly(what: string, value: number, bar: number): Figure {
  return { what, value, bar: { exactly: bar } };
}

function plain(what: string, value: number): Figure {
  return { what, value, bar: null };
}

function format(value: number): string {
  return value.toLocaleString('en-US');
}
