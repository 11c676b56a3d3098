import {
  GetEventSourceMappingCommand,
  type LambdaClient,
  paginateListEventSourceMappings,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';

/** What makes Lambda read one queue. */
export interface Mapping {
  readonly id: string;
  readonly queueName: string;
  /** `Enabled`, `Disabled`, or what it is on its way from or to (EventSourceMappingConfiguration, State). */
  readonly state: string;
}

/** The clock with which a change of a mapping is awaited. */
export interface MappingClock {
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Lambda needs up to a minute or so; then something else is wrong. */
const MAX_WAIT_MS = 5 * 60_000;
const POLL_MS = 2_000;

/** A mapping was not changed in time. */
export class MappingTimeoutError extends Error {
  override readonly name = 'MappingTimeoutError';
}

/** Returns the mappings of a function; null when there is no such function. */
export async function listMappings(
  client: LambdaClient,
  functionName: string,
): Promise<readonly Mapping[] | null> {
  const mappings: Mapping[] = [];
  const pages = paginateListEventSourceMappings({ client }, { FunctionName: functionName });
  try {
    for await (const { EventSourceMappings = [] } of pages) {
      for (const { UUID = '', EventSourceArn = '', State = '' } of EventSourceMappings) {
        const queueName = EventSourceArn.slice(EventSourceArn.lastIndexOf(':') + 1);
        mappings.push({ id: UUID, queueName, state: State });
      }
    }
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return null;
    throw error;
  }
  return mappings;
}

/**
 * Enables or disables a mapping. Resolves when Lambda has accepted the request; it carries it out in the
 * background.
 * @throws MappingTimeoutError when other changes of the mapping go on
 */
export async function requestMapping(
  client: LambdaClient,
  { id }: Mapping,
  isEnabled: boolean,
  { now, sleep }: MappingClock,
): Promise<void> {
  const endMs = now().getTime() + MAX_WAIT_MS;
  for (;;) {
    try {
      await client.send(new UpdateEventSourceMappingCommand({ UUID: id, Enabled: isEnabled }));
      return;
    } catch (error) {
      // another change goes on, that of a deploy for example
      if (!(error instanceof ResourceInUseException)) throw error;
      if (now().getTime() >= endMs) {
        throw new MappingTimeoutError(
          'Another change of the event source mapping has been going on for 5 minutes',
          { cause: error },
        );
      }
    }
    await sleep(POLL_MS);
  }
}

/**
 * Waits until a mapping is enabled or disabled.
 * @param onState receives each state on the way
 * @throws MappingTimeoutError when that takes too long
 */
export async function waitForMapping(
  client: LambdaClient,
  { id }: Mapping,
  isEnabled: boolean,
  { now, sleep }: MappingClock,
  onState: (state: string) => void,
): Promise<void> {
  const endMs = now().getTime() + MAX_WAIT_MS;
  let last = '';
  for (;;) {
    const { State = '' } = await client.send(new GetEventSourceMappingCommand({ UUID: id }));
    if (State !== last) onState(State);
    last = State;
    if (State === (isEnabled ? 'Enabled' : 'Disabled')) return;
    if (now().getTime() >= endMs) {
      throw new MappingTimeoutError(`After 5 minutes the event source mapping is ${State}`);
    }
    await sleep(POLL_MS);
  }
}
