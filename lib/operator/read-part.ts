import { errorName } from '../error-name.ts';
import { withDeadline } from '../platform/deadline.ts';

/** Why a part could not be read. `local`: the stage local has no such service. */
export type UnreadReason = 'local' | 'denied' | 'failed';

/** A part of a report that could not be read. */
export interface Unread {
  readonly reason: UnreadReason;
  /** The name of the error; null for a part that the stage local does not have. */
  readonly error: string | null;
  /** The permission that is missing, where AWS denied access. */
  readonly permission: string | null;
}

/** A value, or why there is none. */
export type Part<Value> =
  | { readonly ok: true; readonly value: Value }
  | ({ readonly ok: false } & Unread);

/** Every part has its own deadline, so that the invocation ends in time whichever service stalls. */
const PART_DEADLINE_MS = 6_000;
/** Each service has another name for it. */
const ACCESS_DENIED = /^(?:AccessDenied|Forbidden|NotAuthorized|AuthorizationError)/;

/**
 * Reads one part of a report. It never rejects and ends within 6 seconds: what cannot be read must not
 * hide the rest.
 * @param permission what the function needs for it
 */
export async function readPart<Value>(
  permission: string,
  read: (signal: AbortSignal) => Promise<Value>,
): Promise<Part<Value>> {
  try {
    return { ok: true, value: await withDeadline(PART_DEADLINE_MS, read) };
  } catch (error) {
    const name = errorName(error);
    return ACCESS_DENIED.test(name)
      ? { ok: false, reason: 'denied', error: name, permission }
      : { ok: false, reason: 'failed', error: name, permission: null };
  }
}

/** A part that the stage local does not have. */
export const NOT_LOCAL = {
  ok: false,
  reason: 'local',
  error: null,
  permission: null,
} as const satisfies Part<never>;
