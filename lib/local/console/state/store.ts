import type { Row } from '../protocol.ts';
import type { Call } from './request.ts';
import { newStory, type RecordStory } from './timeline.ts';

/** Everything that is remembered of webhooks and their records: the newest, and never more. */
export interface Book {
  /** Writes down a webhook that was answered. */
  addCall(call: Call): void;
  /** The story of a record, from now on if there was none. */
  story(recordId: string): RecordStory;
  /** Says that a story has changed. */
  touch(story: RecordStory): void;
  call(key: string): Call | null;
  storyOf(call: Call): RecordStory | null;
  /** A number that grows with every change. */
  revision(): number;
  /** The rows that changed after a revision, the newest webhooks last. */
  rowsSince(revision: number): Row[];
  stories(): Iterable<RecordStory>;
}

const MOST_CALLS = 1_000;
const MOST_STORIES = 2_000;

/** An empty book. */
export function createBook(): Book {
  const calls = new Map<string, { readonly call: Call; changedAt: number }>();
  const stories = new Map<string, RecordStory>();
  let revision = 0;

  const forget = (key: string): void => {
    const id = calls.get(key)?.call.entry?.id;
    calls.delete(key);
    const story = stories.get(id ?? '');
    story?.calls.delete(key);
    if (story?.calls.size === 0) stories.delete(story.id);
  };
  const storyFor = (id: string): RecordStory => {
    const known = stories.get(id);
    if (known !== undefined) return known;
    const story = newStory(id);
    stories.set(id, story);
    const [oldest] = stories.keys();
    if (stories.size > MOST_STORIES && oldest !== undefined) stories.delete(oldest);
    return story;
  };
  const storyOf = (call: Call): RecordStory | null => stories.get(call.entry?.id ?? '') ?? null;

  return {
    addCall(call) {
      revision += 1;
      calls.set(call.key, { call, changedAt: revision });
      if (call.entry?.id !== undefined) storyFor(call.entry.id).calls.add(call.key);
      const [oldest] = calls.keys();
      if (calls.size > MOST_CALLS && oldest !== undefined) forget(oldest);
    },
    story: storyFor,
    touch(story) {
      revision += 1;
      story.changes += 1;
      for (const key of story.calls) {
        const kept = calls.get(key);
        if (kept !== undefined) kept.changedAt = revision;
      }
    },
    call: (key) => calls.get(key)?.call ?? null,
    storyOf,
    revision: () => revision,
    rowsSince: (since) =>
      [...calls.values()]
        .filter(({ changedAt }) => changedAt > since)
        .map(({ call }) => rowOf(call, storyOf(call))),
    stories: () => stories.values(),
  };
}

/** A webhook as the list shows it. */
export function rowOf(call: Call, story: RecordStory | null): Row {
  const { key, number, at, path, answer, entry } = call;
  const [first] = story?.calls ?? [];
  return {
    key,
    number,
    at,
    path,
    event: entry?.event?.replace(/^voucherify\./, '') ?? null,
    purpose: entry?.purpose ?? null,
    answer,
    status:
      entry?.status === 'quarantined' && story?.text ? 'replayed' : (entry?.status ?? 'failed'),
    reason: entry?.reason ?? entry?.issues?.[0]?.message ?? null,
    recordId: entry?.id ?? null,
    repeat: first !== undefined && first !== key,
    test: entry?.test ?? false,
    marks: [...(story?.marks.values() ?? [])].sort((a, b) =>
      a.destination < b.destination ? -1 : 1,
    ),
    changes: story?.changes ?? 0,
  };
}
