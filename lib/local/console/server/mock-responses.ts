import type { SinkBehaviour, Sinks } from '../../emulator/mock-destinations.ts';
import type { Behaviour } from '../protocol.ts';

/** How the HTTP receivers of this machine are made to answer. */
export interface Behaviours {
  of(destination: string): Behaviour;
  /** @param retryAfterSeconds what a 429 asks for */
  set(destination: string, behaviour: Behaviour, retryAfterSeconds: number): void;
}

/** Every receiver answers 200 at first. */
export function createBehaviours(sinks: Pick<Sinks, 'behave'>): Behaviours {
  const chosen = new Map<string, Behaviour>();
  return {
    of: (destination) => chosen.get(destination) ?? 'ok',
    set(destination, behaviour, retryAfterSeconds) {
      chosen.set(destination, behaviour);
      if (behaviour === 'ok') sinks.behave(destination);
      else sinks.behave(destination, () => asSink(behaviour, retryAfterSeconds));
    },
  };
}

function asSink(behaviour: Exclude<Behaviour, 'ok'>, retryAfterSeconds: number): SinkBehaviour {
  switch (behaviour) {
    case 'hang':
    case 'close':
      return { kind: behaviour };
    case '429':
      return {
        kind: 'answer',
        status: 429,
        headers: { 'retry-after': String(retryAfterSeconds) },
      };
    case '400':
    case '500':
      return { kind: 'answer', status: Number(behaviour) };
  }
}
