import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { handlerError } from './handler-error.ts';
import { captureLines } from './line-capture.ts';
import {
  type Order,
  OrderSchema,
  type Report,
  type Setup,
  SetupSchema,
} from './worker-messages.ts';

// This module is what a worker thread runs: the part of Lambda's runtime that calls the handler.

const HandlerSchema = v.function();
const setup = v.parse(SetupSchema, workerData);
const report = (message: Report): void => parentPort?.postMessage(message, []);

process.setSourceMapsEnabled(true);
const flushLines = captureLines([process.stdout, process.stderr], (text) =>
  report({ kind: 'line', text }),
);

const handler = loadHandler();
if (handler !== null) {
  parentPort?.on('message', (message: unknown) => {
    void answer(handler, v.parse(OrderSchema, message));
  });
  report({ kind: 'ready' });
}

function loadHandler(): ((...input: unknown[]) => unknown) | null {
  try {
    const loaded: unknown = createRequire(import.meta.url)(setup.bundleFile);
    const exported = v.parse(v.looseObject({}), loaded)[setup.exportName];
    if (v.is(HandlerSchema, exported)) return exported;
    throw new TypeError(
      `The module of ${setup.functionName} exports no function ${setup.exportName}`,
    );
  } catch (error) {
    flushLines();
    report({ kind: 'not_ready', error: handlerError(error) });
    return null;
  }
}

async function answer(call: (...input: unknown[]) => unknown, order: Order): Promise<void> {
  try {
    const event: unknown = JSON.parse(order.event);
    const returned = await call(event, contextOf(setup, order));
    const payload = JSON.stringify(returned ?? null);
    flushLines();
    report({ kind: 'returned', payload });
  } catch (error) {
    flushLines();
    report({ kind: 'threw', error: handlerError(error) });
  }
}

function contextOf({ functionName, functionArn, memoryMb }: Setup, order: Order): object {
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: String(memoryMb),
    awsRequestId: order.requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, order.deadlineMs - Date.now()),
  };
}
