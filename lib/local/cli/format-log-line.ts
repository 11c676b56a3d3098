import { styleText } from 'node:util';
import type {
  DeliveryLog,
  ErrorLog,
  ParsedLogLine,
  WebhookLog,
} from '../../telemetry/log-lines.ts';
import { escapeLine } from './escape-controls.ts';

/** The importance of a line; decides its colour. */
export type Level = 'success' | 'warn' | 'error' | 'info';

/** A log line in a form for a person. */
export interface FormattedLine {
  readonly level: Level;
  readonly text: string;
}

const STYLES = { success: 'green', warn: 'yellow', error: 'red', info: 'dim' } as const;

/**
 * Formats a log line of a function for the terminal. A line that is not a log entry keeps its text. Values
 * are escaped: ids, events and paths are texts of the sender, and may contain line breaks.
 */
export function formatLogLine(line: ParsedLogLine): FormattedLine {
  switch (line.kind) {
    case 'webhook':
      return formatWebhook(line.entry);
    case 'delivery':
      return formatDelivery(line.entry);
    case 'error':
      return formatErrorEntry(line.entry);
    case 'replay': {
      const { id, from, status, as } = line.entry;
      const target = as === undefined ? undefined : `to ${as}`;
      return {
        level: 'info',
        text: joinWords('replay', id ?? undefined, 'from', from, status, target),
      };
    }
    case 'other':
      return { level: 'info', text: escapeLine(line.text) };
  }
}

function formatWebhook(entry: WebhookLog): FormattedLine {
  const line = joinWords(
    entry.httpStatus,
    entry.status,
    entry.id,
    entry.event?.replace(/^voucherify\./, ''),
    entry.purpose,
    entry.test === true ? 'test' : undefined,
    formatReasons(entry.reason, entry.cause),
    `${entry.ms} ms`,
  );
  const issues = (entry.issues ?? []).map(
    ({ path, message }) => `\n    ${escapeLine(`${path || 'the body'}: ${message}`)}`,
  );
  const text = line + issues.join('');
  switch (entry.status) {
    case 'queued':
      return { level: 'success', text };
    case 'quarantined':
    case 'rejected':
      return { level: 'warn', text };
    case 'too_large':
    case 'unavailable':
    case 'error':
      return { level: 'error', text };
  }
}

function formatDelivery(entry: DeliveryLog): FormattedLine {
  const start = joinWords('delivery', entry.id, '->', entry.destination);
  const why = formatReasons(entry.reason, entry.failure, entry.cause);
  const { attempt: number = 1 } = entry;
  const attempt = number > 1 ? `attempt ${number}` : undefined;
  switch (entry.status) {
    case 'delivered': {
      const again = entry.released === true ? 'again, released' : undefined;
      const text = joinWords(
        start,
        'delivered',
        again,
        entry.httpStatus,
        attempt,
        `${entry.ms} ms`,
      );
      return { level: 'success', text };
    }
    case 'duplicate':
      return { level: 'info', text: joinWords(start, 'duplicate, not delivered again') };
    case 'erased':
      return { level: 'info', text: joinWords(start, 'erased, not delivered') };
    case 'in_progress':
      return { level: 'warn', text: joinWords(start, 'in progress in another invocation') };
    case 'waiting': {
      const { nextInSeconds } = entry;
      const next = nextInSeconds === undefined ? undefined : `next attempt in ${nextInSeconds} s`;
      const text = joinWords(start, 'waiting', entry.httpStatus, why, attempt, next);
      return { level: 'warn', text };
    }
    case 'dead':
      return { level: 'error', text: joinWords(start, 'dead', entry.httpStatus, why, attempt) };
  }
}

function formatErrorEntry(entry: ErrorLog): FormattedLine {
  const destination = entry.destination === undefined ? undefined : `-> ${entry.destination}`;
  const why = formatReasons(entry.failure, entry.cause, entry.sourceIp);
  const issues = entry.issues?.join('; ');
  return {
    level: 'error',
    text: joinWords('error', entry.code, entry.id, destination, why, issues),
  };
}

function formatReasons(...reasons: readonly (string | undefined)[]): string | undefined {
  const known = reasons.filter((reason) => reason !== undefined);
  return known.length === 0 ? undefined : `(${known.join(', ')})`;
}

function joinWords(...parts: readonly (string | number | undefined)[]): string {
  const present = parts.filter((part) => part !== undefined && part !== '');
  return escapeLine(present.join(' '));
}

/** Puts the time before a line, and colours the line if the terminal supports colours. */
export function formatWithTime(line: FormattedLine, at: Date): string {
  const time = at.toTimeString().slice(0, 'hh:mm:ss'.length);
  return `${styleText('dim', time)}  ${styleText(STYLES[line.level], line.text)}`;
}
