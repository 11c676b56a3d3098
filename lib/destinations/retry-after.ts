import type { IncomingHttpHeaders } from 'node:http';

/** The longest wait that a receiver gets: one response must not put off a code to the end of its day. */
export const MAX_RETRY_AFTER_SECONDS = 3_600;

const MS_PER_SECOND = 1_000;
const TOO_MANY_REQUESTS = 429;

const NUMBER = /^(\d+(?:\.\d+)?)\s?s?$/;
/** No wait is 30 years long: such a number is a time, in seconds or in milliseconds since 1970. */
const MIN_UNIX_SECONDS = 1e9;
const MIN_UNIX_MS = 1e12;

/** The first two forms of a date in HTTP. */
const HTTP_DATE =
  /^[A-Z][a-z]{2,8}, \d\d(?: [A-Z][a-z]{2} \d{4}|-[A-Z][a-z]{2}-\d\d) \d\d:\d\d:\d\d GMT$/;
/** The third form, which is in GMT and does not say so. */
const ASCTIME_DATE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;
/** A time without an offset would be a guess. */
const RFC_3339_DATE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Reads how long a receiver asks to wait: its `Retry-After` (RFC 9110, section 10.2.3), which senders
 * write in more forms than the two of the standard. With 429 also the time at which its rate limit is
 * reset: many receivers send only that, and they send it with every response, so it says nothing about
 * other statuses.
 * @returns the seconds to wait from `now` on, from 0 to MAX_RETRY_AFTER_SECONDS; null when there is no
 * such header, or none that can be read with certainty
 */
export function readRetryAfter(
  status: number,
  headers: IncomingHttpHeaders,
  now: Date,
): number | null {
  const resets = [headers['ratelimit-reset'], headers['x-ratelimit-reset']];
  const candidates = [headers['retry-after'], ...(status === TOO_MANY_REQUESTS ? resets : [])];
  for (const text of candidates) {
    const seconds = typeof text === 'string' ? parseWaitSeconds(text.trim(), now) : null;
    if (seconds !== null) return limitWaitSeconds(seconds);
  }
  return null;
}

/** Cuts a wait to what a receiver gets; null when it is not a number. */
export function limitWaitSeconds(seconds: number): number | null {
  if (Number.isNaN(seconds)) return null;
  return Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(0, Math.ceil(seconds)));
}

function parseWaitSeconds(text: string, now: Date): number | null {
  const nowSeconds = now.getTime() / MS_PER_SECOND;
  const digits = NUMBER.exec(text)?.[1];
  if (digits !== undefined) {
    const number = Number(digits);
    if (number >= MIN_UNIX_MS) return number / MS_PER_SECOND - nowSeconds;
    return number >= MIN_UNIX_SECONDS ? number - nowSeconds : number;
  }
  const ms = parseDate(text);
  return Number.isNaN(ms) ? null : ms / MS_PER_SECOND - nowSeconds;
}

/** Milliseconds since 1970 of a date in HTTP (RFC 9110, section 5.6.7) or of RFC 3339; else NaN. */
function parseDate(text: string): number {
  if (ASCTIME_DATE.test(text)) return Date.parse(`${text} GMT`);
  return HTTP_DATE.test(text) || RFC_3339_DATE.test(text) ? Date.parse(text) : Number.NaN;
}
