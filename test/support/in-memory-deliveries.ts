import type { DeliveriesTable, RowEnd, TakeResult } from '../../lib/deliveries/deliveries.ts';
import type { Failure } from '../../lib/destinations/outcome.ts';
import type { RowKey } from '../../lib/deliveries/row.ts';

/** A row of the table in memory. */
export type MemoryRow = {
  token: string;
  heldUntilMs: number;
  tries: number;
  attempts: number;
  firstAt: Date | null;
  lastAtMs: number;
  lastFailure: Failure | null;
} & ({ end: null } | { end: RowEnd });

/** A deliveries table in memory, whose rows a test can look at. */
export interface InMemoryDeliveries extends DeliveriesTable {
  /** The rows by record id (or hash of the business key) and destination, with a space between. */
  readonly rows: ReadonlyMap<string, MemoryRow>;
}

/**
 * A deliveries table in memory with the rules of the real one, but for content hashes, retention, release
 * and erasure; and with the given functions instead of its own. test/deliveries tests the real one.
 */
export function inMemoryDeliveries(
  changes: Partial<DeliveriesTable> = {},
  now: () => Date = () => new Date(),
): InMemoryDeliveries {
  const rows = new Map<string, MemoryRow>();
  const toName = ({ id, destination }: RowKey): string => `${id} ${destination}`;
  return {
    rows,
    async take(key, holder, { requestedAt }): Promise<TakeResult> {
      const row = rows.get(toName(key));
      const nowMs = now().getTime();
      const isOver = (at: string): boolean => (row?.lastAtMs ?? 0) < Date.parse(at);
      const isOwn = row?.end === null && row.token === holder.token;
      let refusal: TakeResult | null = null;
      if (row?.end === null && !isOwn && row.heldUntilMs > nowMs) {
        refusal = { kind: 'in_progress', until: new Date(row.heldUntilMs) };
      } else if (row?.end?.state === 'waiting' && !key.isBusinessKey) {
        const until = new Date(row.end.nextAt);
        if (until.getTime() > nowMs) refusal = { kind: 'not_due', until };
      } else if (row?.end?.state === 'delivered') {
        refusal = { kind: 'duplicate' };
      } else if (row?.end?.state === 'dead' && !key.isBusinessKey && !isOver(requestedAt)) {
        refusal = { kind: 'given_up' };
      }
      if (refusal !== null) return refusal;
      const goesOn = row !== undefined && (row.end === null || row.end.state === 'waiting');
      const tries = goesOn ? row.tries : 0;
      const before = {
        attempts: goesOn ? row.attempts : 0,
        firstAt: goesOn ? row.firstAt : null,
        unfinishedTries: isOwn ? tries - 1 : tries,
        lastFailure: goesOn ? row.lastFailure : null,
        isReleased: false,
      };
      rows.set(toName(key), {
        token: holder.token,
        heldUntilMs: nowMs + holder.remainingMs(),
        tries: tries + 1,
        attempts: before.attempts,
        firstAt: before.firstAt,
        lastAtMs: row?.lastAtMs ?? 0,
        lastFailure: before.lastFailure,
        end: null,
      });
      return { kind: 'taken', row: { key, holder }, before };
    },
    async finish({ key, holder }, end) {
      const row = rows.get(toName(key));
      if (row?.token !== holder.token && end.state !== 'delivered') return { kind: 'finished' };
      rows.set(toName(key), {
        token: '',
        heldUntilMs: 0,
        tries: end.state === 'waiting' ? end.unfinishedTries : 0,
        attempts: end.attempts,
        firstAt: end.firstAt,
        lastAtMs: now().getTime(),
        lastFailure: end.state === 'delivered' ? null : end.lastFailure,
        end,
      });
      return { kind: 'finished' };
    },
    async giveUp(key, { reason, lastFailure }) {
      const row = rows.get(toName(key));
      const isFree = row === undefined || row.end?.state === 'waiting' || row.end?.state === 'dead';
      if (!isFree && !(row.end === null && row.heldUntilMs <= now().getTime())) {
        return { kind: 'finished' };
      }
      const [attempts, firstAt] = [row?.attempts ?? 0, row?.firstAt ?? now()];
      rows.set(toName(key), {
        token: '',
        heldUntilMs: 0,
        tries: 0,
        attempts,
        firstAt,
        lastAtMs: now().getTime(),
        lastFailure,
        end: { state: 'dead', attempts, firstAt, reason, lastFailure },
      });
      return { kind: 'finished' };
    },
    ...changes,
  };
}
