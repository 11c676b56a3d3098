/** How often a call of AWS is tried, and how long each try may take, as the SDK's clients take it. */
export interface ClientTimeouts {
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    /** Without it the SDK only warns. */
    readonly throwOnRequestTimeout: true;
  };
}

/** For sending a message: at most 6 seconds, well under the sender's 10 (vendor facts, section 1). */
export const SEND_TIMEOUTS = createTimeouts(1_000, 2_000);

/** For the ledger: at most 3 seconds, so that a stalled one stalls no batch. */
export const IDEMPOTENCY_TIMEOUTS = createTimeouts(500, 1_000);

/**
 * For reading a secret: at most 2.4 seconds. With the queue's 6 they end before receive's 9 do, so that
 * the sender gets an answer of ours even when both stall.
 */
export const SECRET_TIMEOUTS = createTimeouts(300, 900);

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
