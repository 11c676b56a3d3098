import * as v from 'valibot';
import { type Chance, pick } from './seeded-random.ts';
import { type Chronicle, count } from './trace.ts';
import type { EdgeFaults } from './fault-proxy.ts';

const IdSchema = v.object({ id: v.object({ S: v.string() }) });
const ClaimSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([
    v.pipe(
      v.object({ Item: IdSchema }),
      v.transform(({ Item }) => Item.id.S),
    ),
    v.pipe(
      v.object({ Key: IdSchema }),
      v.transform(({ Key }) => Key.id.S),
    ),
  ]),
);

/** How often the first calls about a claim are throttled. The SDK calls twice before it gives up. */
const TIMES: readonly (readonly [number, number])[] = [
  [0, 96],
  [1, 2],
  [2, 2],
];
const GIVEN_UP_AFTER = 2;
const WORDS: ReadonlyMap<string, string> = new Map([
  ['PutItem', 'a claim'],
  ['UpdateItem', 'the note of a delivery'],
  ['DeleteItem', 'the end of a claim'],
  ['GetItem', 'a look at a claim'],
]);

/** The faults of DynamoDB: it throttles. */
export function ledgerFaults(chance: Chance, chronicle: Chronicle): EdgeFaults {
  const calls = new Map<string, number>();
  return {
    judge({ action, body, invocation }) {
      const claim = v.safeParse(ClaimSchema, body);
      const [, destination = '', recordId = ''] = claim.success ? claim.output.split('#') : [];
      const key = `${action} ${destination} ${recordId}`;
      const nth = calls.get(key) ?? 0;
      calls.set(key, nth + 1);
      const times = pick(TIMES, chance('ledger', action, destination, recordId)) ?? 0;
      if (nth >= times) return { kind: 'pass', bodies: [body] };
      count(chronicle.done, `the ledger throttles ${WORDS.get(action) ?? action}`);
      const story = chronicle.story(recordId, destination);
      story.disturbed = true;
      if (action === 'UpdateItem' && nth + 1 === GIVEN_UP_AFTER) story.notesRefused.add(invocation);
      return { kind: 'refuse', status: 400, type: 'ProvisionedThroughputExceededException' };
    },
    onAnswerLost() {},
  };
}
