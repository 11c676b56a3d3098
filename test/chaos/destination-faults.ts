import type { SinkBehaviour, SinkScript } from '../../lib/local/emulator/mock-destinations.ts';
import { recordIdOf } from '../../lib/local/emulator/delivered-requests.ts';
import { DOWN } from './destinations.ts';
import { type Chance, pick } from './seeded-random.ts';
import { type Chronicle, count, type Fate } from './trace.ts';

/** What a receiver does in place of answering 200. */
export type Disturbance =
  | 'answers 500'
  | 'answers 503'
  | 'answers 429 with Retry-After'
  | 'answers 422'
  | 'hangs'
  | 'closes the connection'
  | 'answers after the time limit'
  | 'fanOut is killed at the answer'
  | 'fanOut is killed before the answer';

/** One delivery in that many is disturbed. */
const DISTURBED_SHARE = 0.2;
const LONGEST = 3;
const WEIGHTS: readonly (readonly [Disturbance, number])[] = [
  ['answers 500', 22],
  ['answers 503', 22],
  ['answers 429 with Retry-After', 22],
  ['answers 422', 2],
  ['hangs', 8],
  ['closes the connection', 12],
  ['answers after the time limit', 10],
  ['fanOut is killed at the answer', 0.5],
  ['fanOut is killed before the answer', 0.5],
];
const RETRY_AFTER_SECONDS = '1';
const OK: SinkBehaviour = { kind: 'answer', status: 200 };

/** What the first requests of a delivery meet, in turn; the ones after them are answered 200. */
export function disturbancesOf(
  chance: Chance,
  destination: string,
  recordId: string,
): readonly Disturbance[] {
  if (chance('disturbed', destination, recordId) >= DISTURBED_SHARE) return [];
  const length = 1 + Math.floor(chance('how often', destination, recordId) * LONGEST);
  return Array.from({ length }, (_, n) =>
    pick(WEIGHTS, chance('how', destination, recordId, n)),
  ).filter((each) => each !== null);
}

/** What the faults of receivers need. */
export interface DestinationFaultsDeps {
  readonly chance: Chance;
  readonly chronicle: Chronicle;
  readonly timeLimitMs: number;
  /** Ends the environment in which an invocation runs. */
  readonly kill: (invocation: string) => void;
  /** Whether the destination that is down for the whole run is still down. */
  readonly isDown: () => boolean;
}

/** How a sink behaves in a run, and what it writes into the chronicle. */
export function disturbedSink(deps: DestinationFaultsDeps, destination: string): SinkScript {
  const { chance, chronicle, timeLimitMs } = deps;
  return ({ body, headers }) => {
    const recordId = recordIdOf(body) ?? '';
    const invocation = headers['x-amzn-trace-id'] ?? '';
    const story = chronicle.story(recordId, destination);
    const nth = story.requests;
    story.requests += 1;
    const takes = (fate: Fate): void => void story.takings.push({ invocation, fate });
    if (destination === DOWN && deps.isDown()) {
      story.disturbed = true;
      count(chronicle.done, `${destination} is down`);
      return { kind: 'close' };
    }
    const disturbance = disturbancesOf(chance, destination, recordId)[nth];
    if (disturbance === undefined) {
      takes('answered');
      return OK;
    }
    story.disturbed = true;
    count(chronicle.done, `a destination ${disturbance}`.replace('a destination fanOut', 'fanOut'));
    switch (disturbance) {
      case 'answers 500':
        return { kind: 'answer', status: 500 };
      case 'answers 503':
        return { kind: 'answer', status: 503 };
      case 'answers 429 with Retry-After':
        return { kind: 'answer', status: 429, headers: { 'retry-after': RETRY_AFTER_SECONDS } };
      case 'answers 422':
        story.refused = true;
        return { kind: 'answer', status: 422 };
      case 'hangs':
        takes('never_answered');
        return { kind: 'hang' };
      case 'closes the connection':
        takes('cut');
        return { kind: 'close' };
      case 'answers after the time limit':
        takes('answered_late');
        return { ...OK, delayMs: timeLimitMs * 1.5 };
      case 'fanOut is killed at the answer':
        takes('answered');
        setImmediate(() => deps.kill(invocation));
        return OK;
      case 'fanOut is killed before the answer':
        takes('never_answered');
        deps.kill(invocation);
        return { kind: 'hang' };
    }
  };
}
