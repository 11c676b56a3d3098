import type { ServerResponse } from 'node:http';
import type { Snapshot } from '../protocol.ts';
import { contain } from './contain.ts';

/** The server-sent events of all open pages. */
export interface LiveStream {
  /** Keeps a response open and sends every change. */
  open(response: ServerResponse): void;
  stop(): void;
}

/** Creates the snapshot of all changes after a revision and a notification number; 0 for everything. */
export type GetSnapshotSince = (revision: number, lastNotification: number) => Snapshot;

/** The dependencies of the live stream. */
export interface LiveStreamDeps {
  readonly getSnapshotSince: GetSnapshotSince;
  readonly revision: () => number;
  /** Called before each round while a page is open. */
  readonly refresh: () => Promise<void>;
  /** Receives what went wrong while a snapshot was made. */
  readonly onError: (error: unknown) => void;
}

const SEND_INTERVAL_MS = 160;
const EVENT_STREAM = { 'content-type': 'text/event-stream; charset=utf-8' };

interface StreamClient {
  readonly response: ServerResponse;
  revision: number;
  lastNotification: number;
  lastText: string;
}

/**
 * Creates the live stream. It sends each page, a few times a second, one event with all changes since
 * the previous event. It skips a page that cannot keep up: that page gets the newest state later, so
 * that no events pile up in memory.
 */
export function createLiveStream({
  getSnapshotSince,
  revision,
  refresh,
  onError,
}: LiveStreamDeps): LiveStream {
  const clients = new Set<StreamClient>();
  const sendChanges = (client: StreamClient): void => {
    if (client.response.writableNeedDrain) return;
    const currentRevision = revision();
    const snapshot = getSnapshotSince(client.revision, client.lastNotification);
    client.revision = currentRevision;
    client.lastNotification = snapshot.notifications.at(-1)?.number ?? client.lastNotification;
    const text = JSON.stringify({ ...snapshot, now: 0 });
    // a new time alone is no change
    if (text === client.lastText) return;
    client.lastText = text;
    client.response.write(`data: ${JSON.stringify(snapshot)}\n\n`);
  };
  // a page whose stream has ended shows that it is not connected, and connects again
  const sendSnapshot = (client: StreamClient): void => {
    contain(
      () => sendChanges(client),
      (error) => {
        onError(error);
        client.response.end();
      },
    );
  };
  let isSending = false;
  const sendToAll = async (): Promise<void> => {
    if (isSending || clients.size === 0) return;
    isSending = true;
    await refresh().catch(() => {});
    for (const client of clients) sendSnapshot(client);
    isSending = false;
  };
  let timer: NodeJS.Timeout | null = null;
  const removeClient = (client: StreamClient): void => {
    clients.delete(client);
    if (clients.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
  return {
    open(response) {
      response.writeHead(200, EVENT_STREAM);
      const client: StreamClient = { response, revision: 0, lastNotification: 0, lastText: '' };
      clients.add(client);
      response.once('close', () => removeClient(client));
      timer ??= setInterval(() => void sendToAll(), SEND_INTERVAL_MS);
      void sendToAll();
    },
    stop() {
      for (const client of clients) {
        removeClient(client);
        client.response.end();
      }
    },
  };
}
