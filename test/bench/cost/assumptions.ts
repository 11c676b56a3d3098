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
  /** Lambda's active tracing records one request per second and 5 % of the others. */
  tracedShare: 0.05,
} as const;

/** How webhooks come, and so how full the batches are. */
export interface Course {
  readonly name: string;
  /** Records in a batch of [records], and deliveries in a batch of a destination's queue. */
  readonly perBatch: number;
  /** The limit that the first destination declares; null: none has one. */
  readonly firstLimit: { readonly perSecond: number; readonly perMinute: number } | null;
  /** The bar for a million webhooks with three destinations, in US dollars. */
  readonly barDollars: number;
}

export const COURSES: readonly Course[] = [
  { name: 'full batches', perBatch: 10, firstLimit: null, barDollars: 8.6 },
  { name: 'one by one', perBatch: 1, firstLimit: null, barDollars: 16.5 },
  {
    name: 'a burst, the first destination limited to 75/s and 700/min',
    perBatch: 10,
    firstLimit: { perSecond: 75, perMinute: 700 },
    barDollars: 11,
  },
];
