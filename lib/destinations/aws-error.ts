import * as v from 'valibot';
import { type DeliveryOutcome, rejected, retry, TIMEOUT } from './outcome.ts';

/** What the AWS SDK throws: an error with the service's code as its name, and the answer's status. */
const AwsErrorSchema = v.object({
  name: v.string(),
  $metadata: v.optional(v.object({ httpStatusCode: v.optional(v.number()) }), {}),
});

const THROTTLED =
  /thrott|TooManyRequests|RequestLimitExceeded|OverLimit|SlowDown|LimitExceededException/i;
/** A role or a key that is being put right must not end a campaign. */
const ACCESS_DENIED =
  /AccessDenied|AuthorizationError|NotAuthorized|UnrecognizedClient|InvalidClientTokenId|ExpiredToken|SignatureDoesNotMatch|InvalidSignature|Kms/i;
const TOO_MANY_REQUESTS = 429;
const FORBIDDEN = 403;

/**
 * Judges an error of an AWS service.
 * Throttling, 5xx, access denied and no answer are tried again; what the service refuses for good
 * (no such queue, too large, a malformed message) is rejected.
 * @param error what the SDK threw; its name is told on, its message never is
 * @param signal the attempt's time limit
 */
export function awsErrorToOutcome(error: unknown, signal: AbortSignal): DeliveryOutcome {
  if (signal.aborted) return retry(TIMEOUT, { maybeDelivered: true });
  const parsed = v.safeParse(AwsErrorSchema, error);
  if (!parsed.success) return retry('unknown_error', { maybeDelivered: true });
  const { name, $metadata: metadata } = parsed.output;
  return awsCodeToOutcome(name, metadata.httpStatusCode ?? null);
}

/**
 * Judges an error code of an AWS service.
 * @param status the HTTP status of the answer, or null when there was none
 */
export function awsCodeToOutcome(code: string, status: number | null): DeliveryOutcome {
  if (THROTTLED.test(code) || status === TOO_MANY_REQUESTS) {
    return retry(code, { status, countsAsAttempt: false });
  }
  if (ACCESS_DENIED.test(code) || status === FORBIDDEN) {
    return retry(code, { status, alert: 'credentials_rejected' });
  }
  if (status === null) return retry(code, { maybeDelivered: true });
  return status >= 500 ? retry(code, { status }) : rejected(code, { status });
}
