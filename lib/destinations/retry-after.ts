const MS_PER_SECOND = 1_000;
const SECONDS = /^\d{1,9}$/;
const HTTP_DATE = /^[A-Z][a-z]{2,8}, /;

/**
 * Parses a `Retry-After` header in both of its forms, seconds and a date (RFC 9110, section 10.2.3).
 * @returns the seconds to wait from `now` on, or null when there is no such header or it is malformed
 */
export function parseRetryAfter(header: string | undefined, now: Date): number | null {
  const text = header?.trim() ?? '';
  if (SECONDS.test(text)) return Number(text);
  const ms = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) return null;
  return Math.max(0, Math.ceil((ms - now.getTime()) / MS_PER_SECOND));
}
