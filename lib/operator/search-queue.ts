import { isUtf8 } from 'node:buffer';
import type { Issue } from '../record/record.ts';
import { type ParsedDeadLetter, parseDeadLetter } from './dead-letters.ts';
import { createTextMatcher } from './match-text.ts';
import { parseQuarantined, tryDecodeBody } from './quarantine.ts';
import type { QueueMatch } from './reports.ts';
import type { QueueName, SearchRequest } from './request.ts';
import type { ReceivedMessage } from './scan-queue.ts';

/** What is looked for. */
export type SearchCriteria = Pick<SearchRequest, 'from' | 'ids' | 'texts'>;

/** A message with what a person may see of it. */
interface SearchedMessage {
  readonly found: QueueMatch;
  /** Everything that it says, in the encodings that it can have. */
  readonly texts: readonly string[];
}

/**
 * Creates the search of one message of a queue, for replies to a person and for erase.
 * @returns what a person may see of a message that matches; null for one that does not
 */
export function createMessageSearch({
  from,
  ids,
  texts,
}: SearchCriteria): (message: ReceivedMessage) => QueueMatch | null {
  const hasText = createTextMatcher(texts ?? []);
  // what has no id of its own can have it inside
  const hasId = createTextMatcher(ids ?? []);
  return (message) => {
    const { found, texts: contents } = readMessage(from, message);
    const isMatch =
      found.id === null
        ? contents.some((content) => hasId(content) || hasText(content))
        : (ids?.includes(found.id) ?? false) || contents.some((content) => hasText(content));
    return isMatch ? found : null;
  };
}

const UNPARSABLE: QueueMatch = {
  id: null,
  event: null,
  at: null,
  destination: null,
  reason: null,
  issues: [],
};

function readMessage(from: QueueName, message: ReceivedMessage): SearchedMessage {
  const { body } = message;
  // a dead letter can be on [quarantine], too, when somebody moved it there
  const webhook = from === 'quarantine' ? parseQuarantined(body) : null;
  if (webhook === null)
    return { found: describeDeadLetter(parseDeadLetter(message)), texts: [body] };
  const { id, event, receivedAt: at, issues } = webhook;
  const found = { id, event, at, destination: null, reason: null, issues: toIssues(issues) };
  if (webhook.body.encoding === 'utf8') return { found, texts: [body] };
  const bytes = tryDecodeBody(webhook);
  if (bytes === null) return { found, texts: [body] };
  return { found, texts: [body, bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')] };
}

function describeDeadLetter(deadLetter: ParsedDeadLetter | null): QueueMatch {
  if (deadLetter === null) return UNPARSABLE;
  const { record, destination, reason, at } = deadLetter;
  const { id, type: event } = record;
  return { id, event, at: at.toISOString(), destination, reason, issues: [] };
}

function toIssues(issues: readonly Issue[]): QueueMatch['issues'] {
  return issues.map(({ path, message }) => ({ path, message }));
}
