import type { MadeRequest } from './request-capture.ts';
import type { HandlerError } from './worker-messages.ts';

/** How one invocation of a handler ended. */
export type InvocationResult =
  | { readonly kind: 'returned'; readonly payload: unknown }
  | { readonly kind: 'threw'; readonly error: HandlerError }
  | { readonly kind: 'timed_out'; readonly timeoutSeconds: number }
  | { readonly kind: 'crashed'; readonly reason: string };

/** One completed invocation of a handler. */
export interface Invocation {
  readonly functionName: string;
  readonly requestId: string;
  readonly environmentId: string;
  /** Whether it was the first invocation in its execution environment. */
  readonly coldStart: boolean;
  /** The event that the handler received. */
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

/** One request that a handler made, also of a service of AWS; those of DynamoDB are left out. */
export interface HandlerRequest {
  readonly functionName: string;
  readonly environmentId: string;
  /** The event of the invocation that made it, the last one of its environment. */
  readonly event: unknown;
  readonly request: MadeRequest;
}

/** Receives the log lines and invocations of a function. */
export interface FunctionObserver {
  onLine(line: HandlerLine): void;
  onInvocation(invocation: Invocation): void;
  /** Without it, the requests that the handler makes are not captured. */
  onRequest?(request: HandlerRequest): void;
}

/** Describes in one line why an invocation failed; null when it succeeded. */
export function describeFailure(result: InvocationResult): string | null {
  switch (result.kind) {
    case 'returned':
      return null;
    case 'threw':
      return `${result.error.type}: ${result.error.message}`;
    case 'timed_out':
      return `Task timed out after ${result.timeoutSeconds} seconds`;
    case 'crashed':
      return result.reason;
  }
}
