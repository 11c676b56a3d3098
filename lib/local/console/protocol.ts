import * as v from 'valibot';
import { DELIVERY_STATUSES, WEBHOOK_STATUSES } from '../../telemetry/statuses.ts';

// The messages between the page and its server. Both sides validate them with these schemas.

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

/** A file of events/ that can be sent. */
export const SampleSchema = v.object({
  name: v.string(),
  about: v.string(),
  path: v.string(),
  /** It repeats another one, so under a new id it is sent twice. */
  isRepetition: v.boolean(),
});
export type Sample = v.InferOutput<typeof SampleSchema>;

/** A webhook to send. */
export const SendRequestSchema = v.object({
  /** A sample's name. Its path, headers and body are sent, unless `body` replaces them. */
  sample: NullableStringSchema,
  /** The key of a webhook that was received before. */
  webhookKey: NullableStringSchema,
  body: NullableStringSchema,
  mapping: NullableStringSchema,
  /** `original`: the header of the sample or the webhook, which may be forged or missing. */
  signature: v.picklist(['original', 'signed', 'forged', 'none']),
  count: v.picklist([1, 2]),
  /** Replace the webhook's id, so that it is not a duplicate. */
  withNewId: v.boolean(),
});
export type SendRequest = v.InferOutput<typeof SendRequestSchema>;

/** As what a webhook is copied. */
export const CopyFormatSchema = v.picklist(['curl', 'body', 'record']);
export type CopyFormat = v.InferOutput<typeof CopyFormatSchema>;

/** The result of a command, for the toast; or a text to copy. */
export const CommandResultSchema = v.object({ text: v.string() });

/** Sets how a mock destination responds. */
export const SetResponseSchema = v.object({
  destination: v.string(),
  responseChoice: ResponseChoiceSchema,
  retryAfterSeconds: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(86_400)),
});

/** Sets how many times faster retries come. */
export const SpeedSchema = v.object({ speed: v.picklist([1, 10, 60, 600]) });

/** Pauses or resumes a destination. */
export const SetPausedSchema = v.object({ destination: v.string(), isPaused: v.boolean() });

const ReplayFromSchema = v.picklist(['quarantine', 'dead-letters']);
/** A queue whose messages can be replayed. */
export type ReplayFrom = v.InferOutput<typeof ReplayFromSchema>;

/** Replays all of a queue, or what one webhook left there. */
export const ReplaySchema = v.object({
  from: ReplayFromSchema,
  dryRun: v.boolean(),
  /** The id of the record or the webhook; null for all. */
  id: NullableStringSchema,
  /** Only the delivery to the destination with this name; null for any. */
  destination: NullableStringSchema,
});
export type Replay = v.InferOutput<typeof ReplaySchema>;

/** Attempts one waiting delivery now. */
export const RetryNowSchema = v.object({ recordId: v.string(), destination: v.string() });

/** Asks for what is on a queue. */
export const QueueQuerySchema = v.object({ from: ReplayFromSchema });

const WaitingMessageSchema = v.object({
  messageId: v.string(),
  /** The id of the record or the webhook; null when the message cannot be parsed. */
  id: NullableStringSchema,
  event: NullableStringSchema,
  /** The name of the destination that it was given up for; null for none, and in quarantine. */
  destination: NullableStringSchema,
  /** Why it is there, in words. */
  reason: v.string(),
  /** Since when, in milliseconds since 1970. */
  at: v.number(),
});
/** A dead letter or a quarantined webhook. */
export type WaitingMessage = v.InferOutput<typeof WaitingMessageSchema>;

/** What is on a queue: how many there are, and the newest of them. */
export const QueueListSchema = v.object({
  total: v.number(),
  messages: v.array(WaitingMessageSchema),
});
export type QueueList = v.InferOutput<typeof QueueListSchema>;

/** Tries a mapping; the empty name means none. */
export const TryMappingSchema = v.object({ mapping: v.string(), body: v.string() });

/** What the list of webhooks can be narrowed to: those with a delivery in a state, or with such a response. */
export const FilterStateSchema = v.picklist([
  'delivered',
  'waiting',
  'dead',
  'quarantined',
  'rejected',
]);
export type FilterState = v.InferOutput<typeof FilterStateSchema>;

/** Which webhooks to list. `text` can be personal: it is sent in the body of a request only. */
export const FilterSchema = v.object({
  /** A part of an id, a name or an e-mail address; or a whole code. Empty for any. */
  text: v.pipe(v.string(), v.maxLength(1_000)),
  event: NullableStringSchema,
  distribution: NullableStringSchema,
  state: v.nullable(FilterStateSchema),
});
export type Filter = v.InferOutput<typeof FilterSchema>;

/** The keys of the webhooks that a filter lets through. */
export const SearchResultSchema = v.object({ keys: v.array(v.string()) });

/** The record that a mapping makes of a body, in lines of `path = value`. */
export const MappingPreviewSchema = v.object({
  isValid: v.boolean(),
  purpose: NullableStringSchema,
  fields: v.array(v.string()),
  unmapped: v.array(v.string()),
  issues: v.array(v.object({ path: v.string(), message: v.string() })),
});
export type MappingPreview = v.InferOutput<typeof MappingPreviewSchema>;

/** A body to edit. It is never masked, so that it can be sent again. */
export const EditableBodySchema = v.object({ body: v.string(), mapping: NullableStringSchema });
