import type { DeliveryEntry } from '../../../telemetry/telemetry.ts';
import type { Mark, Stand, Stop } from '../protocol.ts';

/** A request at a destination and what came back. */
export interface Wire {
  readonly head: string;
  readonly body: string;
  readonly answer: { readonly head: string; readonly ms: number } | null;
}

/** One attempt at one delivery, or several in a row in which nothing was tried. */
export interface Tried {
  readonly at: number;
  readonly entry: DeliveryEntry;
  times: number;
  nextAt: number | null;
  wire: Wire | null;
}

/** What has become of one record so far. */
export interface RecordStory {
  readonly id: string;
  /** The record as it was sent to [records], up to a limit; null when it was not seen there. */
  text: string | null;
  cutOff: number;
  readonly marks: Map<string, Mark>;
  readonly tried: Tried[];
  /** What went over the wire to a destination and was not told of by the journal yet. */
  readonly wires: Map<string, Wire>;
  readonly stops: { readonly at: number; readonly stop: Omit<Stop, 'afterMs'> }[];
  /** The calls that brought this record. */
  readonly calls: Set<string>;
  /** How often something has happened to it. */
  changes: number;
}

const MOST_TRIED = 60;
const MOST_STOPS = 60;

/** A story in which nothing has happened yet. */
export function newStory(id: string): RecordStory {
  return {
    id,
    text: null,
    cutOff: 0,
    marks: new Map(),
    tried: [],
    wires: new Map(),
    stops: [],
    calls: new Set(),
    changes: 0,
  };
}

/** Notes a stop on the record's way; a long way keeps its beginning and its end. */
export function noteStop(story: RecordStory, at: number, stop: Omit<Stop, 'afterMs'>): void {
  story.stops.push({ at, stop });
  if (story.stops.length > MOST_STOPS) story.stops.splice(MOST_STOPS / 2, 1);
}

/** Sets where a delivery stands. What was delivered stays delivered. */
export function setMark(
  story: RecordStory,
  destination: string,
  stand: Stand,
  more: Partial<Omit<Mark, 'destination' | 'stand'>> = {},
): void {
  const before = story.marks.get(destination);
  if (before?.stand === 'delivered') return;
  const start: Mark = { destination, stand, attempts: 0, nextAt: null, reason: null };
  story.marks.set(destination, { ...start, ...before, nextAt: null, stand, ...more });
}

/** Writes down what the journal says of an attempt. */
export function noteDelivery(story: RecordStory, entry: DeliveryEntry, at: number): void {
  const { destination, outcome, reason = null, nextInSeconds } = entry;
  const nextAt = nextInSeconds === undefined ? null : at + nextInSeconds * 1_000;
  const wire = story.wires.get(destination) ?? null;
  story.wires.delete(destination);
  const last = story.tried.at(-1);
  const untried = wire === null && outcome === 'retry';
  if (untried && last?.entry.reason === reason && last.entry.destination === destination) {
    last.times += 1;
    last.nextAt = nextAt;
  } else {
    story.tried.push({ at, entry, times: 1, nextAt, wire });
    if (story.tried.length > MOST_TRIED) story.tried.shift();
  }
  setMark(story, destination, STANDS[outcome], { attempts: entry.attempt, nextAt, reason });
}

const STANDS: Readonly<Record<DeliveryEntry['outcome'], Stand>> = {
  delivered: 'delivered',
  duplicate: 'delivered',
  retry: 'waiting',
  rejected: 'rejected',
  dead: 'dead',
};

/** Notes an exchange. The journal tells of it afterwards, or has done so a moment ago. */
export function noteWire(story: RecordStory, destination: string, wire: Wire): void {
  const told = story.tried.findLast((each) => each.entry.destination === destination);
  const mark = story.marks.get(destination)?.stand;
  if (
    told?.wire === null &&
    mark !== 'sending' &&
    told.entry.reason?.startsWith('held_back') !== true
  ) {
    told.wire = wire;
  } else {
    story.wires.set(destination, wire);
  }
}
