import * as v from 'valibot';

/** An error response of SQS. `code` is AWS's error code. */
export interface LimitError {
  readonly code: string;
  readonly message: string;
}

const AttributeSchema = v.object({
  DataType: v.optional(v.string(), ''),
  StringValue: v.optional(v.string()),
  BinaryValue: v.optional(v.string()),
});

/** The part of SendMessage, and of each entry of SendMessageBatch, that AWS limits further than fauxqs. */
export const SendMessageInputSchema = v.object({
  DelaySeconds: v.optional(v.number()),
  MessageGroupId: v.optional(v.string()),
  MessageAttributes: v.optional(v.record(v.string(), AttributeSchema), {}),
});
export type SendMessageInput = v.InferOutput<typeof SendMessageInputSchema>;
type Attribute = v.InferOutput<typeof AttributeSchema>;

const MAX_DELAY_SECONDS = 900;
const MAX_INVISIBLE_SECONDS = 43_200;
const MAX_ATTRIBUTES = 10;
const MAX_BATCH_ENTRIES = 10;
const BATCH_ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;
const GROUP_ID = /^[!-~]{1,128}$/;
const ATTRIBUTE_NAME = /^(?!aws\.|amazon\.|\.)(?!.*\.\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$/i;
const DATA_TYPE = /^(?:String|Number|Binary)(?:\.[^.].*)?$/;

/**
 * Returns the error of AWS for a message that fauxqs would accept; null when AWS accepts it too.
 * Source: the API reference of SendMessage and the developer guide's quotas for messages.
 */
export function checkSendMessage(message: SendMessageInput): LimitError | null {
  const {
    DelaySeconds: delaySeconds,
    MessageGroupId: groupId,
    MessageAttributes: attributes,
  } = message;
  if (delaySeconds !== undefined && (delaySeconds < 0 || delaySeconds > MAX_DELAY_SECONDS)) {
    return invalidParameter(
      `DelaySeconds ${delaySeconds} is not between 0 and ${MAX_DELAY_SECONDS}`,
    );
  }
  if (groupId !== undefined && !GROUP_ID.test(groupId)) {
    return invalidParameter('MessageGroupId is not 1 to 128 letters, digits and punctuation marks');
  }
  const entries = Object.entries(attributes);
  if (entries.length > MAX_ATTRIBUTES) {
    return invalidParameter(`${entries.length} message attributes are more than ${MAX_ATTRIBUTES}`);
  }
  for (const [name, attribute] of entries) {
    const problem = checkAttribute(name, attribute);
    if (problem !== null) return invalidParameter(`Message attribute '${name}' ${problem}`);
  }
  return null;
}

function checkAttribute(name: string, attribute: Attribute): string | null {
  if (!ATTRIBUTE_NAME.test(name)) return 'has a name that is not allowed';
  if (!DATA_TYPE.test(attribute.DataType)) return 'has a data type that is not allowed';
  const value = attribute.DataType.startsWith('Binary')
    ? attribute.BinaryValue
    : attribute.StringValue;
  if (value === undefined || value === '') return 'has no value, or an empty one';
  if (attribute.DataType.startsWith('Number') && !Number.isFinite(Number(value))) {
    return 'is not a number';
  }
  return null;
}

/**
 * Returns the error of AWS for a visibility timeout that is no whole number of seconds, or that ends more than 12 hours after the receive,
 * however often it was extended (API reference of ChangeMessageVisibility). So a request for the whole
 * 12 hours always fails: a part of them has passed when the request arrives.
 * @param requestedSeconds the requested timeout, from now on
 * @param inFlightSeconds the time since the message was received
 */
export function checkVisibility(
  requestedSeconds: number,
  inFlightSeconds: number,
): LimitError | null {
  if (!Number.isInteger(requestedSeconds) || requestedSeconds < 0) {
    return invalidParameter(
      `VisibilityTimeout ${requestedSeconds} is not a whole number from 0 on`,
    );
  }
  if (requestedSeconds + inFlightSeconds < MAX_INVISIBLE_SECONDS) return null;
  return invalidParameter(
    `VisibilityTimeout ${requestedSeconds} does not end within ${MAX_INVISIBLE_SECONDS} seconds of the receive`,
  );
}

/**
 * Returns the error of AWS for a whole batch; it comes before errors of single entries
 * (API reference of SendMessageBatch).
 */
export function checkBatchIds(ids: readonly string[]): LimitError | null {
  if (ids.length > MAX_BATCH_ENTRIES) {
    return {
      code: 'TooManyEntriesInBatchRequest',
      message: `${ids.length} entries are more than ${MAX_BATCH_ENTRIES}`,
    };
  }
  if (!ids.every((id) => BATCH_ENTRY_ID.test(id))) {
    return {
      code: 'InvalidBatchEntryId',
      message: 'A batch entry id is not 1 to 80 letters, digits, hyphens and underscores',
    };
  }
  if (new Set(ids).size < ids.length) {
    return { code: 'BatchEntryIdsNotDistinct', message: 'Two entries have the same id' };
  }
  return null;
}

function invalidParameter(message: string): LimitError {
  return { code: 'InvalidParameterValue', message };
}
