import type { OnAwsCall } from './aws-call-log.ts';
import { createResources } from './create-resources.ts';
import { startEmulators } from './emulators.ts';
import type { Endpoints } from './local-addresses.ts';
import type { SentMessage } from './sent-messages.ts';
import { type SinkAnswer, type SinkRequest, type Sinks, startSinks } from './mock-destinations.ts';
import type { EditMessage } from './waiting-messages.ts';
import type { Stack } from './stack.ts';

/** The embedded services with the resources of serverless.yml in them, and the sinks. */
export interface Services {
  readonly endpoints: Endpoints;
  readonly sinks: Sinks;
  /** Changes the messages of a queue that are still delayed, by the queue's name. */
  editDelayed(queueName: string, edit: EditMessage): void;
  /** Ends all of them at once. Can be called again. */
  stop(): Promise<void>;
}

/**
 * @param onSinkRequest gets every request that reaches a sink
 * @param onAwsCall gets every call that reaches an emulator
 * @param onSinkAnswer gets what became of each request that reached a sink
 * @param onSent gets every message that a queue has taken
 */
export async function startServices(
  stack: Stack,
  onSinkRequest: (request: SinkRequest) => void,
  onAwsCall?: OnAwsCall,
  onSinkAnswer?: (answer: SinkAnswer) => void,
  onSent?: (message: SentMessage) => void,
): Promise<Services> {
  const [emulators, sinks] = await Promise.all([
    startEmulators(stack.region, onAwsCall, onSent),
    startSinks(onSinkRequest, onSinkAnswer),
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
    editDelayed: (queueName, edit) => emulators.editDelayed(queueName, edit),
    stop,
  };
}
