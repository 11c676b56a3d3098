import type { WebhookEntry } from '../telemetry/telemetry.ts';
import type { Issue, RelayRecord } from '../record/record.ts';

/** What became of one webhook. */
export type Outcome =
  | { readonly kind: 'queued'; readonly record: RelayRecord }
  | {
      readonly kind: 'quarantined';
      readonly id: string;
      readonly event: string | null;
      readonly issues: readonly Issue[];
    }
  | { readonly kind: 'refused'; readonly because: 'missing' | 'malformed' | 'mismatch' | 'address' }
  | { readonly kind: 'unavailable'; readonly because: 'secret' | 'queue' }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'failed'; readonly because: string };

const REFUSALS = {
  missing: 'signature_missing',
  malformed: 'signature_malformed',
  mismatch: 'signature_mismatch',
  address: 'sender_address',
} as const;

/**
 * The journal's line for an outcome.
 * @param ms milliseconds from the gateway's event to the outcome
 */
export function journalEntry(outcome: Outcome, answer: number, ms: number): WebhookEntry {
  switch (outcome.kind) {
    case 'queued': {
      const { id, type, data } = outcome.record;
      return {
        status: 'queued',
        answer,
        ms,
        id,
        event: type,
        purpose: data.purpose,
        test: data.test,
      };
    }
    case 'quarantined': {
      const { id, issues } = outcome;
      return { status: 'quarantined', answer, ms, id, event: outcome.event ?? undefined, issues };
    }
    case 'refused':
      return { status: 'refused', answer, ms, reason: REFUSALS[outcome.because] };
    case 'unavailable':
      return { status: 'unavailable', answer, ms, reason: `${outcome.because}_unavailable` };
    case 'too_large':
      return { status: 'too_large', answer, ms };
    case 'failed':
      return { status: 'failed', answer, ms, reason: outcome.because };
  }
}
