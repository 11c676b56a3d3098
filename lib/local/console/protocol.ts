import * as v from 'valibot';
import { DELIVERY_STATUSES } from '../../telemetry/statuses.ts';

// What the page and its server say to each other. Both sides read it with these schemas.

const NullableStringSchema = v.nullable(v.string());

/** The state of one delivery. */
export const DeliveryStatusSchema = v.picklist(DELIVERY_STATUSES);

/** One destination of one webhook, as a mark in the list. */
export const DeliveryViewSchema = v.object({
  destination: v.string(),
  status: DeliveryStatusSchema,
  attempts: v.number(),
  /** Milliseconds since 1970; only while waiting. */
  nextAt: v.nullable(v.number()),
  reason: NullableStringSchema,
});
export type DeliveryView = v.InferOutput<typeof DeliveryViewSchema>;

/** One webhook as the list shows it. */
export const RowSchema = v.object({
  key: v.string(),
  number: v.number(),
  at: v.number(),
  path: v.string(),
  event: NullableStringSchema,
  purpose: NullableStringSchema,
  responseStatus: v.number(),
  status: v.string(),
  reason: NullableStringSchema,
  recordId: NullableStringSchema,
  /** The record was there before, from another webhook. */
  isRepeat: v.boolean(),
  isTest: v.boolean(),
  deliveries: v.array(DeliveryViewSchema),
  /** Grows with whatever happens to the record, also with what does not show in this row. */
  changeCount: v.number(),
});
export type Row = v.InferOutput<typeof RowSchema>;

/** Counts of the last five minutes, oldest first, one number for each five seconds. */
const SeriesSchema = v.array(v.number());

/** A part of the flow: what lies there or went through, and its last minutes. */
const FlowNodeSchema = v.object({ count: v.number(), series: SeriesSchema });
export type FlowNode = v.InferOutput<typeof FlowNodeSchema>;

export const ResponseChoiceSchema = v.picklist(['ok', '500', '429', '400', 'hang', 'close']);
export type ResponseChoice = v.InferOutput<typeof ResponseChoiceSchema>;

export const DestinationViewSchema = v.object({
  name: v.string(),
  /** Null for a destination whose answers cannot be chosen here: it is no HTTP receiver of this machine. */
  responseChoice: v.nullable(ResponseChoiceSchema),
  delivered: v.number(),
  failed: v.number(),
  waiting: v.number(),
  series: SeriesSchema,
});
export type DestinationView = v.InferOutput<typeof DestinationViewSchema>;

export const FlowViewSchema = v.object({
  endpoint: FlowNodeSchema,
  rejected: v.number(),
  quarantine: FlowNodeSchema,
  records: FlowNodeSchema,
  fanOut: FlowNodeSchema,
  retries: FlowNodeSchema,
  deadLetters: FlowNodeSchema,
  destinations: v.array(DestinationViewSchema),
});
export type FlowView = v.InferOutput<typeof FlowViewSchema>;

/** A line for the person at the page: a reload, a trouble. */
export const NotificationSchema = v.object({
  number: v.number(),
  at: v.number(),
  tone: v.picklist(['good', 'bad']),
  text: v.string(),
});
export type ConsoleNotification = v.InferOutput<typeof NotificationSchema>;

/** One event of the live stream: what has changed since the last one. */
export const SnapshotSchema = v.object({
  now: v.number(),
  rows: v.array(RowSchema),
  flow: FlowViewSchema,
  speed: v.number(),
  notifications: v.array(NotificationSchema),
  mappings: v.array(v.string()),
});
export type Snapshot = v.InferOutput<typeof SnapshotSchema>;

/** A line of a body or a record. `path` is that of the value that begins there; null for a bracket that closes. */
export const DocumentLineSchema = v.object({
  indent: v.number(),
  text: v.string(),
  path: NullableStringSchema,
  annotations: v.array(v.object({ tone: v.picklist(['issue', 'warning']), message: v.string() })),
  /** The value has no place of its own in the record. */
  isUnmapped: v.boolean(),
});
export type DocumentLine = v.InferOutput<typeof DocumentLineSchema>;

const TextDocumentSchema = v.object({
  lines: v.array(DocumentLineSchema),
  /** How many characters were not kept. */
  truncatedCharacters: v.number(),
});
export type TextDocument = v.InferOutput<typeof TextDocumentSchema>;

export const AttemptDetailsSchema = v.object({
  at: v.number(),
  destination: v.string(),
  attempt: v.number(),
  deliveryStatus: DeliveryStatusSchema,
  reason: NullableStringSchema,
  status: v.nullable(v.number()),
  ms: v.nullable(v.number()),
  nextAt: v.nullable(v.number()),
  /** How often in a row; a spared destination holds deliveries back again and again. */
  repeatCount: v.number(),
  request: v.nullable(v.object({ head: v.string(), body: TextDocumentSchema })),
  response: v.nullable(v.object({ head: v.string(), ms: v.number() })),
});
export type AttemptDetails = v.InferOutput<typeof AttemptDetailsSchema>;

/** One stop on a webhook's way. `afterMs` counts from the moment when it came in. */
export const TimelineEventSchema = v.object({
  node: v.string(),
  afterMs: v.number(),
  text: v.string(),
  tone: v.picklist(['good', 'warning', 'bad', 'plain']),
});
export type TimelineEvent = v.InferOutput<typeof TimelineEventSchema>;

/** One webhook opened. */
export const WebhookDetailsSchema = v.object({
  row: RowSchema,
  ms: v.number(),
  headers: v.array(v.tuple([v.string(), v.string()])),
  bytes: v.number(),
  isBase64: v.boolean(),
  body: TextDocumentSchema,
  rawBody: v.string(),
  signature: v.object({ tone: v.picklist(['good', 'bad']), text: v.string() }),
  responseBody: v.string(),
  issues: v.array(v.object({ path: v.string(), message: v.string() })),
  record: v.nullable(TextDocumentSchema),
  unmapped: v.nullable(TextDocumentSchema),
  timeline: v.array(TimelineEventSchema),
  attempts: v.array(AttemptDetailsSchema),
  isMasked: v.boolean(),
});
export type WebhookDetails = v.InferOutput<typeof WebhookDetailsSchema>;

export const SampleSchema = v.object({ name: v.string(), about: v.string(), path: v.string() });
export type Sample = v.InferOutput<typeof SampleSchema>;

/** What a person asks to be posted. */
export const SendRequestSchema = v.object({
  /** A sample's name; its own path, headers and body are sent unless `body` says another. */
  sample: NullableStringSchema,
  /** A webhook that came in before. */
  webhookKey: NullableStringSchema,
  body: NullableStringSchema,
  mapping: NullableStringSchema,
  /** `as-it-is`: the sample's own header, which may be forged or missing. */
  signature: v.picklist(['original', 'signed', 'forged', 'none']),
  count: v.picklist([1, 2]),
  /** As another webhook, with an id that was never used. */
  withNewId: v.boolean(),
});
export type SendRequest = v.InferOutput<typeof SendRequestSchema>;

export const CommandResultSchema = v.object({ text: v.string() });

export const SetResponseSchema = v.object({
  destination: v.string(),
  responseChoice: ResponseChoiceSchema,
  retryAfterSeconds: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(86_400)),
});
export const SpeedSchema = v.object({ speed: v.picklist([1, 10, 60, 600]) });
export const ReplaySchema = v.object({
  from: v.picklist(['quarantine', 'dead-letters']),
  dryRun: v.boolean(),
});
export const TryMappingSchema = v.object({ mapping: v.string(), body: v.string() });

/** What a body becomes under a mapping, in lines of `path = value`. */
export const MappingTrialSchema = v.object({
  isValid: v.boolean(),
  purpose: NullableStringSchema,
  fields: v.array(v.string()),
  unmapped: v.array(v.string()),
  issues: v.array(v.object({ path: v.string(), message: v.string() })),
});
export type MappingTrial = v.InferOutput<typeof MappingTrialSchema>;

/** A body to be edited, as it is: it is never masked. */
export const EditableBodySchema = v.object({ body: v.string(), mapping: NullableStringSchema });
