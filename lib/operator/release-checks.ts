import { errorName } from '../error-name.ts';
import { sign } from '../voucherify/signature.ts';
import type { SendWebhook, SentWebhook } from './send-webhook.ts';
import { createTestBody, isQueuedTest } from './test-webhook.ts';

/** A key that signs nothing of Voucherify's. */
const OTHER_KEY = 'not-the-key-of-this-stage';
const UNAUTHORIZED = 401;

/**
 * Sends the test webhook through a version of receive without a signature, with a forged one and with a
 * valid one. Only the last is stored, and it is delivered to no destination but those that take tests: so
 * this can run in production, with the queues and the secret of production.
 * @param send sends to that version
 * @param key the webhook secret of the stage
 * @param createId returns a new id of a webhook, `whs_...`
 * @returns one text for each response that was not the expected one; none of them holds a secret
 */
export async function findReleaseFaults(
  send: SendWebhook,
  key: string,
  createId: () => string,
  at: Date,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const refused = { expected: '401', isExpected: isUnauthorized };
  const queued = { expected: '202 and its record queued as a test', isExpected: isQueuedTest };
  const checks = [
    { name: 'a webhook without a signature', signedBy: null, ...refused },
    { name: 'a webhook with a forged signature', signedBy: OTHER_KEY, ...refused },
    { name: 'a signed webhook', signedBy: key, ...queued },
  ];
  const faults: string[] = [];
  for (const { name, signedBy, expected, isExpected } of checks) {
    const id = createId();
    const body = createTestBody(id, at);
    const signature = signedBy === null ? null : sign(body, signedBy);
    const actual = await send({ id, body, signature }, signal).then(
      (response) => {
        if (response === null) return 'it crashed or timed out';
        return isExpected(response) ? null : `it responded ${response.status}`;
      },
      (error: unknown) => `it could not be invoked (${errorName(error)})`,
    );
    if (actual !== null) faults.push(`${name}: expected ${expected}, but ${actual}; ${id}`);
  }
  return faults;
}

function isUnauthorized({ status }: NonNullable<SentWebhook>): boolean {
  return status === UNAUTHORIZED;
}
