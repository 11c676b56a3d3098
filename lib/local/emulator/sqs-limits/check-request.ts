import * as v from 'valibot';
import {
  batchRefusal,
  type Refusal,
  sendingRefusal,
  SendingSchema,
  visibilityRefusal,
} from './rules.ts';

/** One entry of a batch that AWS would refuse, as its answer lists it. */
export interface RefusedEntry {
  readonly Id: string;
  readonly SenderFault: true;
  readonly Code: string;
  readonly Message: string;
}

/** What should become of a request before the emulator sees it. */
export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  | {
      readonly kind: 'take_some';
      readonly entries: readonly unknown[];
      readonly refused: readonly RefusedEntry[];
    };

const HidingSchema = v.object({ ReceiptHandle: v.string(), VisibilityTimeout: v.number() });
const BatchSchema = v.object({ Entries: v.array(v.looseObject({ Id: v.string() })) });
const PASS: Verdict = { kind: 'pass' };

/**
 * Judges a request to SQS by what AWS limits further than fauxqs. What this does not understand
 * passes: the emulator has its own say.
 * @param action the name of the request, for example `SendMessage`
 * @param heldSeconds how long ago the message of a receipt handle was received
 */
export function verdictOn(
  action: string,
  body: unknown,
  heldSeconds: (receiptHandle: string) => number,
): Verdict {
  switch (action) {
    case 'SendMessage':
    case 'ChangeMessageVisibility': {
      const refusal = refusalOf(action, body, heldSeconds);
      return refusal === null ? PASS : { kind: 'refuse', refusal };
    }
    case 'SendMessageBatch':
      return verdictOnBatch(body, (entry) => refusalOf('SendMessage', entry, heldSeconds));
    case 'ChangeMessageVisibilityBatch':
      return verdictOnBatch(body, (entry) =>
        refusalOf('ChangeMessageVisibility', entry, heldSeconds),
      );
    case 'DeleteMessageBatch':
      return verdictOnBatch(body, () => null);
    default:
      return PASS;
  }
}

function refusalOf(
  action: 'SendMessage' | 'ChangeMessageVisibility',
  input: unknown,
  heldSeconds: (receiptHandle: string) => number,
): Refusal | null {
  if (action === 'SendMessage') {
    const sending = v.safeParse(SendingSchema, input);
    return sending.success ? sendingRefusal(sending.output) : null;
  }
  const hiding = v.safeParse(HidingSchema, input);
  if (!hiding.success || hiding.output.VisibilityTimeout === 0) return null;
  const { ReceiptHandle: handle, VisibilityTimeout: seconds } = hiding.output;
  return visibilityRefusal(seconds, heldSeconds(handle));
}

function verdictOnBatch(
  body: unknown,
  refusalOfEntry: (entry: unknown) => Refusal | null,
): Verdict {
  const batch = v.safeParse(BatchSchema, body);
  if (!batch.success) return PASS;
  const all = batch.output.Entries;
  const ids = all.map((entry) => entry.Id);
  const whole = batchRefusal(ids);
  if (whole !== null) return { kind: 'refuse', refusal: whole };
  const judged = all.map((entry) => ({ entry, refusal: refusalOfEntry(entry) }));
  const refused = judged.flatMap(({ entry, refusal }) =>
    refusal === null ? [] : [refusedEntry(entry.Id, refusal)],
  );
  if (refused.length === 0) return PASS;
  const entries = judged.filter(({ refusal }) => refusal === null).map(({ entry }) => entry);
  return { kind: 'take_some', entries, refused };
}

function refusedEntry(id: string, refusal: Refusal): RefusedEntry {
  return { Id: id, SenderFault: true, Code: refusal.code, Message: refusal.message };
}
