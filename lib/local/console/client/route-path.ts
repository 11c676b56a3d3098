import type { Level, WebhookDetails } from '../protocol.ts';

/** A node that a webhook has passed: when it first got there, and the level of the last event there. */
export interface RouteStep {
  readonly afterMs: number;
  readonly level: Level;
}

/** Finds the nodes of the diagram that the open webhook has passed, by node id. */
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
  for (const { node, destination, afterMs, level } of timeline) {
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
      case 'deadLetters':
        addStep('deadLetters', afterMs, 'error');
        break;
      case 'destination':
        addStep('fanOut', afterMs, 'info');
        addStep(`to:${destination}`, afterMs, level);
    }
  }
  for (const { destination, at } of attempts) {
    if (!steps.has(`to:${destination}`)) addStep(`to:${destination}`, at - row.at, 'info');
  }
  return steps;
}
