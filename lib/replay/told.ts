import type { ReplayEntry } from '../telemetry/telemetry.ts';
import type { Verdict } from './drain-queue.ts';

/** A verdict on a message with the id of its record; null when it cannot be read. */
export interface IdentifiedVerdict<Finding> extends Verdict<Finding> {
  readonly id: string | null;
}

/** The same verdict, whose move is told once the message is safe in its new place. */
export function toldTo<Finding extends { readonly status: string }>(
  tell: (entry: Pick<ReplayEntry, 'id' | 'status'>) => void,
  { id, finding, move }: IdentifiedVerdict<Finding>,
): Verdict<Finding> {
  if (move === null) return { finding, move };
  return {
    finding,
    async move() {
      await move();
      tell({ id, status: finding.status });
    },
  };
}
