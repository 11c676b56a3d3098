import type { LocalPipelineObserver } from '../../lib/local/emulator/observer.ts';
import { parseBatchLine } from './batch-log-line.ts';
import { CONSUMERS_DESTINATION } from './destinations.ts';
import { type Trace, increment } from './trace.ts';

/** An observer of the pipeline that records what happens in a trace. */
export interface TraceObserver extends LocalPipelineObserver {
  /** How often the merchant's consumers got each record. */
  readonly consumedCounts: Map<string, number>;
  /** Records an invocation whose environment is being killed. */
  noteKilled(invocationId: string): void;
}

/** Creates an observer that writes into a trace. */
export function createTraceObserver(trace: Trace): TraceObserver {
  const { abnormalEnds, redeliveries } = trace;
  const batches = new Map<string, readonly string[]>();
  const consumedCounts = new Map<string, number>();
  const killedInvocations = new Set<string>();
  return {
    consumedCounts,
    noteKilled: (invocationId) => void killedInvocations.add(invocationId),
    onRequestDelivered({ destination, recordId }) {
      if (destination === CONSUMERS_DESTINATION && recordId !== null)
        increment(consumedCounts, recordId);
    },
    onLine({ requestId }, line) {
      switch (line.kind) {
        case 'delivery': {
          const { id, destination, status, failure, reason } = line.entry;
          const delivery = trace.getDelivery(id, destination);
          if (status === 'delivered' || status === 'duplicate') delivery.isReportedDelivered = true;
          // the timeout of this attempt: a delivery that is given up for its age has an earlier one
          const isOwnTimeout = status === 'waiting' || reason === 'maybe_delivered';
          if (failure === 'timeout' && isOwnTimeout && requestId !== null) {
            delivery.timeouts.add(requestId);
          }
          if (status === 'in_progress') increment(redeliveries, id);
          return;
        }
        case 'error': {
          const { code, id = '', destination = '' } = line.entry;
          if (code === 'follow_up_failed') increment(redeliveries, id);
          if (code === 'delivered_write_failed' && requestId !== null) {
            trace.getDelivery(id, destination).failedWrites.add(requestId);
          }
          return;
        }
        case 'other': {
          const records = parseBatchLine(line.text);
          if (records !== null && requestId !== null) batches.set(requestId, records);
          return;
        }
        case 'replay':
        case 'webhook':
      }
    },
    onInvocation({ functionName, requestId, result }) {
      if (functionName !== 'fanOut') return;
      const batch = batches.get(requestId) ?? [];
      batches.delete(requestId);
      if (result.kind === 'returned') return;
      const failure = result.kind === 'timed_out' ? 'timed out' : 'crashed';
      const end = killedInvocations.has(requestId) ? 'killed' : failure;
      abnormalEnds.set(requestId, end);
      increment(trace.injectedFaults, `fanOut: ${end} in the middle of a batch`);
      for (const id of batch) increment(redeliveries, id);
    },
  };
}
