/** How often the SDK tries an AWS call and how long each try may take, in the form that its clients accept. */
export interface ClientTimeouts {
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    /** Without this the SDK only logs a warning when `requestTimeout` has passed. */
    readonly throwOnRequestTimeout: true;
  };
}

/** For sending a message. */
export const SEND_TIMEOUTS = createTimeouts(1_000, 2_000);
/**
 * The deadline of one message: both attempts, and the SDK's wait between them (lib/platform/deadline.ts).
 * Well under the sender's limit of 10 s (vendor facts, section 1).
 */
export const SEND_DEADLINE_MS = 6_100;

/** For the deliveries table. */
export const TABLE_TIMEOUTS = createTimeouts(500, 1_000);
/** The deadline of one call to the table, so that a stalled table does not stall a batch. */
export const TABLE_DEADLINE_MS = 3_000;

/**
 * The deadline of the index rows of a batch, the read of their key included. It is short because routing
 * waits for them, and only a person who looks a delivery up misses them.
 */
export const INDEX_DEADLINE_MS = 1_500;

/** For reading a secret. */
export const SECRET_TIMEOUTS = createTimeouts(300, 900);
/**
 * The deadline of reading a secret, whichever store it is in: both attempts, and the wait between them.
 * Together with the deadline of a message that is less than the 9 s of the function receive, so the
 * sender gets a response of ours even when both stall.
 */
export const SECRET_DEADLINE_MS = 2_500;

/** For invoking receive, whose own timeout is longer: an operator waits for it. One try, because it may have begun. */
export const INVOKE_TIMEOUTS: ClientTimeouts = { ...createTimeouts(1_000, 5_000), maxAttempts: 1 };

function createTimeouts(connectMs: number, requestMs: number): ClientTimeouts {
  return {
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: requestMs,
      throwOnRequestTimeout: true,
    },
  };
}
