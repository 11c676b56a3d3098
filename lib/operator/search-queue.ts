import { isUtf8 } from 'node:buffer';
import * as v from 'valibot';
import { toDeliveryKey, toRowId } from '../deliveries/row.ts';
import { InvalidMessageDeadLetterSchema, parseJsonMessage } from '../fan-out/queue-messages.ts';
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
  /** The ids by which the webhook is known: its own, and that of its rows. */
  readonly ids: readonly string[];
  /** Everything that it says, in the encodings that it can have. */
  readonly texts: readonly string[];
}

/**
 * Creates the search of one message of a queue, for replies to a person and for erase (createTextMatcher).
 * @returns what a person may see of a message that matches; null for one that does not
 */
export function createMessageSearch({
  from,
  ids,
  texts,
}: SearchCriteria): (message: ReceivedMessage) => QueueMatch | null {
  const wantedIds = new Set(ids ?? []);
  const hasText = createTextMatcher(texts ?? []);
  // what has no id of its own can have it inside
  const hasId = createTextMatcher(ids ?? []);
  return (message) => {
    const { found, ids: ownIds, texts: contents } = readMessage(from, message);
    const isMatch =
      ownIds.some((id) => wantedIds.has(id)) ||
      contents.some((content) => hasText(content) || (ownIds.length === 0 && hasId(content)));
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
  if (webhook === null) {
    const deadLetter = parseDeadLetter(message);
    const record = deadLetter?.record;
    const ids = record === undefined ? [] : [record.id, toDeliveryKey(record, '').id];
    return { found: describeDeadLetter(deadLetter), ids, texts: [body, ...listInvalid(body)] };
  }
  const { id, event, receivedAt: at, issues } = webhook;
  const found = { id, event, at, destination: null, reason: null, issues: toIssues(issues) };
  const ids = [id, toRowId(id)];
  const bytes = tryDecodeBody(webhook);
  if (bytes === null) return { found, ids, texts: [body] };
  return { found, ids, texts: [body, bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')] };
}

/** The body of a message that nobody could parse: it may be no JSON. */
function listInvalid(body: string): readonly string[] {
  const invalid = v.safeParse(InvalidMessageDeadLetterSchema, parseJsonMessage(body));
  return invalid.success ? [invalid.output.body] : [];
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
