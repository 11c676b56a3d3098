/** What cannot be measured on a developer's machine. Change it to the figures of your own dashboard. */
export const ASSUMPTIONS = {
  /** Memory of both functions: receiveMemoryMb and fanOutMemoryMb in serverless.yml. */
  memoryMb: 512,
  /** Lambda gives one full vCPU at this memory size; with less, CPU work takes longer in proportion. */
  wholeCoreMb: 1_769,
  /** How long a function waits for each service. */
  queueMs: 8,
  tableMs: 5,
  destinationMs: 100,
  /** Records per batch in a burst; a single webhook is a batch of one. */
  recordsPerBatch: 10,
  /** Lambda's active tracing records one request per second and 5 % of the others. */
  tracedShare: 0.05,
} as const;
