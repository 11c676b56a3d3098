import type { MockResponse, MockDestinations } from '../../emulator/mock-destinations.ts';
import type { ResponseChoice } from '../protocol.ts';

/** How each mock destination responds. */
export interface ResponseChoices {
  get(destination: string): ResponseChoice;
  /** @param retryAfterSeconds the Retry-After header of a 429 */
  set(destination: string, responseChoice: ResponseChoice, retryAfterSeconds: number): void;
}

/** Creates the choices. Every mock destination responds 200 until another choice is set. */
export function createResponseChoices(
  mockDestinations: Pick<MockDestinations, 'setBehaviour'>,
): ResponseChoices {
  const chosen = new Map<string, ResponseChoice>();
  return {
    get: (destination) => chosen.get(destination) ?? 'ok',
    set(destination, responseChoice, retryAfterSeconds) {
      chosen.set(destination, responseChoice);
      if (responseChoice === 'ok') mockDestinations.setBehaviour(destination);
      else
        mockDestinations.setBehaviour(destination, () =>
          toMockResponse(responseChoice, retryAfterSeconds),
        );
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
