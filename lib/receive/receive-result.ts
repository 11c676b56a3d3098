import type { Issue, RelayRecord } from '../record/record.ts';
import type { WebhookLog } from '../telemetry/log-lines.ts';
import type { WebhookReason } from '../telemetry/statuses.ts';

/** Why a webhook is rejected. */
export type RejectionReason = Extract<
  WebhookReason,
  | 'unsupported_front'
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_mismatch'
  | 'unknown_sender_ip'
>;

/** The result of processing one webhook. */
export type ReceiveResult =
  | { readonly kind: 'queued'; readonly record: RelayRecord }
  | {
      readonly kind: 'quarantined';
      readonly id: string;
      readonly event: string | null;
      readonly issues: readonly Issue[];
    }
  | { readonly kind: 'rejected'; readonly reason: RejectionReason }
  | { readonly kind: 'unavailable'; readonly reason: 'secret_unavailable' | 'queue_unavailable' }
  | { readonly kind: 'too_large' }
  /** Our own code failed; `cause` is the name of the error. */
  | { readonly kind: 'error'; readonly cause: string };

/**
 * Maps a result to the fields of its log line.
 * @param ms milliseconds from the gateway's event to the response
 */
export function toWebhookLog(result: ReceiveResult, httpStatus: number, ms: number): WebhookLog {
  const common = { status: result.kind, httpStatus, ms };
  switch (result.kind) {
    case 'queued': {
      const { id, type: event, data } = result.record;
      const { purpose, test, voucher } = data;
      const isUnusable = purpose === 'code' && voucher?.usable === false;
      const unusable = isUnusable ? voucher.unusableReasons : undefined;
      return { ...common, id, event, purpose, test, unusable };
    }
    case 'quarantined': {
      const { id, event, issues } = result;
      return { ...common, id, event: event ?? undefined, issues };
    }
    case 'rejected':
    case 'unavailable':
      return { ...common, reason: result.reason };
    case 'too_large':
      return common;
    case 'error':
      return { ...common, reason: 'internal_error', cause: result.cause };
  }
}
