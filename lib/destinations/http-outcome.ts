import type { Exchange } from './http-client.ts';
import { delivered, type Outcome, rejected, retry } from './outcome.ts';
import { secondsToWait } from './retry-after.ts';

/** Statuses below 500 that ask for another try: time-out, too early, too many. */
const TRY_AGAIN_STATUSES = new Set([408, 425, 429]);
const TOO_MANY_REQUESTS = 429;
/** A key that expired must not end a campaign: somebody renews it, and the retries go through. */
const KEY_REFUSED_STATUSES = new Set([401, 403]);
const GONE = 410;

/**
 * Judges what an HTTP receiver answered.
 * 2xx is delivered; 408, 425, 429, 5xx and no answer are tried again; so are 401 and 403, loudly;
 * 410 is rejected, loudly; everything else, redirects among it, is rejected.
 */
export function outcomeOf(exchange: Exchange, now: Date): Outcome {
  if (exchange.kind === 'unanswered') {
    return retry(exchange.because, { uncertain: exchange.sent });
  }
  const { status, text: answer } = exchange;
  const reason = `http_${status}`;
  if (status >= 200 && status < 300) return delivered(status);
  if (TRY_AGAIN_STATUSES.has(status) || status >= 500) {
    const afterSeconds = secondsToWait(exchange.retryAfter, now);
    const usesAttempt = status !== TOO_MANY_REQUESTS;
    return retry(reason, { status, answer, afterSeconds, usesAttempt });
  }
  if (KEY_REFUSED_STATUSES.has(status)) {
    return retry(reason, { status, answer, alarm: 'key_refused' });
  }
  return rejected(reason, { status, answer, alarm: status === GONE ? 'gone' : null });
}
