import type { HandlerError } from './worker-messages.ts';

/** How one call of a handler ended. */
export type InvocationResult =
  | { readonly kind: 'returned'; readonly payload: unknown }
  | { readonly kind: 'threw'; readonly error: HandlerError }
  | { readonly kind: 'timed_out'; readonly retryAfterSeconds: number }
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
  readonly result: InvocationResult;
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
  onLine(line: HandlerLine): void;
  onInvocation(invocation: Invocation): void;
}

/** Says in one line how a call failed; null when it did not. */
export function describeFailure(result: InvocationResult): string | null {
  switch (result.kind) {
    case 'returned':
      return null;
    case 'threw':
      return `${result.error.type}: ${result.error.message}`;
    case 'timed_out':
      return `Task timed out after ${result.retryAfterSeconds} seconds`;
    case 'crashed':
      return result.reason;
  }
}
