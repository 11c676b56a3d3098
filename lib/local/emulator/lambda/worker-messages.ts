import * as v from 'valibot';

/** The start parameters of an execution environment. */
export const WorkerDataSchema = v.object({
  bundleFile: v.string(),
  exportName: v.string(),
  functionName: v.string(),
  functionArn: v.string(),
  memoryMb: v.number(),
  /** Whether the requests that the handler makes are reported. */
  reportsRequests: v.optional(v.boolean(), false),
});
export type WorkerData = v.InferInput<typeof WorkerDataSchema>;

/** Starts one invocation of the handler. The event is JSON text, as in Lambda's Runtime API. */
export const InvokeMessageSchema = v.object({
  requestId: v.string(),
  event: v.string(),
  deadlineMs: v.number(),
});
/** Sets how many times faster time runs while the handler waits. */
export const SpeedMessageSchema = v.object({ speed: v.number() });
export type SpeedMessage = v.InferOutput<typeof SpeedMessageSchema>;
export type InvokeMessage = v.InferOutput<typeof InvokeMessageSchema>;

/** An error of a handler: the name of its class, the message, the stack. */
const HandlerErrorSchema = v.object({
  type: v.string(),
  message: v.string(),
  stack: v.array(v.string()),
});
export type HandlerError = v.InferOutput<typeof HandlerErrorSchema>;

const HeadersSchema = v.record(v.string(), v.string());
const MadeRequestSchema = v.object({
  method: v.string(),
  path: v.string(),
  headers: HeadersSchema,
  body: v.string(),
  status: v.nullable(v.number()),
  responseHeaders: HeadersSchema,
  responseBody: v.string(),
  ms: v.number(),
});

/** A message of an execution environment to its function. A returned payload is JSON text. */
export const WorkerMessageSchema = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({ kind: v.literal('not_ready'), error: HandlerErrorSchema }),
  v.object({ kind: v.literal('line'), text: v.string() }),
  v.object({ kind: v.literal('request'), request: MadeRequestSchema }),
  v.object({ kind: v.literal('returned'), payload: v.string() }),
  v.object({ kind: v.literal('threw'), error: HandlerErrorSchema }),
]);
export type WorkerMessage = v.InferOutput<typeof WorkerMessageSchema>;

/** Converts what a handler threw, as Lambda does. A value that is not an Error is converted to text. */
export function toHandlerError(thrown: unknown): HandlerError {
  if (!(thrown instanceof Error)) return { type: 'string', message: String(thrown), stack: [] };
  const stack = (thrown.stack ?? '').split('\n').filter((line) => line.trim().startsWith('at '));
  return { type: thrown.name, message: thrown.message, stack: stack.map((line) => line.trim()) };
}
