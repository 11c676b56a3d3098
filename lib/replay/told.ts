import type { ReplayLog } from '../telemetry/telemetry.ts';
import type { ReplayDecision } from './drain-queue.ts';

/** A verdict on a message with the id of its record; null when it cannot be read. */
export interface IdentifiedDecision<Finding> extends ReplayDecision<Finding> {
  readonly id: string | null;
}

/** The same verdict, whose move is told once the message is safe in its new place. */
export function logWhenSent<Finding extends { readonly status: string }>(
  tell: (entry: Pick<ReplayLog, 'id' | 'status'>) => void,
  { id, result, send }: IdentifiedDecision<Finding>,
): ReplayDecision<Finding> {
  if (send === null) return { result, send };
  return {
    result,
    async send() {
      await send();
      tell({ id, status: result.status });
    },
  };
}
