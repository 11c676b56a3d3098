import type { HandlerError } from './worker-messages.ts';

/** How one call of a handler ended. */
export type Outcome =
  | { readonly kind: 'returned'; readonly payload: unknown }
  | { readonly kind: 'threw'; readonly error: HandlerError }
  | { readonly kind: 'timed_out'; readonly afterSeconds: number }
  | { readonly kind: 'crashed'; readonly reason: string };

/** One call of a handler, as an observer sees it when it is over. */
export interface Invocation {
  readonly functionName: string;
  readonly requestId: string;
  readonly environmentId: string;
  /** It was the first call in its execution environment. */
  readonly coldStart: boolean;
  /** What the handler was called with. */
  readonly event: unknown;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly outcome: Outcome;
}

/** One line that a handler wrote. `requestId` is null while the environment starts. */
export interface HandlerLine {
  readonly functionName: string;
  readonly environmentId: string;
  readonly requestId: string | null;
  readonly text: string;
}

/** Who wants to know what a function does. */
export interface FunctionObserver {
  line(line: HandlerLine): void;
  invocation(invocation: Invocation): void;
}

/** Says in one line how a call failed; null when it did not. */
export function failureText(outcome: Outcome): string | null {
  switch (outcome.kind) {
    case 'returned':
      return null;
    case 'threw':
      return `${outcome.error.type}: ${outcome.error.message}`;
    case 'timed_out':
      return `Task timed out after ${outcome.afterSeconds} seconds`;
    case 'crashed':
      return outcome.reason;
  }
}
