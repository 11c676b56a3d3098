import type { WebhookDetails, TimelineEvent } from '../protocol.ts';

/** A station that a webhook has passed: when it first came there, and how it went in the end. */
export interface RouteStep {
  readonly afterMs: number;
  readonly tone: TimelineEvent['tone'];
}

/** The stations of the picture that an opened webhook has passed, by their ids there. */
export function toRoutePath({
  timeline,
  row,
  attempts,
}: WebhookDetails): ReadonlyMap<string, RouteStep> {
  const steps = new Map<string, RouteStep>();
  const addStep = (id: string, afterMs: number, tone: TimelineEvent['tone']): void => {
    const existing = steps.get(id);
    steps.set(id, { afterMs: existing?.afterMs ?? afterMs, tone });
  };
  for (const { node, afterMs, tone } of timeline) {
    switch (node) {
      case 'endpoint':
        addStep('endpoint', afterMs, tone);
        if (row.status === 'quarantined' || row.status === 'replayed') {
          addStep('quarantine', afterMs, 'warning');
        }
        break;
      case 'records':
        addStep('records', afterMs, 'plain');
        break;
      case 'dead letters':
        addStep('deadLetters', afterMs, 'bad');
        break;
      default:
        addStep('fanOut', afterMs, 'plain');
        addStep(`to:${node}`, afterMs, tone);
        if (tone === 'warning') addStep('retries', afterMs, 'warning');
    }
  }
  for (const { destination, at } of attempts) {
    if (!steps.has(`to:${destination}`)) addStep(`to:${destination}`, at - row.at, 'plain');
  }
  return steps;
}
