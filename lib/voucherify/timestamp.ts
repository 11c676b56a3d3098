/**
 * A time as Voucherify writes it (vendor facts, sections 4 and 8): RFC 3339 with 0 to 9 fractional
 * digits of a second and `Z` or an offset; or a date alone.
 */
const TIMESTAMP =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/;

const DATE_LENGTH = 10;
const SHORTEST_MONTH_DAYS = '28';
const DAYS_OF_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DAY_MS = 86_400_000;

/** Says whether a string is a date or an RFC 3339 time that exists in the calendar. */
export function isTimestamp(text: string): boolean {
  return TIMESTAMP.test(text) && existsInCalendar(text);
}

/** Says whether a string is a full RFC 3339 time, as CloudEvents requires for `time`. */
export function isFullTimestamp(text: string): boolean {
  return text.length > DATE_LENGTH && isTimestamp(text);
}

/** Removes white space. Some times in Voucherify's examples contain spaces (vendor facts, section 6). */
export function stripWhitespace(text: string): string {
  return text.replaceAll(/\s/g, '');
}

/**
 * Returns the end of a validity in milliseconds since 1970. A date alone lasts until the end of its
 * day in UTC. Null when the string is not a time.
 */
export function toEndMs(text: string): number | null {
  if (!isTimestamp(text)) return null;
  const instant = Date.parse(text);
  return text.length === DATE_LENGTH ? instant + DAY_MS : instant;
}

/**
 * Returns the start of a validity in milliseconds since 1970. A date alone starts at midnight in UTC.
 * Null when the string is not a time.
 */
export function toStartMs(text: string): number | null {
  return isTimestamp(text) ? Date.parse(text) : null;
}

/** Says whether the month has that day. `text` begins with a date. */
function existsInCalendar(text: string): boolean {
  if (text.slice(8, DATE_LENGTH) <= SHORTEST_MONTH_DAYS) return true;
  const day = Number(text.slice(8, DATE_LENGTH));
  const month = Number(text.slice(5, 7));
  if (month === 2 && day === 29) return isLeapYear(Number(text.slice(0, 4)));
  return day <= (DAYS_OF_MONTH[month - 1] ?? 0);
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
