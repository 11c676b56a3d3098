import * as v from 'valibot';
import { type DeliveryOutcome, rejected, retry } from './outcome.ts';

/** What the AWS SDK throws: an error whose name is the service's error code, with the HTTP status. */
const AwsErrorSchema = v.object({
  name: v.string(),
  $metadata: v.optional(v.object({ httpStatusCode: v.optional(v.number()) }), {}),
});

const THROTTLED =
  /thrott|TooManyRequests|RequestLimitExceeded|OverLimit|SlowDown|LimitExceededException/i;
/** A wrong role or key must not end a campaign: somebody fixes it, and the retries succeed. */
const ACCESS_DENIED =
  /AccessDenied|AuthorizationError|NotAuthorized|UnrecognizedClient|InvalidClientTokenId|ExpiredToken|SignatureDoesNotMatch|InvalidSignature|Kms/i;
const TOO_MANY_REQUESTS = 429;
const FORBIDDEN = 403;

/**
 * Maps an error of the AWS SDK to an outcome. Throttling, 5xx, access denied and no response are
 * retried; what the service rejects for good (no such queue, too large, malformed) is rejected.
 * @param error what the SDK threw; only its name is used, its message can quote the record
 * @param signal the timeout of the attempt
 */
export function awsErrorToOutcome(error: unknown, signal: AbortSignal): DeliveryOutcome {
  if (signal.aborted) return retry('timeout', { maybeDelivered: true });
  const parsed = v.safeParse(AwsErrorSchema, error);
  if (!parsed.success) return retry('aws_error', { maybeDelivered: true });
  const { name, $metadata: metadata } = parsed.output;
  return awsCodeToOutcome(name, metadata.httpStatusCode ?? null);
}

/**
 * Maps an error code of an AWS service to an outcome.
 * @param status the HTTP status of the response, or null when there was none
 */
export function awsCodeToOutcome(code: string, status: number | null): DeliveryOutcome {
  if (THROTTLED.test(code) || status === TOO_MANY_REQUESTS) {
    return retry('aws_error', { cause: code, status, countsAsAttempt: false });
  }
  if (ACCESS_DENIED.test(code) || status === FORBIDDEN) {
    return retry('aws_error', { cause: code, status, alert: 'credentials_rejected' });
  }
  if (status === null) return retry('aws_error', { cause: code, maybeDelivered: true });
  const failure = { cause: code, status };
  return status >= 500 ? retry('aws_error', failure) : rejected('aws_error', failure);
}
