import type { WebhookLog } from '../telemetry/telemetry.ts';
import type { Issue, RelayRecord } from '../record/record.ts';

/** What became of one webhook. */
export type ReceiveResult =
  | { readonly kind: 'queued'; readonly record: RelayRecord }
  | {
      readonly kind: 'quarantined';
      readonly id: string;
      readonly event: string | null;
      readonly issues: readonly Issue[];
    }
  | { readonly kind: 'rejected'; readonly reason: 'missing' | 'malformed' | 'mismatch' | 'address' }
  | { readonly kind: 'unavailable'; readonly reason: 'secret' | 'queue' }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'error'; readonly reason: string };

const REJECTION_REASONS = {
  missing: 'signature_missing',
  malformed: 'signature_malformed',
  mismatch: 'signature_mismatch',
  address: 'sender_address',
} as const;

/**
 * The journal's line for an outcome.
 * @param ms milliseconds from the gateway's event to the outcome
 */
export function toLogEntry(result: ReceiveResult, httpStatus: number, ms: number): WebhookLog {
  switch (result.kind) {
    case 'queued': {
      const { id, type, data } = result.record;
      return {
        status: 'queued',
        httpStatus,
        ms,
        id,
        event: type,
        purpose: data.purpose,
        test: data.test,
      };
    }
    case 'quarantined': {
      const { id, issues } = result;
      return {
        status: 'quarantined',
        httpStatus,
        ms,
        id,
        event: result.event ?? undefined,
        issues,
      };
    }
    case 'rejected':
      return { status: 'rejected', httpStatus, ms, reason: REJECTION_REASONS[result.reason] };
    case 'unavailable':
      return { status: 'unavailable', httpStatus, ms, reason: `${result.reason}_unavailable` };
    case 'too_large':
      return { status: 'too_large', httpStatus, ms };
    case 'error':
      return { status: 'error', httpStatus, ms, reason: result.reason };
  }
}
