import type { HttpResult } from './http-client.ts';
import { delivered, type DeliveryOutcome, rejected, retry } from './outcome.ts';
import { parseRetryAfter } from './retry-after.ts';

/** Statuses below 500 that ask for a further attempt: timeout, too early, too many. */
const RETRYABLE_STATUSES = new Set([408, 425, 429]);
const TOO_MANY_REQUESTS = 429;
/** An expired key must not end a campaign: somebody renews it, and the retries succeed. */
const AUTH_FAILURE_STATUSES = new Set([401, 403]);
const GONE = 410;

/**
 * Maps what an HTTP request resulted in to an outcome. 2xx is delivered. 408, 425, 429, 5xx and no
 * response are retried; 401 and 403 too, with an alert. Every other status is rejected, redirects
 * included; 410 with an alert.
 * @param now the time that a date in `Retry-After` is compared with
 */
export function toOutcome(result: HttpResult, now: Date): DeliveryOutcome {
  switch (result.kind) {
    case 'no_response':
      return retry(result.reason, { cause: result.cause, maybeDelivered: result.isSent });
    case 'response': {
      const { status, body: responseBody } = result;
      if (status >= 200 && status < 300) return delivered(status);
      if (RETRYABLE_STATUSES.has(status) || status >= 500) {
        const retryAfterSeconds = parseRetryAfter(result.retryAfter, now);
        const countsAsAttempt = status !== TOO_MANY_REQUESTS;
        return retry('http_status', { status, responseBody, retryAfterSeconds, countsAsAttempt });
      }
      if (AUTH_FAILURE_STATUSES.has(status)) {
        return retry('http_status', { status, responseBody, alert: 'credentials_rejected' });
      }
      const alert = status === GONE ? 'destination_gone' : null;
      return rejected('http_status', { status, responseBody, alert });
    }
  }
}
