import * as v from 'valibot';
import { CONSUMERS } from './destinations.ts';
import { type Chance, pick } from './seeded-random.ts';
import { type Chronicle, count } from './trace.ts';
import type { EdgeFaults, Passage } from './fault-proxy.ts';
import { toldBy } from './parse-message.ts';

const SendSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({ QueueUrl: v.string(), MessageBody: v.string() }),
);

/** What the first sends of a message meet. The SDK sends twice before a function sees a failure. */
type Fault = { readonly passage: Passage; readonly times: number; readonly what: string };

const refuse = (status: number, type: string): Passage => ({ kind: 'refuse', status, type });
const FAULTS: readonly (readonly [Fault | null, number])[] = [
  [null, 89],
  [{ what: 'refuses (throttled)', passage: refuse(400, 'RequestThrottled'), times: 1 }, 2],
  [{ what: 'refuses (throttled)', passage: refuse(400, 'RequestThrottled'), times: 3 }, 2],
  [{ what: 'refuses (500)', passage: refuse(500, 'InternalFailure'), times: 3 }, 2],
  [{ what: 'stores and cuts', passage: { kind: 'lose_answer', how: 'cut' }, times: 1 }, 2],
  [{ what: 'stores and cuts', passage: { kind: 'lose_answer', how: 'cut' }, times: 2 }, 2],
  [{ what: 'stores and hangs', passage: { kind: 'lose_answer', how: 'hang' }, times: 2 }, 1],
];
const REPEATED_SHARE = 0.05;
const OUT_OF_ORDER_SHARE = 0.1;
const LONGEST_DELAY_SECONDS = 3;

/**
 * The faults of SQS, as functions meet them when they send. What SQS itself does to messages that it
 * has taken is done here too: one is stored twice, or comes later or sooner than it should.
 */
export function queueFaults(chance: Chance, chronicle: Chronicle): EdgeFaults {
  const sends = new Map<string, number>();
  return {
    judge({ action, body, invocation }) {
      const pass: Passage = { kind: 'pass', bodies: [body] };
      if (action !== 'SendMessage') return pass;
      const message = v.parse(SendSchema, body);
      const queue = message.QueueUrl.split('-local-').at(-1) ?? '';
      const told = toldBy(message.MessageBody);
      const of = [queue, told?.destination ?? '', told?.recordId ?? message.MessageBody] as const;
      const key = of.join(' ');
      const nth = sends.get(key) ?? 0;
      sends.set(key, nth + 1);
      const fault = pick(FAULTS, chance('queue', ...of));
      const meets = fault !== null && nth < fault.times ? fault : null;
      if (meets !== null) {
        count(chronicle.done, `[${queue}] ${meets.what}`);
        // stored, and the sender does not know
        if (meets.passage.kind === 'lose_answer') count(chronicle.comeAgain, of[2]);
      }
      if (queue === CONSUMERS) {
        const story = chronicle.story(of[2], CONSUMERS);
        story.requests += 1;
        story.disturbed ||= meets !== null;
        if (meets?.passage.kind !== 'refuse') {
          story.takings.push({ invocation, fate: 'answered' });
        }
      }
      if (meets !== null) return meets.passage;
      if (queue !== 'records' && queue !== 'retries') return pass;
      if (nth === 0 && chance('order', ...of) < OUT_OF_ORDER_SHARE) {
        count(chronicle.done, `[${queue}] is out of order`);
        const later = Math.ceil(chance('later', ...of) * LONGEST_DELAY_SECONDS);
        const DelaySeconds = queue === 'records' ? later : 0;
        return { kind: 'pass', bodies: [JSON.stringify({ ...message, DelaySeconds })] };
      }
      if (nth === 0 && chance('twice', ...of) < REPEATED_SHARE) {
        count(chronicle.done, `[${queue}] gives a message twice`);
        count(chronicle.comeAgain, of[2]);
        return { kind: 'pass', bodies: [body, body] };
      }
      return pass;
    },
    onAnswerLost({ action, body, invocation }) {
      if (action !== 'SendMessage') return;
      const message = v.parse(SendSchema, body);
      if (!message.QueueUrl.endsWith(CONSUMERS)) return;
      const { takings } = chronicle.story(toldBy(message.MessageBody)?.recordId ?? '', CONSUMERS);
      const taking = takings.findLast(
        (each) => each.invocation === invocation && each.fate === 'answered',
      );
      if (taking !== undefined) taking.fate = 'answer_lost';
    },
  };
}
