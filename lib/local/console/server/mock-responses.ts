import type { MockResponse, MockDestinations } from '../../emulator/mock-destinations.ts';
import type { ResponseChoice } from '../protocol.ts';

/** How the HTTP receivers of this machine are made to answer. */
export interface ResponseChoices {
  get(destination: string): ResponseChoice;
  /** @param retryAfterSeconds what a 429 asks for */
  set(destination: string, responseChoice: ResponseChoice, retryAfterSeconds: number): void;
}

/** Every receiver answers 200 at first. */
export function createResponseChoices(
  sinks: Pick<MockDestinations, 'setBehaviour'>,
): ResponseChoices {
  const chosen = new Map<string, ResponseChoice>();
  return {
    get: (destination) => chosen.get(destination) ?? 'ok',
    set(destination, responseChoice, retryAfterSeconds) {
      chosen.set(destination, responseChoice);
      if (responseChoice === 'ok') sinks.setBehaviour(destination);
      else sinks.setBehaviour(destination, () => toMockResponse(responseChoice, retryAfterSeconds));
    },
  };
}

function toMockResponse(
  responseChoice: Exclude<ResponseChoice, 'ok'>,
  retryAfterSeconds: number,
): MockResponse {
  switch (responseChoice) {
    case 'hang':
    case 'close':
      return { kind: responseChoice };
    case '429':
      return {
        kind: 'respond',
        status: 429,
        headers: { 'retry-after': String(retryAfterSeconds) },
      };
    case '400':
    case '500':
      return { kind: 'respond', status: Number(responseChoice) };
  }
}
