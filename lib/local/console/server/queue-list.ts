import { parseDeadLetter, type ParsedDeadLetter } from '../../../operator/dead-letters.ts';
import { parseQuarantined } from '../../../operator/quarantine.ts';
import type { Issue } from '../../../record/record.ts';
import {
  DEAD_LETTER_REASON_MEANINGS,
  FAILURE_REASON_MEANINGS,
} from '../../../telemetry/reason-codes.ts';
import type { QueueContents, StoredMessage } from '../../emulator/queue-contents.ts';
import type { QueueList, ReplayFrom, WaitingMessage } from '../commands.ts';

/** The page shows so many, the newest ones. */
const MAX_LISTED = 200;
const MAX_ISSUES = 3;

/**
 * Lists what is on [dead-letters] or [quarantine]: nothing personal and no code, and reasons in words.
 * @param getDestinationName finds the name of a destination by its id
 */
export function toQueueList(
  from: ReplayFrom,
  { ready, delayed, inFlight }: QueueContents,
  getDestinationName: (id: string) => string,
): QueueList {
  const messages = [...ready, ...delayed, ...inFlight].sort(
    (a, b) => b.sentAt.getTime() - a.sentAt.getTime(),
  );
  const toView = (message: StoredMessage): WaitingMessage =>
    (from === 'quarantine' ? toQuarantined(message) : null) ??
    toDeadLetter(message, getDestinationName);
  return { total: messages.length, messages: messages.slice(0, MAX_LISTED).map(toView) };
}

function toQuarantined({ messageId, body }: StoredMessage): WaitingMessage | null {
  const webhook = parseQuarantined(body);
  if (webhook === null) return null;
  const { id, event, receivedAt, issues } = webhook;
  return {
    messageId,
    id,
    event,
    destination: null,
    reason: describeIssues(issues),
    at: Date.parse(receivedAt),
  };
}

function toDeadLetter(
  message: StoredMessage,
  getDestinationName: (id: string) => string,
): WaitingMessage {
  const { messageId, sentAt } = message;
  const parsed = parseDeadLetter(message);
  if (parsed === null)
    return {
      messageId,
      id: null,
      event: null,
      destination: null,
      reason: toWords(DEAD_LETTER_REASON_MEANINGS.invalid_message),
      at: sentAt.getTime(),
    };
  const { record, destination, at } = parsed;
  return {
    messageId,
    id: record.id,
    event: record.type,
    destination: destination === null ? null : getDestinationName(destination),
    reason: describeReason(parsed),
    at: at.getTime(),
  };
}

function describeReason({ reason, lastFailure }: ParsedDeadLetter): string {
  if (reason === 'redriven') return 'SQS moved it here by itself, without a reason';
  const meaning = toWords(DEAD_LETTER_REASON_MEANINGS[reason]);
  if (lastFailure === null) return meaning;
  const { reason: failure, status, cause } = lastFailure;
  const details = [status, cause].filter((each) => each !== null).join(', ');
  const failureText = toWords(FAILURE_REASON_MEANINGS[failure]);
  return `${meaning}: ${failureText}${details === '' ? '' : ` (${details})`}`;
}

/** The first part of a meaning: the rest explains the fields of a message. */
function toWords(meaning: string): string {
  return (meaning.split(/[;.]/)[0] ?? meaning).replaceAll('`', '');
}

function describeIssues(issues: readonly Issue[]): string {
  const shown = issues
    .slice(0, MAX_ISSUES)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  const hidden = issues.length - shown.length;
  return [...shown, ...(hidden > 0 ? [`${hidden} more`] : [])].join('; ');
}
