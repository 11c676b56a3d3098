import type { ServerResponse } from 'node:http';
import type { Snapshot } from '../protocol.ts';

/** The server-sent events of all pages that are open. */
export interface LiveStream {
  /** Keeps an answer open and sends what changes. */
  open(response: ServerResponse): void;
  stop(): void;
}

/** What a page does not know yet; the revision is 0 for a page that knows nothing. */
export type GetSnapshotSince = (revision: number, lastNotification: number) => Snapshot;

/** What tells whether there is anything new. */
export interface LiveStreamDeps {
  readonly getSnapshotSince: GetSnapshotSince;
  readonly revision: () => number;
  /** Called before each round while somebody looks. */
  readonly refresh: () => Promise<void>;
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
 * Sends each page, a few times a second, everything that changed since its last event, in one event.
 * A page that does not keep up is skipped until it does: it then gets the newest state, once.
 */
export function createLiveStream({
  getSnapshotSince,
  revision,
  refresh,
}: LiveStreamDeps): LiveStream {
  const clients = new Set<StreamClient>();
  const sendSnapshot = (client: StreamClient): void => {
    if (client.response.writableNeedDrain) return;
    const currentRevision = revision();
    const snapshot = getSnapshotSince(client.revision, client.lastNotification);
    client.revision = currentRevision;
    client.lastNotification = snapshot.notifications.at(-1)?.number ?? client.lastNotification;
    const text = JSON.stringify({ ...snapshot, now: 0 });
    // the time alone is no news
    if (text === client.lastText) return;
    client.lastText = text;
    client.response.write(`data: ${JSON.stringify(snapshot)}\n\n`);
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
