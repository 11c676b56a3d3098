import type { PipelineObserver } from '../../lib/local/emulator/observer.ts';
import { parseBatchLine } from './batch-log-line.ts';
import { CONSUMERS_DESTINATION } from './destinations.ts';
import { type Trace, increment } from './trace.ts';

/** An observer that writes the events of a pipeline to a trace. */
export interface TraceObserver extends PipelineObserver {
  /** How often the merchant's consumers received each record. */
  readonly consumedCounts: Map<string, number>;
  /** Notes an invocation whose environment is being killed. */
  noteKilled(invocationId: string): void;
}

/** The timeout of this attempt, not that of an earlier one because of which a delivery waits. */
const TIME_LIMIT_REASON = /^(?:uncertain: )?timeout$/;

/** Makes an observer that writes to this trace. */
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
    onLine({ requestId }, journal) {
      switch (journal.kind) {
        case 'delivery': {
          const { id, destination, outcome, reason, nextInSeconds } = journal.entry;
          const delivery = trace.getDelivery(id, destination);
          if (outcome === 'delivered' || outcome === 'duplicate')
            delivery.isReportedDelivered = true;
          if (TIME_LIMIT_REASON.test(reason ?? '') && requestId !== null) {
            delivery.timeouts.add(requestId);
          }
          if (outcome === 'retry' && nextInSeconds === undefined) increment(redeliveries, id);
          return;
        }
        case 'error': {
          const { code, id = '' } = journal.entry;
          if (code === 'follow_up_failed') increment(redeliveries, id);
          if (code === 'idempotency_write_failed' && requestId !== null) {
            const [, destination = '', recordId = ''] = id.split('#');
            trace.getDelivery(recordId, destination).failedWrites.add(requestId);
          }
          return;
        }
        case 'other': {
          const records = parseBatchLine(journal.text);
          if (records !== null && requestId !== null) batches.set(requestId, records);
          return;
        }
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
