import { recordIdOf, sinkArrival } from '../../emulator/delivered-requests.ts';
import type { WebhookEntry } from '../../../telemetry/telemetry.ts';
import type { PipelineObserver } from '../../emulator/observer.ts';
import type { SinkAnswer } from '../../emulator/mock-destinations.ts';
import type { Book } from './store.ts';
import { callOf, KEPT_CHARACTERS, type Signed } from './request.ts';
import { deliveryStop, exchangeOf, queueStop } from './format.ts';
import { deadLetterIn, recordIn, retryIn } from './parse-messages.ts';
import { noteDelivery, noteStop, noteWire, setMark } from './timeline.ts';
import type { Tally } from './counters.ts';

/** What the console hears of a pipeline. */
export type Watching = Required<
  Pick<PipelineObserver, 'onLine' | 'onInvocation' | 'onArrival' | 'onSinkAnswer' | 'onSent'>
>;

/** What is needed to write down what happens. */
export interface TellerDeps {
  readonly book: Book;
  readonly tally: Tally;
  /** Says what a signature fits. */
  readonly judge: (body: Buffer, headers: Readonly<Record<string, string>>) => Signed;
  /** A queue's logical id by its name. */
  readonly queueId: (queueName: string) => string;
  /** The destinations that are queues, by the queue's logical id. */
  readonly queueDestinations: ReadonlyMap<string, string>;
  readonly now: () => number;
}

const MOST_PENDING = 2_000;

/** Writes everything that a pipeline does into the book and the tally. */
export function createTeller(deps: TellerDeps): Watching {
  const { book, tally, judge, queueId, queueDestinations, now } = deps;
  const entries = new Map<string, WebhookEntry>();
  let calls = 0;

  const taken: Readonly<Record<string, (body: string) => void>> = {
    RecordsQueue(body) {
      const record = recordIn(body);
      if (record === null) return;
      const story = book.story(record.id);
      story.text = body.slice(0, KEPT_CHARACTERS * 2);
      story.cutOff = Math.max(0, body.length - KEPT_CHARACTERS * 2);
      noteStop(story, now(), queueStop('records', `record of purpose ${record.data.purpose}`));
      book.touch(story);
      tally.count('records', now());
    },
    RetriesQueue(body) {
      const retry = retryIn(body);
      if (retry === null) return;
      const story = book.story(retry.record.id);
      const { attempt, notBefore: nextAt, reason, destination } = retry;
      setMark(story, destination, 'waiting', { attempts: attempt - 1, nextAt, reason });
      const last = story.tried.findLast(({ entry }) => entry.destination === destination);
      if (last?.entry.outcome === 'retry') last.nextAt = nextAt;
      book.touch(story);
      tally.count('retries', now());
    },
    DeadLettersQueue(body) {
      const letter = deadLetterIn(body);
      tally.count('deadLetters', now());
      if (letter === null) return;
      const story = book.story(letter.record.id);
      noteStop(story, now(), queueStop('dead letters', letter.reason));
      book.touch(story);
    },
    QuarantineQueue() {
      tally.count('quarantine', now());
    },
  };

  return {
    onLine(_line, journal) {
      if (journal.kind === 'webhook' && journal.entry.requestId !== undefined) {
        entries.set(journal.entry.requestId, journal.entry);
        const [oldest] = entries.keys();
        if (entries.size > MOST_PENDING && oldest !== undefined) entries.delete(oldest);
      }
      if (journal.kind !== 'delivery') return;
      const story = book.story(journal.entry.id);
      noteDelivery(story, journal.entry, now());
      noteStop(story, now(), deliveryStop(journal.entry));
      book.touch(story);
      tally.delivery(journal.entry.destination, journal.entry.outcome, now());
    },
    onInvocation(invocation) {
      if (invocation.functionName === 'fanOut') tally.count('fanOut', now());
      const entryOf = (requestId: string): WebhookEntry | null => entries.get(requestId) ?? null;
      const call = callOf(invocation, calls + 1, judge, entryOf);
      if (call === null) return;
      calls += 1;
      entries.delete(call.key);
      book.addCall(call);
      tally.call(call.answer, now());
    },
    onArrival({ destination, recordId }) {
      if (recordId === null || [...queueDestinations.values()].includes(destination)) return;
      const story = book.story(recordId);
      setMark(story, destination, 'sending');
      book.touch(story);
    },
    onSinkAnswer(answer: SinkAnswer) {
      const { destination, recordId } = sinkArrival(answer.request);
      if (recordId === null) return;
      const story = book.story(recordId);
      noteWire(story, destination, exchangeOf(answer));
      book.touch(story);
    },
    onSent({ queueName, body }) {
      const id = queueId(queueName);
      taken[id]?.(body);
      const destination = queueDestinations.get(id);
      const recordId = destination === undefined ? null : recordIdOf(body);
      if (destination === undefined || recordId === null) return;
      noteWire(book.story(recordId), destination, {
        head: `SendMessage to ${queueName}`,
        body: body.slice(0, KEPT_CHARACTERS),
        answer: null,
      });
    },
  };
}
