import type { HttpResult } from './http-client.ts';
import { delivered, type DeliveryOutcome, rejected, retry } from './outcome.ts';
import { parseRetryAfter } from './retry-after.ts';

/** Statuses below 500 that ask for another try: time-out, too early, too many. */
const RETRYABLE_STATUSES = new Set([408, 425, 429]);
const TOO_MANY_REQUESTS = 429;
/** A key that expired must not end a campaign: somebody renews it, and the retries go through. */
const AUTH_FAILURE_STATUSES = new Set([401, 403]);
const GONE = 410;

/**
 * Judges what an HTTP receiver answered.
 * 2xx is delivered; 408, 425, 429, 5xx and no answer are tried again; so are 401 and 403, loudly;
 * 410 is rejected, loudly; everything else, redirects among it, is rejected.
 */
export function toOutcome(result: HttpResult, now: Date): DeliveryOutcome {
  if (result.kind === 'unanswered') {
    return retry(result.reason, { maybeDelivered: result.isSent });
  }
  const { status, body: responseBody } = result;
  const reason = `http_${status}`;
  if (status >= 200 && status < 300) return delivered(status);
  if (RETRYABLE_STATUSES.has(status) || status >= 500) {
    const retryAfterSeconds = parseRetryAfter(result.retryAfter, now);
    const countsAsAttempt = status !== TOO_MANY_REQUESTS;
    return retry(reason, { status, responseBody, retryAfterSeconds, countsAsAttempt });
  }
  if (AUTH_FAILURE_STATUSES.has(status)) {
    return retry(reason, { status, responseBody, alert: 'credentials_rejected' });
  }
  return rejected(reason, { status, responseBody, alert: status === GONE ? 'gone' : null });
}
