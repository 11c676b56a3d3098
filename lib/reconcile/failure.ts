/** Why a run fails: its period cannot be compared, or Voucherify's API cannot be read. */
export const FAILURE_REASONS = [
  'period_empty',
  'too_old',
  'credentials_unreadable',
  'credentials_invalid',
  'unauthorized',
  'not_in_plan',
  'not_found',
  'refused',
  'rate_limited',
  'unavailable',
  'unexpected_response',
  'unexpected_download_host',
  'export_failed',
  'export_too_slow',
  'broken_csv',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** The meaning of each reason, and what to do. docs/reconcile.md has the same list; a test compares them. */
export const FAILURE_MEANINGS: { readonly [Reason in FailureReason]: string } = {
  period_empty: '`since` is not before `until`, or not before now',
  too_old:
    'the period begins before history does, so what came may be deleted by now; `detail` names the first time that can be compared. `historyDays` is for more',
  credentials_unreadable:
    'the secret with the keys of the API cannot be read; create it, and allow the function to read it',
  credentials_invalid:
    'the secret is not what docs/reconcile.md describes; `detail` names what is wrong',
  unauthorized: 'Voucherify does not accept the keys; put valid ones into the secret',
  not_in_plan: 'your Voucherify plan does not include the call that `call` names',
  not_found: 'Voucherify does not have what the call asks for; start a new run',
  refused: 'Voucherify does not accept the call; `status` has its status',
  rate_limited:
    'the limit of API calls is reached and Voucherify does not say until when; try again later',
  unavailable: 'Voucherify did not respond, or with an error of its own; try again later',
  unexpected_response:
    'the response is not what Voucherify documents; nothing is concluded from it. Report it to us',
  unexpected_download_host:
    'the file of the export is on a host that is not of the region in the secret; correct `region`, or set `downloadUrl`',
  export_failed: 'Voucherify could not make the export; start a new run',
  export_too_slow: 'the export was not ready after an hour; start a new run with a shorter period',
  broken_csv: 'the file of the export cannot be read with certainty; `detail` names the row',
};

/** What of an error is reported. Never an address, a code or what Voucherify wrote. */
export interface ReconcileFailure {
  readonly reason: FailureReason;
  /** The call, by its name in Voucherify's documentation; null when there was none. */
  readonly call: string | null;
  /** The HTTP status; null when there was no response. */
  readonly status: number | null;
  readonly detail: string | null;
}

/** Ends a run: what was not read must not be called missing. */
export class ReconcileError extends Error {
  override readonly name = 'ReconcileError';
  readonly report: ReconcileFailure;

  constructor(reason: FailureReason, rest: Partial<Omit<ReconcileFailure, 'reason'>> = {}) {
    super(reason);
    this.report = { reason, call: null, status: null, detail: null, ...rest };
  }
}

/** The next call may be made at this time only: the slice ends, and the next one goes on. */
export class PauseError extends Error {
  override readonly name = 'PauseError';
  readonly until: Date;

  constructor(until: Date) {
    super('The limit of API calls');
    this.until = until;
  }
}
