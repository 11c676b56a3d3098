/** What cannot be measured on a developer's machine. Change it to what your own dashboard shows. */
export const ASSUMPTIONS = {
  /** Memory of both functions: receiveMemoryMb and fanOutMemoryMb in serverless.yml. */
  memoryMb: 512,
  /** Lambda gives one whole core from here on; below, CPU time takes that much longer. */
  wholeCoreMb: 1_769,
  /** How long the services let a function wait. */
  queueMs: 8,
  idempotencyMs: 5,
  destinationMs: 100,
  /** How full a batch is in a burst; a lone webhook is a batch of its own. */
  recordsPerBatch: 10,
  /** Lambda's active tracing records one request a second and 5 % of the others. */
  tracedShare: 0.05,
} as const;
