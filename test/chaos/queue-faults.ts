import * as v from 'valibot';
import { CONSUMERS_DESTINATION } from './destinations.ts';
import { type SeededRandom, pickWeighted } from './seeded-random.ts';
import { type Trace, increment } from './trace.ts';
import type { FailedEntry, ProxyAction, ProxyFaults, ProxyRequest } from './fault-proxy.ts';
import { parseMessage } from './parse-message.ts';

const SendSchema = v.looseObject({ MessageBody: v.string() });
const CallSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({ QueueUrl: v.string(), MessageBody: v.optional(v.string()) }),
);
const EntrySchema = v.looseObject({ Id: v.string(), MessageBody: v.string() });
const BatchSchema = v.looseObject({ Entries: v.array(EntrySchema) });
type Message = v.InferOutput<typeof EntrySchema>;

/** What happens to the first `times` sends of a message. The SDK sends twice before a function sees an error. */
type QueueFault = { readonly action: ProxyAction; readonly times: number; readonly label: string };

const reject = (status: number, type: string): ProxyAction => ({ kind: 'reject', status, type });
const FAULT_WEIGHTS: readonly (readonly [QueueFault | null, number])[] = [
  [null, 89],
  [{ label: 'rejects (throttled)', action: reject(400, 'RequestThrottled'), times: 1 }, 2],
  [{ label: 'rejects (throttled)', action: reject(400, 'RequestThrottled'), times: 3 }, 2],
  [{ label: 'rejects (500)', action: reject(500, 'InternalFailure'), times: 3 }, 2],
  [{ label: 'stores and cuts', action: { kind: 'drop_response', mode: 'cut' }, times: 1 }, 2],
  [{ label: 'stores and cuts', action: { kind: 'drop_response', mode: 'cut' }, times: 2 }, 2],
  [{ label: 'stores and hangs', action: { kind: 'drop_response', mode: 'hang' }, times: 2 }, 1],
];
const DUPLICATE_SHARE = 0.05;
const OUT_OF_ORDER_SHARE = 0.1;
const FAILED_SHARE = 0.05;
/** What a batch's entry can fail with: a fault of SQS, or too many messages. */
const FAILED_CODES = ['InternalError', 'ThrottlingException'] as const;
const UNHIDDEN_SHARE = 0.05;
const MAX_DELAY_SECONDS = 3;
/** API reference of SendMessageBatch. */
const MAX_ENTRIES = 10;

/**
 * The faults of SQS that functions see when they send or hide messages. It also does what SQS may do to
 * messages that it has stored: deliver one twice, or later or earlier than others.
 */
export function createQueueFaults(random: SeededRandom, trace: Trace): ProxyFaults {
  const sendCounts = new Map<string, number>();

  /** The fault of a send, if it has one; `recordId` is that of the message, or of the first of a batch. */
  const chooseFault = (
    key: readonly [string, string, string],
  ): { readonly fault: QueueFault | null; readonly sendIndex: number } => {
    const countKey = key.join(' ');
    const sendIndex = sendCounts.get(countKey) ?? 0;
    sendCounts.set(countKey, sendIndex + 1);
    const fault = pickWeighted(FAULT_WEIGHTS, random('queue', ...key));
    return { fault: fault !== null && sendIndex < fault.times ? fault : null, sendIndex };
  };
  const count = (queue: string, label: string): void =>
    increment(trace.injectedFaults, `[${queue}] ${label}`);

  /** Whether a message that is sent for the first time comes later than others, and when. */
  const chooseDelay = (key: readonly [string, string, string]): number | null => {
    if (random('order', ...key) >= OUT_OF_ORDER_SHARE) return null;
    count(key[0], 'is out of order');
    return Math.ceil(random('later', ...key) * MAX_DELAY_SECONDS);
  };
  const isDoubled = (key: readonly [string, string, string]): boolean => {
    if (random('twice', ...key) >= DUPLICATE_SHARE) return false;
    count(key[0], 'delivers a message twice');
    increment(trace.redeliveries, key[2]);
    return true;
  };

  const decideSend = (
    queue: string,
    { body }: ProxyRequest,
    message: v.InferOutput<typeof SendSchema>,
  ): ProxyAction => {
    const key = toKey(queue, message);
    const { fault, sendIndex } = chooseFault(key);
    if (fault !== null) {
      count(queue, fault.label);
      // stored, and the sender does not know it
      if (fault.action.kind === 'drop_response') increment(trace.redeliveries, key[2]);
    }
    if (fault !== null) return fault.action;
    const forward: ProxyAction = { kind: 'forward', bodies: [body] };
    if (queue !== 'records' || sendIndex > 0) return forward;
    const DelaySeconds = chooseDelay(key);
    if (DelaySeconds !== null) {
      const delayed = JSON.stringify({ ...JSON.parse(body), DelaySeconds });
      return { kind: 'forward', bodies: [delayed] };
    }
    return isDoubled(key) ? { kind: 'forward', bodies: [body, body] } : forward;
  };

  /** What SQS does with the entries of a batch that it takes: some fail, come later, or come twice. */
  const takeEntries = (
    queue: string,
    entries: readonly Message[],
  ): { readonly stored: readonly Message[]; readonly failed: readonly FailedEntry[] } => {
    const failed = entries.flatMap((entry): FailedEntry[] => {
      const key = toKey(queue, entry);
      // SQS takes the others of the batch; this one the sender has to send again
      if (entries.length === 1 || random('fails', ...key) >= FAILED_SHARE) return [];
      const Code = FAILED_CODES[random('how it fails', ...key) < 0.5 ? 0 : 1];
      count(queue, `fails an entry of a batch (${Code})`);
      return [{ Id: entry.Id, Code, SenderFault: Code !== 'InternalError' }];
    });
    // SQS takes no empty batch
    if (failed.length === entries.length) return { stored: entries, failed: [] };
    const failedIds = new Set(failed.map(({ Id }) => Id));
    const taken = entries.filter(({ Id }) => !failedIds.has(Id));
    // what the consumers get twice must have been sent twice
    if (queue === CONSUMERS_DESTINATION) return { stored: taken, failed };
    const stored = taken.flatMap((entry) => {
      const key = toKey(queue, entry);
      const DelaySeconds = chooseDelay(key);
      const sent = DelaySeconds === null ? entry : { ...entry, DelaySeconds };
      const hasRoom = entries.length < MAX_ENTRIES / 2;
      return hasRoom && isDoubled(key) ? [sent, { ...entry, Id: `${entry.Id}-again` }] : [sent];
    });
    return { stored, failed };
  };

  /** Records in the trace what becomes of a batch for the consumers. */
  const traceConsumed = (
    entries: readonly Message[],
    stored: readonly Message[],
    invocationId: string,
    hasFault: boolean,
  ): void => {
    const storedIds = new Set(stored.map(({ Id }) => Id));
    for (const entry of entries) {
      const [, , recordId] = toKey(CONSUMERS_DESTINATION, entry);
      const delivery = trace.getDelivery(recordId, CONSUMERS_DESTINATION);
      delivery.requests += 1;
      const isStored = storedIds.has(entry.Id);
      delivery.hadFault ||= hasFault || !isStored;
      if (isStored) delivery.received.push({ invocationId, fate: 'responded' });
    }
  };

  const decideBatch = (
    queue: string,
    { body, invocationId }: ProxyRequest,
    { Entries: entries, ...call }: v.InferOutput<typeof BatchSchema>,
  ): ProxyAction => {
    const [first] = entries;
    if (first === undefined) return { kind: 'forward', bodies: [body] };
    const { fault, sendIndex } = chooseFault(toKey(queue, first));
    if (fault !== null) {
      count(queue, fault.label);
      if (fault.action.kind === 'drop_response') {
        for (const entry of entries) increment(trace.redeliveries, toKey(queue, entry)[2]);
      }
    }
    const takesAll = { stored: entries, failed: [] };
    const takesNone = { stored: [], failed: [] };
    const taken = sendIndex > 0 ? takesAll : takeEntries(queue, entries);
    const ofFault = fault?.action.kind === 'reject' ? takesNone : takesAll;
    const { stored, failed } = fault === null ? taken : ofFault;
    if (queue === CONSUMERS_DESTINATION) {
      traceConsumed(entries, stored, invocationId, fault !== null);
    }
    if (fault !== null) return fault.action;
    return { kind: 'forward', bodies: [JSON.stringify({ ...call, Entries: stored })], failed };
  };

  return {
    decide(request) {
      const { operation, body } = request;
      const parsed = v.safeParse(CallSchema, body);
      if (!parsed.success) return { kind: 'forward', bodies: [body] };
      const queue = parsed.output.QueueUrl.split('-local-').at(-1) ?? '';
      if (operation === 'SendMessage') {
        return decideSend(queue, request, v.parse(SendSchema, parsed.output));
      }
      if (operation === 'SendMessageBatch') {
        return decideBatch(queue, request, v.parse(BatchSchema, parsed.output));
      }
      if (operation === 'ChangeMessageVisibilityBatch' && random('hide', body) < UNHIDDEN_SHARE) {
        count('to-...', 'does not hide messages');
        return reject(500, 'InternalFailure');
      }
      return { kind: 'forward', bodies: [body] };
    },
    onResponseLost({ operation, body, invocationId }) {
      if (operation !== 'SendMessageBatch') return;
      const call = v.parse(CallSchema, body);
      if (!call.QueueUrl.endsWith(`-local-${CONSUMERS_DESTINATION}`)) return;
      for (const entry of v.parse(BatchSchema, call).Entries) {
        const [, , recordId] = toKey(CONSUMERS_DESTINATION, entry);
        const { received } = trace.getDelivery(recordId, CONSUMERS_DESTINATION);
        const receivedRequest = received.findLast(
          (each) => each.invocationId === invocationId && each.fate === 'responded',
        );
        if (receivedRequest !== undefined) receivedRequest.fate = 'response_lost';
      }
    },
  };
}

/** The queue, the destination and the record of a message. */
function toKey(
  queue: string,
  { MessageBody }: { readonly MessageBody: string },
): readonly [string, string, string] {
  const parsed = parseMessage(MessageBody);
  return [queue, parsed?.destination ?? '', parsed?.recordId ?? MessageBody];
}
