import type { Telemetry } from '../telemetry/telemetry.ts';
import type { ReconcileReport, ReconcileResult } from './reconcile.ts';

/** What a daily run found, for the log of the scheduler's invocation. No code. */
export interface DailyReconcileReport {
  readonly command: 'reconcile-daily';
  /** Null when the run failed or its time was over. */
  readonly counts: ReconcileResult['counts'] | null;
}

/** The dependencies of `createDailyReconcile`. */
export interface DailyReconcileDeps {
  /** Runs one slice (createReconcile). */
  readonly reconcile: (request: object) => Promise<ReconcileReport>;
  /** Makes quarantined webhooks visible again. Never rejects. */
  readonly unhide: (handles: readonly string[]) => Promise<unknown>;
  readonly telemetry: Pick<Telemetry, 'error'>;
  readonly now: () => Date;
  readonly wait: (ms: number) => Promise<unknown>;
}

/** What did not come is missing for a week, or until it came: each day its alarm goes off again. */
const PERIOD_DAYS = 8;
const DAY_MS = 86_400_000;
/** For one more slice, and to give back what is hidden. */
const RESERVE_MS = 45_000;

/**
 * Creates the daily run: it compares the publications of the last week in one invocation, slice by slice, and
 * reports what is missing as an error, which has a metric and an alarm.
 * @returns a function of the milliseconds until the invocation ends
 */
export function createDailyReconcile({
  reconcile,
  unhide,
  telemetry,
  now,
  wait,
}: DailyReconcileDeps): (remainingMs: () => number) => Promise<DailyReconcileReport> {
  return async (remainingMs) => {
    const since = new Date(now().getTime() - PERIOD_DAYS * DAY_MS).toISOString();
    const handles: string[] = [];
    const fail = (cause: string): DailyReconcileReport => {
      telemetry.error({ code: 'reconcile_failed', cause });
      return { command: 'reconcile-daily', counts: null };
    };
    try {
      let continuation: ReconcileReport['continuation'] = null;
      for (;;) {
        const report: ReconcileReport = await reconcile({
          command: 'reconcile',
          since,
          continuation,
        });
        for (const handle of report.held) handles.push(handle);
        if (report.failure !== null) return fail(report.failure.reason);
        if (report.result !== null) {
          const { counts } = report.result;
          // whether anything was to come cannot be derived from what came then
          const hasNothing = counts.arrived === 0 && counts.elsewhere > 0;
          const lost = hasNothing ? counts.elsewhere + counts.missing : counts.missing;
          if (lost > 0) {
            telemetry.error({
              code: 'publications_missing',
              issues: [
                `${lost} of ${report.result.total} publications`,
                ...(hasNothing ? ['nothing came in the whole period'] : []),
              ],
            });
          }
          return { command: 'reconcile-daily', counts };
        }
        ({ continuation } = report);
        const waitMs = report.waitSeconds * 1_000;
        if (remainingMs() - waitMs < RESERVE_MS) return fail('time_over');
        await wait(waitMs);
      }
    } finally {
      await unhide(handles);
    }
  };
}
