import { useEffect, useState } from 'preact/hooks';
import * as v from 'valibot';
import { type News, NewsSchema, type Notice, type Row } from '../protocol.ts';

/** What the page knows of the pipeline. Rows are the newest webhooks, newest first. */
export interface Live extends Omit<News, 'rows' | 'now'> {
  readonly connected: boolean;
  readonly rows: readonly Row[];
}

const MOST_ROWS = 1_000;
const MOST_NOTICES = 3;

const NewsTextSchema = v.pipe(v.string(), v.parseJson(), NewsSchema);

/** The live state; null until the first news are there. It connects again by itself. */
export function useLive(): Live | null {
  const [live, setLive] = useState<Live | null>(null);
  useEffect(() => {
    const source = new EventSource('/console/live');
    let rows = new Map<number, Row>();
    let notices: readonly Notice[] = [];
    source.addEventListener('open', () => {
      // after a restart of the pipeline the numbers begin anew
      rows = new Map();
      notices = [];
    });
    source.addEventListener('message', (message: MessageEvent<string>) => {
      const news = v.parse(NewsTextSchema, message.data);
      for (const row of news.rows) rows.set(row.number, row);
      const newest = [...rows.values()].sort((a, b) => b.number - a.number).slice(0, MOST_ROWS);
      if (rows.size > MOST_ROWS) rows = new Map(newest.map((row) => [row.number, row]));
      notices = [...notices, ...news.notices].slice(-MOST_NOTICES);
      setLive({ ...news, connected: true, rows: newest, notices: [...notices] });
    });
    source.addEventListener('error', () => {
      setLive((before) => before && { ...before, connected: false });
    });
    return () => source.close();
  }, []);
  return live;
}

/** The time, once a second while `running`. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [running]);
  return running ? Math.max(now, Date.now() - 1_000) : now;
}
