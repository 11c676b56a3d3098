import type { Opened, Stop } from '../protocol.ts';

/** A station that a webhook has passed: when it first came there, and how it went in the end. */
export interface Followed {
  readonly afterMs: number;
  readonly tone: Stop['tone'];
}

/** The stations of the picture that an opened webhook has passed, by their ids there. */
export function followedWay({ way, row, attempts }: Opened): ReadonlyMap<string, Followed> {
  const passed = new Map<string, Followed>();
  const pass = (id: string, afterMs: number, tone: Stop['tone']): void => {
    const before = passed.get(id);
    passed.set(id, { afterMs: before?.afterMs ?? afterMs, tone });
  };
  for (const { station, afterMs, tone } of way) {
    switch (station) {
      case 'endpoint':
        pass('endpoint', afterMs, tone);
        if (row.status === 'quarantined' || row.status === 'replayed') {
          pass('quarantine', afterMs, 'warning');
        }
        break;
      case 'records':
        pass('records', afterMs, 'plain');
        break;
      case 'dead letters':
        pass('deadLetters', afterMs, 'bad');
        break;
      default:
        pass('fanOut', afterMs, 'plain');
        pass(`to:${station}`, afterMs, tone);
        if (tone === 'warning') pass('retries', afterMs, 'warning');
    }
  }
  for (const { destination, at } of attempts) {
    if (!passed.has(`to:${destination}`)) pass(`to:${destination}`, at - row.at, 'plain');
  }
  return passed;
}
