import * as v from 'valibot';

// What the page and its server say to each other. Both sides read it with these schemas.

const TextOrNullSchema = v.nullable(v.string());

/** Where one delivery stands. `sending`: the request is out and nothing has come back. */
export const StandSchema = v.picklist(['sending', 'delivered', 'waiting', 'rejected', 'dead']);
export type Stand = v.InferOutput<typeof StandSchema>;

/** One destination of one webhook, as a mark in the list. */
export const MarkSchema = v.object({
  destination: v.string(),
  stand: StandSchema,
  attempts: v.number(),
  /** Milliseconds since 1970; only while waiting. */
  nextAt: v.nullable(v.number()),
  reason: TextOrNullSchema,
});
export type Mark = v.InferOutput<typeof MarkSchema>;

/** One webhook as the list shows it. */
export const RowSchema = v.object({
  key: v.string(),
  number: v.number(),
  at: v.number(),
  path: v.string(),
  event: TextOrNullSchema,
  purpose: TextOrNullSchema,
  answer: v.number(),
  status: v.string(),
  reason: TextOrNullSchema,
  recordId: TextOrNullSchema,
  /** The record was there before, from another webhook. */
  repeat: v.boolean(),
  test: v.boolean(),
  marks: v.array(MarkSchema),
  /** Grows with whatever happens to the record, also with what does not show in this row. */
  changes: v.number(),
});
export type Row = v.InferOutput<typeof RowSchema>;

/** Counts of the last five minutes, oldest first, one number for each five seconds. */
const SeriesSchema = v.array(v.number());

/** A part of the flow: what lies there or went through, and its last minutes. */
const StationSchema = v.object({ count: v.number(), series: SeriesSchema });
export type Station = v.InferOutput<typeof StationSchema>;

export const BehaviourSchema = v.picklist(['ok', '500', '429', '400', 'hang', 'close']);
export type Behaviour = v.InferOutput<typeof BehaviourSchema>;

export const DestinationViewSchema = v.object({
  name: v.string(),
  /** Null for a destination whose answers cannot be chosen here: it is no HTTP receiver of this machine. */
  behaviour: v.nullable(BehaviourSchema),
  delivered: v.number(),
  failed: v.number(),
  waiting: v.number(),
  series: SeriesSchema,
});
export type DestinationView = v.InferOutput<typeof DestinationViewSchema>;

export const FlowViewSchema = v.object({
  endpoint: StationSchema,
  refused: v.number(),
  quarantine: StationSchema,
  records: StationSchema,
  fanOut: StationSchema,
  retries: StationSchema,
  deadLetters: StationSchema,
  destinations: v.array(DestinationViewSchema),
});
export type FlowView = v.InferOutput<typeof FlowViewSchema>;

/** A line for the person at the page: a reload, a trouble. */
export const NoticeSchema = v.object({
  number: v.number(),
  at: v.number(),
  tone: v.picklist(['good', 'bad']),
  text: v.string(),
});
export type Notice = v.InferOutput<typeof NoticeSchema>;

/** One event of the live stream: what has changed since the last one. */
export const NewsSchema = v.object({
  now: v.number(),
  rows: v.array(RowSchema),
  flow: FlowViewSchema,
  speed: v.number(),
  notices: v.array(NoticeSchema),
  mappings: v.array(v.string()),
});
export type News = v.InferOutput<typeof NewsSchema>;

/** A line of a body or a record. `path` is that of the value that begins there; null for a bracket that closes. */
export const LineSchema = v.object({
  indent: v.number(),
  text: v.string(),
  path: TextOrNullSchema,
  remarks: v.array(v.object({ tone: v.picklist(['issue', 'warning']), message: v.string() })),
  /** The value has no place of its own in the record. */
  rest: v.boolean(),
});
export type Line = v.InferOutput<typeof LineSchema>;

const DocumentSchema = v.object({
  lines: v.array(LineSchema),
  /** How many characters were not kept. */
  cutOff: v.number(),
});
export type Document = v.InferOutput<typeof DocumentSchema>;

export const AttemptSchema = v.object({
  at: v.number(),
  destination: v.string(),
  attempt: v.number(),
  outcome: v.string(),
  reason: TextOrNullSchema,
  status: v.nullable(v.number()),
  ms: v.nullable(v.number()),
  nextAt: v.nullable(v.number()),
  /** How often in a row; a spared destination holds deliveries back again and again. */
  times: v.number(),
  request: v.nullable(v.object({ head: v.string(), body: DocumentSchema })),
  answer: v.nullable(v.object({ head: v.string(), ms: v.number() })),
});
export type Attempt = v.InferOutput<typeof AttemptSchema>;

/** One stop on a webhook's way. `afterMs` counts from the moment when it came in. */
export const StopSchema = v.object({
  station: v.string(),
  afterMs: v.number(),
  text: v.string(),
  tone: v.picklist(['good', 'warning', 'bad', 'plain']),
});
export type Stop = v.InferOutput<typeof StopSchema>;

/** One webhook opened. */
export const OpenedSchema = v.object({
  row: RowSchema,
  ms: v.number(),
  headers: v.array(v.tuple([v.string(), v.string()])),
  bytes: v.number(),
  base64: v.boolean(),
  body: DocumentSchema,
  asItCame: v.string(),
  signature: v.object({ tone: v.picklist(['good', 'bad']), text: v.string() }),
  answerBody: v.string(),
  issues: v.array(v.object({ path: v.string(), message: v.string() })),
  record: v.nullable(DocumentSchema),
  rest: v.nullable(DocumentSchema),
  way: v.array(StopSchema),
  attempts: v.array(AttemptSchema),
  masked: v.boolean(),
});
export type Opened = v.InferOutput<typeof OpenedSchema>;

export const SampleSchema = v.object({ name: v.string(), about: v.string(), path: v.string() });
export type Sample = v.InferOutput<typeof SampleSchema>;

/** What a person asks to be posted. */
export const SendingSchema = v.object({
  /** A sample's name; its own path, headers and body are sent unless `body` says another. */
  sample: TextOrNullSchema,
  /** A webhook that came in before. */
  again: TextOrNullSchema,
  body: TextOrNullSchema,
  mapping: TextOrNullSchema,
  /** `as-it-is`: the sample's own header, which may be forged or missing. */
  signature: v.picklist(['as-it-is', 'signed', 'forged', 'none']),
  times: v.picklist([1, 2]),
  /** As another webhook, with an id that was never used. */
  fresh: v.boolean(),
});
export type Sending = v.InferOutput<typeof SendingSchema>;

export const SentSchema = v.object({ text: v.string() });

export const BehaveSchema = v.object({
  destination: v.string(),
  behaviour: BehaviourSchema,
  retryAfterSeconds: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(86_400)),
});
export const SpeedSchema = v.object({ speed: v.picklist([1, 10, 60, 600]) });
export const ReplaySchema = v.object({
  from: v.picklist(['quarantine', 'dead-letters']),
  dryRun: v.boolean(),
});
export const TryMappingSchema = v.object({ mapping: v.string(), body: v.string() });

/** What a body becomes under a mapping, in lines of `path = value`. */
export const TriedSchema = v.object({
  understood: v.boolean(),
  purpose: TextOrNullSchema,
  fields: v.array(v.string()),
  rest: v.array(v.string()),
  remarks: v.array(v.object({ path: v.string(), message: v.string() })),
});
export type Tried = v.InferOutput<typeof TriedSchema>;

/** A body to be edited, as it is: it is never masked. */
export const EditableSchema = v.object({ body: v.string(), mapping: TextOrNullSchema });
