import type { Level, WebhookDetails } from '../protocol.ts';

/** A station that a webhook has passed: when it first came there, and how it went in the end. */
export interface RouteStep {
  readonly afterMs: number;
  readonly level: Level;
}

/** The stations of the picture that an opened webhook has passed, by their ids there. */
export function toRoutePath({
  timeline,
  row,
  attempts,
}: WebhookDetails): ReadonlyMap<string, RouteStep> {
  const steps = new Map<string, RouteStep>();
  const addStep = (id: string, afterMs: number, level: Level): void => {
    const existing = steps.get(id);
    steps.set(id, { afterMs: existing?.afterMs ?? afterMs, level });
  };
  for (const { node, afterMs, level } of timeline) {
    switch (node) {
      case 'endpoint':
        addStep('endpoint', afterMs, level);
        if (row.status === 'quarantined' || row.status === 'replayed') {
          addStep('quarantine', afterMs, 'warn');
        }
        break;
      case 'records':
        addStep('records', afterMs, 'info');
        break;
      case 'dead letters':
        addStep('deadLetters', afterMs, 'error');
        break;
      default:
        addStep('fanOut', afterMs, 'info');
        addStep(`to:${node}`, afterMs, level);
        if (level === 'warn') addStep('retries', afterMs, 'warn');
    }
  }
  for (const { destination, at } of attempts) {
    if (!steps.has(`to:${destination}`)) addStep(`to:${destination}`, at - row.at, 'info');
  }
  return steps;
}
