/**
 * How a receiver's taking of a request ended for fanOut:
 * `answered` in time; `answered_late`, after the time limit; `never_answered`; `cut`, the connection was
 * closed without an answer; `answer_lost`, AWS took the message and its answer did not arrive.
 */
export type Fate = 'answered' | 'answered_late' | 'never_answered' | 'cut' | 'answer_lost';

/** A request that a receiver took, and perhaps acted on. */
export interface Taking {
  readonly invocation: string;
  fate: Fate;
}

/** What happened to one delivery, as far as the run did it or saw it. */
export interface Story {
  readonly takings: Taking[];
  /** How many requests came in all, with those that the receiver did not take. */
  requests: number;
  /** The run did something to it. */
  disturbed: boolean;
  /** The receiver refused it for good. */
  refused: boolean;
  /** The invocations whose note that it was delivered the ledger did not take. */
  readonly notesRefused: Set<string>;
  /** fanOut said that it was delivered, or had been. */
  told: boolean;
  /** The invocations which said that the time limit struck. */
  readonly timeLimits: Set<string>;
}

/** Everything that is known of a run. It only grows. */
export interface Chronicle {
  /** The story of a delivery; a new one when nothing is known of it. */
  story(recordId: string, destination: string): Story;
  /** How invocations ended that did not end well. */
  readonly ended: Map<string, 'killed' | 'time was up' | 'crashed'>;
  /** How often a record came, or comes, to fanOut once more, by its id. */
  readonly comeAgain: Map<string, number>;
  /** How often the run did what, in words. */
  readonly done: Map<string, number>;
}

/** An empty chronicle. */
export function createChronicle(): Chronicle {
  const stories = new Map<string, Story>();
  return {
    story(recordId, destination) {
      const key = `${destination} ${recordId}`;
      const known = stories.get(key);
      if (known !== undefined) return known;
      const story: Story = {
        takings: [],
        requests: 0,
        disturbed: false,
        refused: false,
        notesRefused: new Set(),
        told: false,
        timeLimits: new Set(),
      };
      stories.set(key, story);
      return story;
    },
    ended: new Map(),
    comeAgain: new Map(),
    done: new Map(),
  };
}

/** Counts one more. */
export function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
