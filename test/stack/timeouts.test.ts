import * as v from 'valibot';
import { expect, it } from 'vitest';
import {
  type ClientTimeouts,
  SECRET_DEADLINE_MS,
  SECRET_TIMEOUTS,
  SEND_DEADLINE_MS,
  SEND_TIMEOUTS,
} from '../../lib/platform/aws-timeouts.ts';
import { packageStack, parseProperties } from '../support/packaged-stack.ts';

const FunctionSchema = v.object({ Timeout: v.number() });
/** The SDK's longest wait before a second attempt. */
const BETWEEN_ATTEMPTS_MS = 100;

function computeMaxMs({ maxAttempts, requestHandler }: ClientTimeouts): number {
  const { connectionTimeout, requestTimeout } = requestHandler;
  return maxAttempts * (connectionTimeout + requestTimeout) + BETWEEN_ATTEMPTS_MS;
}

it('receive responds before its timeout, even when both Secrets Manager and SQS hang', async () => {
  const { template } = await packageStack();
  const functions = new Map(parseProperties(template, 'AWS::Lambda::Function', FunctionSchema));
  const receiveMs = (functions.get('ReceiveLambdaFunction')?.Timeout ?? 0) * 1_000;
  expect(SECRET_DEADLINE_MS + SEND_DEADLINE_MS).toBeLessThan(receiveMs);
}, 60_000);

it.each([
  ['a secret', SECRET_TIMEOUTS, SECRET_DEADLINE_MS],
  ['a message', SEND_TIMEOUTS, SEND_DEADLINE_MS],
])('the deadline of %s leaves room for both attempts', (_name, timeouts, deadlineMs) => {
  expect(computeMaxMs(timeouts)).toBeLessThanOrEqual(deadlineMs);
});
