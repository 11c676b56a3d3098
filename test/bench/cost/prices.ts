/**
 * List prices of AWS in US dollars: us-east-1, first tier, without free tiers, as of mid-2025. They depend
 * on the region and change: check them before you rely on them, and change them here.
 */
export const PRICES = {
  listedAt: 'us-east-1, mid-2025',
  /** HTTP API, a million requests of at most 512 KB. */
  gatewayCalls: 1,
  /** Lambda, a million invocations, and a GB-second on arm64. */
  invocations: 0.2,
  gbSecond: 0.000_013_333_4,
  /** SQS standard, a million requests of at most 64 KB. */
  queueRequests: 0.4,
  /** DynamoDB on demand, a million writes of at most 1 KB, and consistent reads of at most 4 KB. */
  tableWrites: 0.625,
  tableReads: 0.125,
  /** CloudWatch Logs, a GB ingested. */
  logGb: 0.5,
  /** X-Ray, a million traces recorded. */
  traces: 5,
  /** Data transfer to the internet, a GB. */
  dataOutGb: 0.09,
} as const;
