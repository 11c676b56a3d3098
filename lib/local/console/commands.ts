import * as v from 'valibot';
import { ResponseChoiceSchema } from './protocol.ts';

// What the page asks for and commands. Both sides validate it with these schemas.

const NullableStringSchema = v.nullable(v.string());

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
