import type { Book } from '../state/store.ts';
import type { StationName, Tally } from '../state/counters.ts';
import type { DestinationView, FlowView, News, Station } from '../protocol.ts';
import type { Behaviours } from './mock-responses.ts';
import type { Facts } from './functions-client.ts';
import type { Notices } from './notifications.ts';

/** What the news are made of. */
export interface NewsDeps {
  readonly book: Book;
  readonly tally: Tally;
  readonly notices: Notices;
  readonly behaviours: () => Behaviours | null;
  readonly speed: () => number;
  readonly facts: () => Facts;
  /** The receivers of this machine whose answers can be chosen. */
  readonly sinkNames: () => ReadonlySet<string>;
  /** How many messages lie on each queue, by logical id. */
  readonly depths: () => ReadonlyMap<string, number>;
  readonly now: () => number;
}

const QUEUES = {
  records: 'RecordsQueue',
  retries: 'RetriesQueue',
  deadLetters: 'DeadLettersQueue',
  quarantine: 'QuarantineQueue',
} as const;

/** Everything that a page does not know yet. */
export function newsSince(deps: NewsDeps, revision: number, notice: number): News {
  const now = deps.now();
  return {
    now,
    rows: deps.book.rowsSince(revision),
    flow: flowView(deps, now),
    speed: deps.speed(),
    notices: deps.notices.since(notice),
    mappings: [...deps.facts().mappings],
  };
}

function flowView(deps: NewsDeps, now: number): FlowView {
  const { tally } = deps;
  const depths = deps.depths();
  const passed = (name: StationName): Station => ({
    count: tally.total(name),
    series: tally.series(name, now),
  });
  const lying = (name: keyof typeof QUEUES): Station => ({
    count: depths.get(QUEUES[name]) ?? 0,
    series: tally.series(name, now),
  });
  return {
    endpoint: passed('endpoint'),
    refused: tally.refused(),
    quarantine: lying('quarantine'),
    records: lying('records'),
    fanOut: passed('fanOut'),
    retries: lying('retries'),
    deadLetters: lying('deadLetters'),
    destinations: destinationViews(deps, now),
  };
}

function destinationViews(deps: NewsDeps, now: number): DestinationView[] {
  const counted = deps.tally.destinations();
  const waiting = new Map<string, number>();
  for (const story of deps.book.stories()) {
    for (const { destination, stand } of story.marks.values()) {
      if (stand === 'waiting') waiting.set(destination, (waiting.get(destination) ?? 0) + 1);
    }
  }
  const names = new Set([...deps.facts().destinations, ...counted.keys()]);
  return [...names].map((name) => {
    const { delivered = 0, failed = 0, series } = counted.get(name) ?? {};
    return {
      name,
      behaviour: deps.sinkNames().has(name) ? (deps.behaviours()?.of(name) ?? 'ok') : null,
      delivered,
      failed,
      waiting: waiting.get(name) ?? 0,
      series: series?.counts(now) ?? [],
    };
  });
}
