import * as v from 'valibot';
import { DELIVERY_STATUSES, WEBHOOK_STATUSES } from '../../telemetry/statuses.ts';

// What the server shows the page. Both sides validate it with these schemas.

const NullableStringSchema = v.nullable(v.string());

const LevelSchema = v.picklist(['success', 'warn', 'error', 'info']);
/** How a message is highlighted. */
export type Level = v.InferOutput<typeof LevelSchema>;

/** The status of a delivery or of one attempt at it. */
const DeliveryStatusSchema = v.picklist(DELIVERY_STATUSES);

/** One delivery of a webhook, as the list shows it. */
export const DeliveryViewSchema = v.object({
  destination: v.string(),
  /** `ended`: it waited, or was in progress, when an earlier run of npm start was stopped. */
  status: v.picklist([...DELIVERY_STATUSES, 'ended']),
  attempts: v.number(),
  /** Milliseconds since 1970; null unless the delivery is waiting. */
  nextAt: v.nullable(v.number()),
  reason: NullableStringSchema,
});
export type DeliveryView = v.InferOutput<typeof DeliveryViewSchema>;

const WebhookStatusSchema = v.picklist([...WEBHOOK_STATUSES, 'replayed']);
/** The status in receive's log line, or `replayed` once a quarantined webhook became a record. */
export type WebhookStatus = v.InferOutput<typeof WebhookStatusSchema>;

const RowSchema = v.object({
  key: v.string(),
  number: v.number(),
  at: v.number(),
  path: v.string(),
  event: NullableStringSchema,
  purpose: NullableStringSchema,
  /** The label of the distribution that sent it, or its id; null for any other webhook. */
  distribution: NullableStringSchema,
  httpStatus: v.number(),
  status: WebhookStatusSchema,
  level: LevelSchema,
  reason: NullableStringSchema,
  recordId: NullableStringSchema,
  /** An earlier webhook has the same record id. */
  isDuplicate: v.boolean(),
  isTest: v.boolean(),
  /** It came to an earlier run of npm start: its queues are gone, and nothing of it can be replayed. */
  isPast: v.boolean(),
  deliveries: v.array(DeliveryViewSchema),
  /** Grows with every change of the record, also with those that this row does not show. */
  changeCount: v.number(),
});
/** One webhook, as the list shows it. */
export type Row = v.InferOutput<typeof RowSchema>;

/** Counts of the last five minutes, oldest first, one number for each five seconds. */
const SeriesSchema = v.array(v.number());

const FlowNodeSchema = v.object({ count: v.number(), series: SeriesSchema });
/** A part of the pipeline: how many messages it holds or has handled, and its last minutes. */
export type FlowNode = v.InferOutput<typeof FlowNodeSchema>;

/** How a mock destination responds. */
export const ResponseChoiceSchema = v.picklist(['ok', '500', '429', '400', 'hang', 'close']);
export type ResponseChoice = v.InferOutput<typeof ResponseChoiceSchema>;

/** The kind of a destination's declaration. */
export const DestinationKindSchema = v.picklist(['http', 'sqs', 'sns', 'eventbridge']);
export type DestinationKind = v.InferOutput<typeof DestinationKindSchema>;

const CircuitViewSchema = v.picklist(['closed', 'open', 'half-open']);
/** The state of a destination's circuit breaker. */
export type CircuitView = v.InferOutput<typeof CircuitViewSchema>;

const DestinationViewSchema = v.object({
  name: v.string(),
  /** Null for a destination that is not a mock HTTP destination: its response cannot be chosen. */
  responseChoice: v.nullable(ResponseChoiceSchema),
  /** The kind of its declaration; null for a destination that is no longer declared. */
  kind: v.nullable(DestinationKindSchema),
  delivered: v.number(),
  /** How many deliveries are on its queue: those that can be received now, and those that are hidden. */
  waiting: v.number(),
  /** How many deliveries an invocation has. */
  inProgress: v.number(),
  /** When the oldest waiting delivery was put on the queue, in milliseconds since 1970; null for none. */
  oldestSentAt: v.nullable(v.number()),
  /** What its declaration limits; null for a destination that is no longer declared. */
  pace: NullableStringSchema,
  circuit: CircuitViewSchema,
  /** When it was paused, in milliseconds since 1970; null when it is not. */
  pausedAt: v.nullable(v.number()),
  series: SeriesSchema,
});
/** A destination in the flow. */
export type DestinationView = v.InferOutput<typeof DestinationViewSchema>;

const FlowViewSchema = v.object({
  endpoint: FlowNodeSchema,
  rejected: v.number(),
  quarantine: FlowNodeSchema,
  records: FlowNodeSchema,
  fanOut: FlowNodeSchema,
  deadLetters: FlowNodeSchema,
  destinations: v.array(DestinationViewSchema),
});
/** The counts of the whole pipeline. */
export type FlowView = v.InferOutput<typeof FlowViewSchema>;

const NotificationSchema = v.object({
  number: v.number(),
  at: v.number(),
  level: LevelSchema,
  text: v.string(),
});
/** One line about the pipeline itself: functions were reloaded, or an error. */
export type ConsoleNotification = v.InferOutput<typeof NotificationSchema>;

/** One event of the live stream: what has changed since the previous one. */
export const SnapshotSchema = v.object({
  now: v.number(),
  /** The URL of the webhook endpoint. */
  endpoint: v.string(),
  rows: v.array(RowSchema),
  /** Grows when the list is cleared: the rows before are gone. */
  generation: v.number(),
  flow: FlowViewSchema,
  speed: v.number(),
  /** Why npm start has to be run again; null when it does not. */
  restart: NullableStringSchema,
  notifications: v.array(NotificationSchema),
  mappings: v.array(v.string()),
});
export type Snapshot = v.InferOutput<typeof SnapshotSchema>;

const DocumentLineSchema = v.object({
  indent: v.number(),
  text: v.string(),
  /** The path of the value that begins on this line; null for a closing bracket. */
  path: NullableStringSchema,
  annotations: v.array(v.object({ kind: v.picklist(['issue', 'warning']), message: v.string() })),
  /** No field of the record holds this value. */
  isUnmapped: v.boolean(),
});
/** One line of a body or a record. */
export type DocumentLine = v.InferOutput<typeof DocumentLineSchema>;

const TextDocumentSchema = v.object({
  lines: v.array(DocumentLineSchema),
  /** How many characters the console did not store or does not show. */
  truncatedCharacters: v.number(),
});
/** A body or a record, formatted in lines. */
export type TextDocument = v.InferOutput<typeof TextDocumentSchema>;

const AttemptDetailsSchema = v.object({
  at: v.number(),
  destination: v.string(),
  /** From 1; null when it was not its turn. */
  attempt: v.nullable(v.number()),
  status: DeliveryStatusSchema,
  reason: NullableStringSchema,
  httpStatus: v.nullable(v.number()),
  ms: v.number(),
  nextAt: v.nullable(v.number()),
  /** How many times in a row: an open circuit postpones a delivery again and again. */
  repeatCount: v.number(),
  request: v.nullable(v.object({ head: v.string(), body: TextDocumentSchema })),
  response: v.nullable(v.object({ head: v.string(), body: TextDocumentSchema, ms: v.number() })),
});
/** One attempt at a delivery, with its request and response. */
export type AttemptDetails = v.InferOutput<typeof AttemptDetailsSchema>;

/** One event in the timeline of a webhook. */
export const TimelineEventSchema = v.object({
  node: v.picklist(['endpoint', 'records', 'destination', 'deadLetters']),
  /** The destination's name; null for any other node. */
  destination: NullableStringSchema,
  /** Milliseconds since the webhook was received. */
  afterMs: v.number(),
  text: v.string(),
  level: LevelSchema,
});
export type TimelineEvent = v.InferOutput<typeof TimelineEventSchema>;

/** One webhook with its body, its record and its deliveries. */
export const WebhookDetailsSchema = v.object({
  row: RowSchema,
  ms: v.number(),
  headers: v.array(v.tuple([v.string(), v.string()])),
  bytes: v.number(),
  isBase64: v.boolean(),
  body: TextDocumentSchema,
  rawBody: v.string(),
  signature: v.object({ level: LevelSchema, text: v.string() }),
  issues: v.array(v.object({ path: v.string(), message: v.string() })),
  record: v.nullable(TextDocumentSchema),
  unmapped: v.nullable(TextDocumentSchema),
  timeline: v.array(TimelineEventSchema),
  attempts: v.array(AttemptDetailsSchema),
});
export type WebhookDetails = v.InferOutput<typeof WebhookDetailsSchema>;
