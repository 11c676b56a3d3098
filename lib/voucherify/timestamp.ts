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

/** A date and a time of day without white space; an offset can be missing or without its colon. */
const LOOSE_TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d(?::?\d\d)?)?$/;
const BLANK_AFTER_DATE = /^(\s*\d{4}-\d\d-\d\d)\s+(?=\d)/;
const EPOCH_MS_TEXT = /^\d{13}$/;
const FIRST_EPOCH_MS = 1e12;
const LAST_EPOCH_MS = 1e13 - 1;

/** A time that was not written as Voucherify writes it. */
export interface ReadTimestamp {
  /** A date or an RFC 3339 time. */
  readonly timestamp: string;
  /** What was changed, to be said in a warning. */
  readonly change: string;
}

/**
 * Reads a time that is written in another form but can have one meaning only: with white space in it
 * (as in some of Voucherify's examples; vendor facts, section 6), with a blank between date and time, in
 * lower case, without seconds, with an offset without its colon, without an offset (it is UTC then), or
 * as milliseconds since 1970. A number of seconds is not read: 2026050410 could be a date.
 * @returns null when the meaning is not certain
 */
export function readTimestamp(input: string | number): ReadTimestamp | null {
  const epochMs = typeof input === 'string' && EPOCH_MS_TEXT.test(input) ? Number(input) : input;
  if (typeof epochMs === 'number') {
    const isMs = Number.isInteger(epochMs) && epochMs >= FIRST_EPOCH_MS && epochMs <= LAST_EPOCH_MS;
    if (!isMs) return null;
    const timestamp = new Date(epochMs).toISOString();
    return { timestamp, change: 'the milliseconds since 1970 were converted' };
  }
  const text = epochMs.replace(BLANK_AFTER_DATE, '$1T').replaceAll(/\s/g, '').toUpperCase();
  const [, date, minutes = '', seconds = ':00', offset = ''] = LOOSE_TIME.exec(text) ?? [];
  const timestamp =
    date === undefined ? text : `${date}T${minutes}${seconds}${toFullOffset(offset)}`;
  if (!isTimestamp(timestamp)) return null;
  return {
    timestamp,
    change:
      date !== undefined && offset === ''
        ? 'the time without an offset was read as UTC'
        : 'the time was converted to that form',
  };
}

function toFullOffset(offset: string): string {
  if (offset === '' || offset === 'Z') return 'Z';
  return `${offset.slice(0, 3)}:${offset.replace(':', '').slice(3) || '00'}`;
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
