import type { Telemetry } from '../telemetry/telemetry.ts';
import type { SigningKeys } from './signing-keys.ts';
import { isSenderIp, type SenderRegion } from '../voucherify/sender-ips.ts';
import {
  SIGNATURE_HEADER,
  type VerificationResult,
  verifySignature,
} from '../voucherify/signature.ts';
import type { WebhookRequest } from './webhook-request.ts';
import type { ReceiveResult } from './receive-result.ts';

/** Whose addresses are the sender's, and what becomes of a genuine webhook that comes from elsewhere. */
export interface SenderIpCheck {
  /** Null: no address is checked. */
  readonly region: SenderRegion | null;
  readonly mode: 'report' | 'enforce';
}

/** What is needed to tell the sender's webhooks from others'. */
export interface AuthenticateDeps {
  /** The keys that are valid now. Rejects when they cannot be read. */
  readonly signingKeys: SigningKeys;
  /** Which addresses the sender has. */
  readonly senderIpCheck: SenderIpCheck;
  readonly telemetry: Telemetry;
}

/**
 * Says why a webhook is not taken, or null. The address is judged last: what then comes from elsewhere
 * is no scanner, but a new address of the sender's, or somebody who knows the secret.
 */
export async function authenticate(
  deps: AuthenticateDeps,
  webhook: WebhookRequest,
): Promise<ReceiveResult | null> {
  const verification = await verifyWithKeyRefresh(deps.signingKeys, webhook);
  if (verification === null) return { kind: 'unavailable', reason: 'secret' };
  if (!verification.valid) return { kind: 'rejected', reason: verification.reason };

  const { region, mode } = deps.senderIpCheck;
  if (region === null || isSenderIp(region, webhook.sourceIp)) return null;
  deps.telemetry.error({ code: 'unknown_sender_ip', reason: webhook.sourceIp });
  return mode === 'enforce' ? { kind: 'rejected', reason: 'address' } : null;
}

/** Judges a signature, and once more where the keys turn out to have changed; null without any keys. */
async function verifyWithKeyRefresh(
  signingKeys: SigningKeys,
  { body, headers }: WebhookRequest,
): Promise<VerificationResult | null> {
  const signature = headers.get(SIGNATURE_HEADER);
  const keys = await signingKeys().catch(() => null);
  if (keys === null || keys.length === 0) return null;
  const first = verifySignature(body, signature, keys);
  if (first.valid || first.reason !== 'mismatch') return first;

  const refreshed = await signingKeys('newest').catch(() => null);
  if (refreshed === null || refreshed.length === 0) return null;
  return refreshed === keys ? first : verifySignature(body, signature, refreshed);
}
