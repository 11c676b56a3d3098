import * as v from 'valibot';
import { CONSUMERS_DESTINATION } from './destinations.ts';
import { type SeededRandom, pickWeighted } from './seeded-random.ts';
import { type Trace, increment } from './trace.ts';
import type { ProxyFaults, ProxyAction } from './fault-proxy.ts';
import { parseMessage } from './parse-message.ts';

const SendSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({ QueueUrl: v.string(), MessageBody: v.string() }),
);

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
const MAX_DELAY_SECONDS = 3;

/**
 * The faults of SQS that functions see when they send. It also does what SQS may do to messages that it
 * has stored: deliver one twice, or later or earlier than others.
 */
export function createQueueFaults(random: SeededRandom, trace: Trace): ProxyFaults {
  const sendCounts = new Map<string, number>();
  return {
    decide({ operation, body, invocationId }) {
      const forward: ProxyAction = { kind: 'forward', bodies: [body] };
      if (operation !== 'SendMessage') return forward;
      const message = v.parse(SendSchema, body);
      const queue = message.QueueUrl.split('-local-').at(-1) ?? '';
      const parsed = parseMessage(message.MessageBody);
      const faultKey = [
        queue,
        parsed?.destination ?? '',
        parsed?.recordId ?? message.MessageBody,
      ] as const;
      const countKey = faultKey.join(' ');
      const sendIndex = sendCounts.get(countKey) ?? 0;
      sendCounts.set(countKey, sendIndex + 1);
      const fault = pickWeighted(FAULT_WEIGHTS, random('queue', ...faultKey));
      const activeFault = fault !== null && sendIndex < fault.times ? fault : null;
      if (activeFault !== null) {
        increment(trace.injectedFaults, `[${queue}] ${activeFault.label}`);
        // stored, and the sender does not know it
        if (activeFault.action.kind === 'drop_response') increment(trace.redeliveries, faultKey[2]);
      }
      if (queue === CONSUMERS_DESTINATION) {
        const delivery = trace.getDelivery(faultKey[2], CONSUMERS_DESTINATION);
        delivery.requests += 1;
        delivery.hadFault ||= activeFault !== null;
        if (activeFault?.action.kind !== 'reject') {
          delivery.received.push({ invocationId, fate: 'responded' });
        }
      }
      if (activeFault !== null) return activeFault.action;
      if (queue !== 'records' && queue !== 'retries') return forward;
      if (sendIndex === 0 && random('order', ...faultKey) < OUT_OF_ORDER_SHARE) {
        increment(trace.injectedFaults, `[${queue}] is out of order`);
        const delaySeconds = Math.ceil(random('later', ...faultKey) * MAX_DELAY_SECONDS);
        const DelaySeconds = queue === 'records' ? delaySeconds : 0;
        return { kind: 'forward', bodies: [JSON.stringify({ ...message, DelaySeconds })] };
      }
      if (sendIndex === 0 && random('twice', ...faultKey) < DUPLICATE_SHARE) {
        increment(trace.injectedFaults, `[${queue}] delivers a message twice`);
        increment(trace.redeliveries, faultKey[2]);
        return { kind: 'forward', bodies: [body, body] };
      }
      return forward;
    },
    onResponseLost({ operation, body, invocationId }) {
      if (operation !== 'SendMessage') return;
      const message = v.parse(SendSchema, body);
      if (!message.QueueUrl.endsWith(CONSUMERS_DESTINATION)) return;
      const { received } = trace.getDelivery(
        parseMessage(message.MessageBody)?.recordId ?? '',
        CONSUMERS_DESTINATION,
      );
      const receivedRequest = received.findLast(
        (each) => each.invocationId === invocationId && each.fate === 'responded',
      );
      if (receivedRequest !== undefined) receivedRequest.fate = 'response_lost';
    },
  };
}
