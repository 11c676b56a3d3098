import type { PipelineObserver } from '../../lib/local/emulator/observer.ts';
import { recordsOfBatch } from './batch-log-line.ts';
import { CONSUMERS } from './destinations.ts';
import { type Chronicle, count } from './trace.ts';

/** What the pipeline tells while it runs, written into the chronicle. */
export interface Watch extends PipelineObserver {
  /** How often the merchant's consumers got each record. */
  readonly consumed: Map<string, number>;
  /** An invocation whose environment is being ended from outside. */
  killed(invocation: string): void;
}

/** The time limit of this attempt: not that of an earlier one, for which a delivery is held back. */
const TIME_LIMIT = /^(?:uncertain: )?time_limit$/;

/** Writes what a pipeline tells into a chronicle. */
export function watch(chronicle: Chronicle): Watch {
  const { ended, comeAgain } = chronicle;
  const batches = new Map<string, readonly string[]>();
  const consumed = new Map<string, number>();
  const killed = new Set<string>();
  return {
    consumed,
    killed: (invocation) => void killed.add(invocation),
    onArrival({ destination, recordId }) {
      if (destination === CONSUMERS && recordId !== null) count(consumed, recordId);
    },
    onLine({ requestId }, journal) {
      switch (journal.kind) {
        case 'delivery': {
          const { id, destination, outcome, reason, nextInSeconds } = journal.entry;
          const story = chronicle.story(id, destination);
          if (outcome === 'delivered' || outcome === 'duplicate') story.told = true;
          if (TIME_LIMIT.test(reason ?? '') && requestId !== null) {
            story.timeLimits.add(requestId);
          }
          if (outcome === 'retry' && nextInSeconds === undefined) count(comeAgain, id);
          return;
        }
        case 'trouble': {
          const { what, id = '' } = journal.entry;
          if (what === 'delivery_not_settled') count(comeAgain, id);
          if (what === 'ledger_not_told_of_delivered' && requestId !== null) {
            const [, destination = '', recordId = ''] = id.split('#');
            chronicle.story(recordId, destination).notesRefused.add(requestId);
          }
          return;
        }
        case 'other': {
          const records = recordsOfBatch(journal.text);
          if (records !== null && requestId !== null) batches.set(requestId, records);
          return;
        }
        case 'webhook':
      }
    },
    onInvocation({ functionName, requestId, outcome }) {
      if (functionName !== 'fanOut') return;
      const batch = batches.get(requestId) ?? [];
      batches.delete(requestId);
      if (outcome.kind === 'returned') return;
      const crash = outcome.kind === 'timed_out' ? 'time was up' : 'crashed';
      const how = killed.has(requestId) ? 'killed' : crash;
      ended.set(requestId, how);
      count(chronicle.done, `fanOut: ${how} in the middle of a batch`);
      for (const id of batch) count(comeAgain, id);
    },
  };
}
