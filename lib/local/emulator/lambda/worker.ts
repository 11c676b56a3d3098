import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { captureLines } from './line-capture.ts';
import { installLocalClock } from './local-clock.ts';
import { captureRequests } from './request-capture.ts';
import {
  type InvokeMessage,
  InvokeMessageSchema,
  SpeedMessageSchema,
  toHandlerError,
  type WorkerMessage,
  type WorkerData,
  WorkerDataSchema,
} from './worker-messages.ts';

// The code of the worker thread: the part of Lambda's runtime that loads and calls the handler.

const HandlerSchema = v.function();
const data = v.parse(WorkerDataSchema, workerData);
const postToParent = (message: WorkerMessage): void => parentPort?.postMessage(message, []);

process.setSourceMapsEnabled(true);
const clock = installLocalClock();
const flushLines = captureLines([process.stdout, process.stderr], (text) =>
  postToParent({ kind: 'line', text }),
);

if (data.reportsRequests) captureRequests((request) => postToParent({ kind: 'request', request }));
const handler = loadHandler();
if (handler !== null) {
  parentPort?.on('message', (message: unknown) => {
    if (v.is(SpeedMessageSchema, message)) clock.setSpeed(message.speed);
    else void runHandler(handler, v.parse(InvokeMessageSchema, message));
  });
  postToParent({ kind: 'ready' });
}

function loadHandler(): ((...input: unknown[]) => unknown) | null {
  try {
    const loaded: unknown = createRequire(import.meta.url)(data.bundleFile);
    const exported = v.parse(v.looseObject({}), loaded)[data.exportName];
    if (v.is(HandlerSchema, exported)) return exported;
    throw new TypeError(
      `The module of ${data.functionName} exports no function ${data.exportName}`,
    );
  } catch (error) {
    flushLines();
    postToParent({ kind: 'not_ready', error: toHandlerError(error) });
    return null;
  }
}

async function runHandler(
  call: (...input: unknown[]) => unknown,
  message: InvokeMessage,
): Promise<void> {
  clock.reset();
  try {
    const event: unknown = JSON.parse(message.event);
    const returned = await call(event, createContext(data, message));
    const payload = JSON.stringify(returned ?? null);
    flushLines();
    postToParent({ kind: 'returned', payload });
  } catch (error) {
    flushLines();
    postToParent({ kind: 'threw', error: toHandlerError(error) });
  }
}

function createContext(
  { functionName, functionArn, memoryMb }: WorkerData,
  message: InvokeMessage,
): object {
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: String(memoryMb),
    awsRequestId: message.requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, message.deadlineMs - Date.now()),
  };
}
