import type { Telemetry } from '../telemetry/telemetry.ts';
import {
  SIGNATURE_HEADER,
  type VerificationResult,
  verifySignature,
} from '../voucherify/signature.ts';
import type { ReceiveResult } from './receive-result.ts';
import type { SenderIpCheck } from './sender-ip-check.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { WebhookRequest } from './webhook-request.ts';

/** The dependencies of `authenticate`. */
export interface AuthenticateDeps {
  /** The keys that are valid now. Rejects when they cannot be read. */
  readonly signingKeys: SigningKeys;
  readonly senderIpCheck: SenderIpCheck;
  readonly telemetry: Telemetry;
}

const SIGNATURE_REASONS = {
  missing: 'signature_missing',
  malformed: 'signature_malformed',
  mismatch: 'signature_mismatch',
} as const;

/**
 * Decides whether a webhook is genuine. The IP address is checked last: a valid signature from another
 * address is no scanner, but a new address of Voucherify's, or somebody who has the secret.
 * @returns null when the webhook is accepted, else the result to respond with
 */
export async function authenticate(
  deps: AuthenticateDeps,
  webhook: WebhookRequest,
): Promise<ReceiveResult | null> {
  const verification = await verifyWithKeyRefresh(deps.signingKeys, webhook);
  if (verification === null) return { kind: 'unavailable', reason: 'secret_unavailable' };
  if (!verification.valid) {
    return { kind: 'rejected', reason: SIGNATURE_REASONS[verification.reason] };
  }

  const unknownIp = deps.senderIpCheck.findUnknownIp(webhook);
  if (unknownIp === null) return null;
  deps.telemetry.error({ code: 'unknown_sender_ip', sourceIp: unknownIp });
  return deps.senderIpCheck.mode === 'enforce'
    ? { kind: 'rejected', reason: 'unknown_sender_ip' }
    : null;
}

/** Verifies a signature; after a mismatch again with newer keys, if there are any. Null without keys. */
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
