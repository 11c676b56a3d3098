import { useEffect, useState } from 'preact/hooks';
import * as v from 'valibot';
import { type Snapshot, SnapshotSchema, type ConsoleNotification, type Row } from '../protocol.ts';

/** The merged snapshots. Rows are sorted by number, newest first. */
export interface LiveState extends Omit<Snapshot, 'rows' | 'now'> {
  readonly isConnected: boolean;
  readonly rows: readonly Row[];
}

const MAX_ROWS = 1_000;
const MAX_NOTIFICATIONS = 3;

const SnapshotTextSchema = v.pipe(v.string(), v.parseJson(), SnapshotSchema);

const RECONNECT_MS = 1_000;

/** Subscribes to the live stream, again and again while npm start does not run; null until the first snapshot. */
export function useLiveState(): LiveState | null {
  const [live, setLive] = useState<LiveState | null>(null);
  useEffect(() => {
    let rows = new Map<number, Row>();
    let generation = 0;
    let notifications: readonly ConsoleNotification[] = [];
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const connect = (): void => {
      const opened = new EventSource('/console/live');
      source = opened;
      opened.addEventListener('open', () => {
        // after a restart of the pipeline the numbers start at 1 again
        rows = new Map();
        notifications = [];
      });
      opened.addEventListener('message', (message: MessageEvent<string>) => {
        const snapshot = v.parse(SnapshotTextSchema, message.data);
        if (snapshot.generation !== generation) rows = new Map();
        generation = snapshot.generation;
        for (const row of snapshot.rows) rows.set(row.number, row);
        const newest = [...rows.values()].sort((a, b) => b.number - a.number).slice(0, MAX_ROWS);
        if (rows.size > MAX_ROWS) rows = new Map(newest.map((row) => [row.number, row]));
        notifications = [...notifications, ...snapshot.notifications].slice(-MAX_NOTIFICATIONS);
        setLive({
          ...snapshot,
          isConnected: true,
          rows: newest,
          notifications: [...notifications],
        });
      });
      opened.addEventListener('error', () => {
        setLive((previous) => previous && { ...previous, isConnected: false });
        // the browser gives up when a start has its port, but not its console yet
        if (opened.readyState === EventSource.CLOSED) timer = setTimeout(connect, RECONNECT_MS);
      });
    };
    connect();
    return () => {
      clearTimeout(timer);
      source?.close();
    };
  }, []);
  return live;
}

/** Returns the time in milliseconds since 1970, updated once a second while `isRunning`. */
export function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return isRunning ? Math.max(now, Date.now() - 1_000) : now;
}
