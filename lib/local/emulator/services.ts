import type { OnAwsCall } from './aws-call-log.ts';
import { createResources } from './create-resources.ts';
import { type AwsEmulators, startAwsEmulators } from './aws-emulators.ts';
import type { Endpoints } from './local-addresses.ts';
import type { SentMessage } from './fauxqs-internals.ts';
import {
  type MockRequest,
  type MockDestinations,
  startMockDestinations,
} from './mock-destinations.ts';
import type { Stack } from './stack.ts';

/** The emulators with the resources of serverless.yml, and the mock destinations. */
export interface Services extends Pick<
  AwsEmulators,
  'listInFlight' | 'listQueued' | 'setVisibleAt'
> {
  readonly endpoints: Endpoints;
  readonly mockDestinations: MockDestinations;
  /** Stops all of them at once. Can be called again. */
  stop(): Promise<void>;
}

/**
 * Starts the emulators and the mock destinations, and creates the declared resources.
 * @param onMockRequest receives every request of a mock destination when it arrives
 * @param onAwsCall receives every call of an emulator
 * @param onSent receives every message that a queue has accepted
 */
export async function startServices(
  stack: Stack,
  onMockRequest: (request: MockRequest) => void,
  onAwsCall?: OnAwsCall,
  onSent?: (message: SentMessage) => void,
): Promise<Services> {
  const [emulators, mockDestinations] = await Promise.all([
    startAwsEmulators(stack.region, onAwsCall, onSent),
    startMockDestinations(onMockRequest),
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
    listInFlight: (queueName) => emulators.listInFlight(queueName),
    listQueued: (queueName) => emulators.listQueued(queueName),
    setVisibleAt: (queueName, message, visibleAtMs) =>
      emulators.setVisibleAt(queueName, message, visibleAtMs),
    stop,
  };
}
