import type { ParsedLogLine } from '../../../telemetry/log-lines.ts';
import type { CircuitView } from '../protocol.ts';

/** The circuit breakers of the destinations, as the log of fanOut reports them. */
export interface Circuits {
  onLine(parsed: ParsedLogLine): void;
  /** Each execution environment has breakers of its own: new code begins with closed ones. */
  reset(): void;
  get(destination: string): CircuitView;
}

/** The dependencies of `createCircuits`. */
export interface CircuitsDeps {
  /** How long a circuit stays open at most, in milliseconds. */
  readonly openMs: () => number;
  readonly now: () => number;
}

/**
 * Follows the circuit breakers. The latest report about a destination counts, of whichever environment: it
 * is open from the line that says so or that a delivery was not attempted for it, closed after an attempt
 * that was delivered or rejected, and half-open when it has been open for its time.
 */
export function createCircuits({ openMs, now }: CircuitsDeps): Circuits {
  const openedAt = new Map<string, number>();
  return {
    onLine(parsed) {
      if (parsed.kind === 'error') {
        const { code, destination } = parsed.entry;
        if (code === 'circuit_opened' && destination !== undefined)
          openedAt.set(destination, now());
      }
      if (parsed.kind !== 'delivery') return;
      const { destination, status, reason, failure } = parsed.entry;
      if (status === 'delivered' || (status === 'dead' && reason === 'rejected')) {
        openedAt.delete(destination);
      } else if (
        status === 'waiting' &&
        (failure === 'circuit_open' || openedAt.has(destination))
      ) {
        openedAt.set(destination, now());
      }
    },
    reset: () => openedAt.clear(),
    get(destination) {
      const at = openedAt.get(destination);
      if (at === undefined) return 'closed';
      return now() - at < openMs() ? 'open' : 'half-open';
    },
  };
}
