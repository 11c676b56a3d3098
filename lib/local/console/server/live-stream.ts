import type { ServerResponse } from 'node:http';
import type { News } from '../protocol.ts';

/** The server-sent events of all pages that are open. */
export interface LiveStream {
  /** Keeps an answer open and sends what changes. */
  open(response: ServerResponse): void;
  stop(): void;
}

/** What a page does not know yet; the revision is 0 for a page that knows nothing. */
export type NewsSince = (revision: number, notice: number) => News;

/** What tells whether there is anything new. */
export interface LiveStreamDeps {
  readonly newsSince: NewsSince;
  readonly revision: () => number;
  /** Called before each round while somebody looks. */
  readonly refresh: () => Promise<void>;
}

const SEND_EVERY_MS = 160;
const EVENT_STREAM = { 'content-type': 'text/event-stream; charset=utf-8' };

interface Reader {
  readonly response: ServerResponse;
  revision: number;
  notice: number;
  last: string;
}

/**
 * Sends each page, a few times a second, everything that changed since its last event, in one event.
 * A page that does not keep up is skipped until it does: it then gets the newest state, once.
 */
export function createLiveStream({ newsSince, revision, refresh }: LiveStreamDeps): LiveStream {
  const readers = new Set<Reader>();
  const tell = (reader: Reader): void => {
    if (reader.response.writableNeedDrain) return;
    const known = revision();
    const news = newsSince(reader.revision, reader.notice);
    reader.revision = known;
    reader.notice = news.notices.at(-1)?.number ?? reader.notice;
    const text = JSON.stringify({ ...news, now: 0 });
    // the time alone is no news
    if (text === reader.last) return;
    reader.last = text;
    reader.response.write(`data: ${JSON.stringify(news)}\n\n`);
  };
  let busy = false;
  const round = async (): Promise<void> => {
    if (busy || readers.size === 0) return;
    busy = true;
    await refresh().catch(() => {});
    for (const reader of readers) tell(reader);
    busy = false;
  };
  let timer: NodeJS.Timeout | null = null;
  const leave = (reader: Reader): void => {
    readers.delete(reader);
    if (readers.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
  return {
    open(response) {
      response.writeHead(200, EVENT_STREAM);
      const reader: Reader = { response, revision: 0, notice: 0, last: '' };
      readers.add(reader);
      response.once('close', () => leave(reader));
      timer ??= setInterval(() => void round(), SEND_EVERY_MS);
      void round();
    },
    stop() {
      for (const reader of readers) {
        leave(reader);
        reader.response.end();
      }
    },
  };
}
