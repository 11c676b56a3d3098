import type { DestinationBacklog } from '../../emulator/destination-backlogs.ts';
import type { Circuits } from '../state/circuits.ts';
import type { Store } from '../state/store.ts';
import type { FlowNodeName, Counters } from '../state/counters.ts';
import type { DestinationView, FlowView, Snapshot, FlowNode } from '../protocol.ts';
import type { ResponseChoices } from './mock-responses.ts';
import type { FunctionNames } from './functions-client.ts';
import type { Notifications } from './notifications.ts';

/** The state that a snapshot is made of. */
export interface SnapshotDeps {
  /** The URL of the webhook endpoint. */
  readonly endpoint: string;
  readonly store: Store;
  readonly counters: Counters;
  readonly notifications: Notifications;
  readonly responseChoices: Pick<ResponseChoices, 'get'>;
  readonly speed: () => number;
  /** Why npm start has to be run again; null when it does not. */
  readonly restart: () => string | null;
  readonly functionNames: () => FunctionNames;
  /** The destinations whose response can be chosen. */
  readonly mockDestinationNames: ReadonlySet<string>;
  /** What is on the queue of each destination, by the id of the destination. */
  readonly backlogs: () => ReadonlyMap<string, DestinationBacklog>;
  readonly circuits: Pick<Circuits, 'get'>;
  /** How many messages each queue holds, by logical id: also those that are hidden. */
  readonly queueDepths: () => ReadonlyMap<string, number>;
  readonly now: () => number;
}

const QUEUE_IDS = {
  records: 'RecordsQueue',
  deadLetters: 'DeadLettersQueue',
  quarantine: 'QuarantineQueue',
} as const;

/** Creates the snapshot of all changes after a revision and a notification number. */
export function getSnapshotSince(
  deps: SnapshotDeps,
  revision: number,
  lastNotification: number,
): Snapshot {
  const now = deps.now();
  return {
    now,
    endpoint: deps.endpoint,
    rows: deps.store.getRowsChangedSince(revision),
    generation: deps.store.generation(),
    flow: toFlowView(deps, now),
    speed: deps.speed(),
    restart: deps.restart(),
    notifications: deps.notifications.since(lastNotification),
    mappings: [...deps.functionNames().mappings],
  };
}

function toFlowView(deps: SnapshotDeps, now: number): FlowView {
  const { counters } = deps;
  const depths = deps.queueDepths();
  const toThroughputNode = (name: FlowNodeName): FlowNode => ({
    count: counters.total(name),
    series: counters.series(name, now),
  });
  const toQueueNode = (name: keyof typeof QUEUE_IDS): FlowNode => ({
    count: depths.get(QUEUE_IDS[name]) ?? 0,
    series: counters.series(name, now),
  });
  return {
    endpoint: toThroughputNode('endpoint'),
    rejected: counters.rejected(),
    quarantine: toQueueNode('quarantine'),
    records: toQueueNode('records'),
    fanOut: toThroughputNode('fanOut'),
    deadLetters: toQueueNode('deadLetters'),
    destinations: toDestinationViews(deps, now),
  };
}

function toDestinationViews(deps: SnapshotDeps, now: number): DestinationView[] {
  const counted = deps.counters.destinations();
  const backlogs = deps.backlogs();
  const declared = new Map(deps.functionNames().destinations.map((each) => [each.name, each]));
  const names = new Set([...declared.keys(), ...counted.keys()]);
  return [...names].map((name) => {
    const { delivered = 0, series } = counted.get(name) ?? {};
    const { id = name, kind = null, pace = null } = declared.get(name) ?? {};
    const {
      waiting = 0,
      inProgress = 0,
      oldestSentAtMs = null,
      pausedAt = null,
    } = backlogs.get(id) ?? {};
    return {
      name,
      kind,
      responseChoice: deps.mockDestinationNames.has(name) ? deps.responseChoices.get(name) : null,
      delivered,
      waiting,
      inProgress,
      oldestSentAt: oldestSentAtMs,
      pace,
      circuit: deps.circuits.get(name),
      pausedAt: pausedAt === null ? null : Date.parse(pausedAt),
      series: series?.counts(now) ?? [],
    };
  });
}
