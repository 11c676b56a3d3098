import type { OnAwsCall } from './aws-call-log.ts';
import { createResources } from './create-resources.ts';
import { startAwsEmulators } from './aws-emulators.ts';
import type { Endpoints } from './local-addresses.ts';
import type { SentMessage } from './fauxqs-internals.ts';
import {
  type MockExchange,
  type MockRequest,
  type MockDestinations,
  startMockDestinations,
} from './mock-destinations.ts';
import type { EditMessage } from './fauxqs-internals.ts';
import type { Stack } from './stack.ts';

/** The embedded services with the resources of serverless.yml in them, and the mock destinations. */
export interface Services {
  readonly endpoints: Endpoints;
  readonly mockDestinations: MockDestinations;
  /** Changes the messages of a queue that are still delayed, by the queue's name. */
  editDelayed(queueName: string, edit: EditMessage): void;
  /** Ends all of them at once. Can be called again. */
  stop(): Promise<void>;
}

/**
 * @param onMockRequest gets every request that reaches a mock destination
 * @param onAwsCall gets every call that reaches an emulator
 * @param onMockExchange gets what became of each request that reached a mock destination
 * @param onSent gets every message that a queue has taken
 */
export async function startServices(
  stack: Stack,
  onMockRequest: (request: MockRequest) => void,
  onAwsCall?: OnAwsCall,
  onMockExchange?: (exchange: MockExchange) => void,
  onSent?: (message: SentMessage) => void,
): Promise<Services> {
  const [emulators, mockDestinations] = await Promise.all([
    startAwsEmulators(stack.region, onAwsCall, onSent),
    startMockDestinations(onMockRequest, onMockExchange),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all([emulators.stop(), mockDestinations.stop()]);
  };
  try {
    await createResources(stack, emulators);
  } catch (error) {
    await stop();
    throw error;
  }
  const { sqsEndpoint, dynamoEndpoint } = emulators;
  return {
    endpoints: { sqsEndpoint, dynamoEndpoint, mockEndpoint: mockDestinations.endpoint },
    mockDestinations,
    editDelayed: (queueName, edit) => emulators.editDelayed(queueName, edit),
    stop,
  };
}
