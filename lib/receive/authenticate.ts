import type { Journal } from '../telemetry/telemetry.ts';
import type { SigningKeys } from './signing-keys.ts';
import { isSenderAddress, type SenderRegion } from '../voucherify/sender-ips.ts';
import { SIGNATURE_HEADER, type Verification, verifySignature } from '../voucherify/signature.ts';
import type { Webhook } from './webhook-request.ts';
import type { Outcome } from './receive-result.ts';

/** Whose addresses are the sender's, and what becomes of a genuine webhook that comes from elsewhere. */
export interface SenderRule {
  /** Null: no address is checked. */
  readonly region: SenderRegion | null;
  readonly elsewhere: 'count' | 'enforce';
}

/** What is needed to tell the sender's webhooks from others'. */
export interface AdmissionDeps {
  /** The keys that are valid now. Rejects when they cannot be read. */
  readonly signingKeys: SigningKeys;
  /** Which addresses the sender has. */
  readonly sender: SenderRule;
  readonly journal: Journal;
}

/**
 * Says why a webhook is not taken, or null. The address is judged last: what then comes from elsewhere
 * is no scanner, but a new address of the sender's, or somebody who knows the secret.
 */
export async function refusalOf(deps: AdmissionDeps, webhook: Webhook): Promise<Outcome | null> {
  const verification = await verify(deps.signingKeys, webhook);
  if (verification === null) return { kind: 'unavailable', because: 'secret' };
  if (!verification.genuine) return { kind: 'refused', because: verification.because };

  const { region, elsewhere } = deps.sender;
  if (region === null || isSenderAddress(region, webhook.sourceAddress)) return null;
  deps.journal.trouble({ what: 'unknown_sender_address', reason: webhook.sourceAddress });
  return elsewhere === 'enforce' ? { kind: 'refused', because: 'address' } : null;
}

/** Judges a signature, and once more where the keys turn out to have changed; null without any keys. */
async function verify(
  signingKeys: SigningKeys,
  { body, headers }: Webhook,
): Promise<Verification | null> {
  const signature = headers.get(SIGNATURE_HEADER);
  const keys = await signingKeys().catch(() => null);
  if (keys === null || keys.length === 0) return null;
  const first = verifySignature(body, signature, keys);
  if (first.genuine || first.because !== 'mismatch') return first;

  const newest = await signingKeys('newest').catch(() => null);
  if (newest === null || newest.length === 0) return null;
  return newest === keys ? first : verifySignature(body, signature, newest);
}
