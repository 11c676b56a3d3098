import * as v from 'valibot';
import type { InvocationResult } from './invocation.ts';

/** Which messages of a batch succeeded. The others stay on the queue. */
export interface BatchResult {
  readonly succeededIds: ReadonlySet<string>;
  /** Why the whole batch failed; null when it did not. */
  readonly failureReason: string | null;
}

const BatchResponseSchema = v.nullable(
  v.pipe(
    v.custom<object>((response) => typeof response === 'object' && !Array.isArray(response)),
    v.object({
      batchItemFailures: v.nullish(v.array(v.object({ itemIdentifier: v.string() })), []),
    }),
  ),
);

/**
 * Reads a handler's response to a batch as Lambda's event source mapping does. Without
 * ReportBatchItemFailures every response means success. With it, null or an empty list means success;
 * an error, a timeout, a response that is not such a list, and an empty or unknown id fail the whole batch.
 * @param messageIds the ids of the messages of the batch
 * @param reportsItemFailures whether functionResponseType is ReportBatchItemFailures
 */
export function toBatchResult(
  result: InvocationResult,
  messageIds: readonly string[],
  reportsItemFailures: boolean,
): BatchResult {
  if (result.kind !== 'returned') return failBatch(`the invocation ended with ${result.kind}`);
  if (!reportsItemFailures) return { succeededIds: new Set(messageIds), failureReason: null };
  const response = v.safeParse(BatchResponseSchema, result.payload);
  if (!response.success) return failBatch('the response is not a list of batchItemFailures');
  const failures = response.output?.batchItemFailures ?? [];
  const failedIds = new Set(failures.map((failure) => failure.itemIdentifier));
  const invalidId = [...failedIds].find((id) => !messageIds.includes(id));
  if (invalidId !== undefined) {
    return failBatch(
      invalidId === '' ? 'an itemIdentifier is empty' : 'an itemIdentifier is unknown',
    );
  }
  return {
    succeededIds: new Set(messageIds.filter((id) => !failedIds.has(id))),
    failureReason: null,
  };
}

function failBatch(reason: string): BatchResult {
  return { succeededIds: new Set(), failureReason: reason };
}
