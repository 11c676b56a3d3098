import * as v from 'valibot';
import type { Outcome } from './invocation.ts';

/** Which messages of a batch are done. The others stay on the queue. */
export interface BatchVerdict {
  readonly done: ReadonlySet<string>;
  /** Why the whole batch counts as failed, or null. */
  readonly failedBecause: string | null;
}

const ReportSchema = v.nullable(
  v.pipe(
    v.custom<object>((answer) => typeof answer === 'object' && !Array.isArray(answer)),
    v.object({
      batchItemFailures: v.nullish(v.array(v.object({ itemIdentifier: v.string() })), []),
    }),
  ),
);

/**
 * Reads a handler's answer to a batch as Lambda's event source mapping does. Without item failures
 * every answer means success. With them, nothing or an empty list means success; an error, a time-out,
 * an answer that is no such list, an empty or an unknown id fail the whole batch.
 * @param messageIds the ids of the batch
 * @param reportsItemFailures functionResponseType is ReportBatchItemFailures
 */
export function batchVerdict(
  outcome: Outcome,
  messageIds: readonly string[],
  reportsItemFailures: boolean,
): BatchVerdict {
  if (outcome.kind !== 'returned') return failed(`the call ended with ${outcome.kind}`);
  if (!reportsItemFailures) return { done: new Set(messageIds), failedBecause: null };
  const report = v.safeParse(ReportSchema, outcome.payload);
  if (!report.success) return failed('the answer is not a list of batchItemFailures');
  const failures = report.output?.batchItemFailures ?? [];
  const failedIds = new Set(failures.map((failure) => failure.itemIdentifier));
  const strange = [...failedIds].find((id) => !messageIds.includes(id));
  if (strange !== undefined) {
    return failed(strange === '' ? 'an itemIdentifier is empty' : 'an itemIdentifier is unknown');
  }
  return { done: new Set(messageIds.filter((id) => !failedIds.has(id))), failedBecause: null };
}

function failed(because: string): BatchVerdict {
  return { done: new Set(), failedBecause: because };
}
