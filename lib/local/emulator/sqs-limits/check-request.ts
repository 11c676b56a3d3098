import * as v from 'valibot';
import {
  checkBatchIds,
  type LimitError,
  checkSendMessage,
  SendMessageInputSchema,
  checkVisibility,
} from './rules.ts';

/** An entry of a batch that AWS would reject, as the response lists it. */
export interface RejectedEntry {
  readonly Id: string;
  readonly SenderFault: true;
  readonly Code: string;
  readonly Message: string;
}

/** How a request is handled before the emulator gets it. `partial` passes on `entries` only. */
export type LimitCheck =
  | { readonly kind: 'pass' }
  | { readonly kind: 'reject'; readonly error: LimitError }
  | {
      readonly kind: 'partial';
      readonly entries: readonly unknown[];
      readonly rejected: readonly RejectedEntry[];
    };

const VisibilitySchema = v.object({ ReceiptHandle: v.string(), VisibilityTimeout: v.number() });
const BatchSchema = v.object({ Entries: v.array(v.looseObject({ Id: v.string() })) });
const PASS: LimitCheck = { kind: 'pass' };

/**
 * Checks a request to SQS against the limits of AWS that fauxqs does not enforce. A request that is not
 * valid in another way passes: the emulator rejects it.
 * @param action the name of the request, for example `SendMessage`
 * @param inFlightSeconds returns how long ago the message of a receipt handle was received
 */
export function checkRequest(
  action: string,
  body: unknown,
  inFlightSeconds: (receiptHandle: string) => number,
): LimitCheck {
  switch (action) {
    case 'SendMessage':
    case 'ChangeMessageVisibility': {
      const error = checkLimits(action, body, inFlightSeconds);
      return error === null ? PASS : { kind: 'reject', error };
    }
    case 'SendMessageBatch':
      return checkBatch(body, (entry) => checkLimits('SendMessage', entry, inFlightSeconds));
    case 'ChangeMessageVisibilityBatch':
      return checkBatch(body, (entry) =>
        checkLimits('ChangeMessageVisibility', entry, inFlightSeconds),
      );
    case 'DeleteMessageBatch':
      return checkBatch(body, () => null);
    default:
      return PASS;
  }
}

function checkLimits(
  action: 'SendMessage' | 'ChangeMessageVisibility',
  input: unknown,
  inFlightSeconds: (receiptHandle: string) => number,
): LimitError | null {
  if (action === 'SendMessage') {
    const sendMessage = v.safeParse(SendMessageInputSchema, input);
    return sendMessage.success ? checkSendMessage(sendMessage.output) : null;
  }
  const visibility = v.safeParse(VisibilitySchema, input);
  if (!visibility.success || visibility.output.VisibilityTimeout === 0) return null;
  const { ReceiptHandle: handle, VisibilityTimeout: seconds } = visibility.output;
  return checkVisibility(seconds, inFlightSeconds(handle));
}

function checkBatch(body: unknown, checkEntry: (entry: unknown) => LimitError | null): LimitCheck {
  const batch = v.safeParse(BatchSchema, body);
  if (!batch.success) return PASS;
  const all = batch.output.Entries;
  const ids = all.map((entry) => entry.Id);
  const batchError = checkBatchIds(ids);
  if (batchError !== null) return { kind: 'reject', error: batchError };
  const checked = all.map((entry) => ({ entry, error: checkEntry(entry) }));
  const rejected = checked.flatMap(({ entry, error }) =>
    error === null ? [] : [toRejectedEntry(entry.Id, error)],
  );
  if (rejected.length === 0) return PASS;
  const entries = checked.filter(({ error }) => error === null).map(({ entry }) => entry);
  return { kind: 'partial', entries, rejected };
}

function toRejectedEntry(id: string, error: LimitError): RejectedEntry {
  return { Id: id, SenderFault: true, Code: error.code, Message: error.message };
}
