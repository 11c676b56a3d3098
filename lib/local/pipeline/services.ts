import type { OnAwsCall } from './aws-calls.ts';
import { createResources } from './create-resources.ts';
import { startEmulators } from './emulators.ts';
import type { Endpoints } from './local-addresses.ts';
import { type SinkRequest, type Sinks, startSinks } from './sinks.ts';
import type { Stack } from './stack.ts';

/** The embedded services with the resources of serverless.yml in them, and the sinks. */
export interface Services {
  readonly endpoints: Endpoints;
  readonly sinks: Sinks;
  /** Ends all of them at once. Can be called again. */
  stop(): Promise<void>;
}

/**
 * @param onSinkRequest gets every request that reaches a sink
 * @param onAwsCall gets every call that reaches an emulator
 */
export async function startServices(
  stack: Stack,
  onSinkRequest: (request: SinkRequest) => void,
  onAwsCall?: OnAwsCall,
): Promise<Services> {
  const [emulators, sinks] = await Promise.all([
    startEmulators(stack.region, onAwsCall),
    startSinks(onSinkRequest),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all([emulators.stop(), sinks.stop()]);
  };
  try {
    await createResources(stack, emulators);
  } catch (error) {
    await stop();
    throw error;
  }
  const { sqsEndpoint, dynamoEndpoint } = emulators;
  return {
    endpoints: { sqsEndpoint, dynamoEndpoint, sinkEndpoint: sinks.endpoint },
    sinks,
    stop,
  };
}
