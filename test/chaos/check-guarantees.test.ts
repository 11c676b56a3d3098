import { beforeEach, describe, expect, it } from 'vitest';
import { CAST, isWanted } from './destinations.ts';
import { type Chronicle, createChronicle, type Fate } from './trace.ts';
import type { Told } from './parse-message.ts';
import { chaosReport } from './report.ts';
import { type Evidence, judge, type Verdict } from './check-guarantees.ts';

/** A record that every destination of the cast wants. */
const ID = Array.from({ length: 1_000 }, (_, n) => `whs_${n}`).find((id) =>
  CAST.every((member) => isWanted(member, id)),
)!;

let chronicle: Chronicle;

beforeEach(() => {
  chronicle = createChronicle();
  for (const { name } of CAST) takes(name, 'answered');
});

function takes(destination: string, ...fates: Fate[]): void {
  const { takings } = chronicle.story(ID, destination);
  takings.splice(0, takings.length);
  for (const [n, fate] of fates.entries()) takings.push({ invocation: `call-${n}`, fate });
}

function verdict(changes: Partial<Evidence> = {}): Verdict {
  return judge({
    chronicle,
    cast: CAST,
    acknowledged: new Map([[ID, 'queued']]),
    consumed: new Map([[ID, chronicle.story(ID, 'consumers').takings.length]]),
    deadLetters: [],
    quarantined: new Set(),
    receives: { records: 10, retries: 5 },
    ...changes,
  });
}

function letter(destination: string | null, reason: string | null, waiting = false): Told {
  return { recordId: ID, destination, reason, waiting };
}

function reportOf(of: Verdict) {
  const counts = { acknowledged: 1, quarantined: 0, givenUp: 0, postedAgain: 0 };
  return chaosReport({ ...counts, verdict: of, done: new Map(), unrest: [] });
}

describe('what a chaos run calls lost', () => {
  it('is nothing when every destination has answered in time', () => {
    expect(verdict()).toMatchObject({ lost: [], twice: [], dead: [] });
    expect(reportOf(verdict())).toMatchObject({ good: true });
  });

  it.each<[string, Fate[]]>([
    ['never asked', []],
    ['asked without having answered', ['never_answered']],
    ['asked and cut off', ['cut']],
    ['answering too late to be heard', ['answered_late']],
  ])('is a record whose destination was %s', (_case, fates) => {
    takes('mail', ...fates);
    const judged = verdict();
    expect(judged.lost).toEqual([{ recordId: ID, destination: 'mail' }]);
    const { good, text } = reportOf(judged);
    expect([good, text.split('\n').at(-1)]).toEqual([false, 'lost: 1']);
  });

  it('is a record that the consumers did not get', () => {
    expect(verdict({ consumed: new Map() }).lost).toEqual([
      { recordId: ID, destination: 'consumers' },
    ]);
  });

  it('is a webhook that was quarantined and is not in quarantine', () => {
    const acknowledged = new Map([['sha_1', 'quarantined']]);
    expect(verdict({ acknowledged }).lost).toEqual([
      { recordId: 'sha_1', destination: 'quarantine' },
    ]);
    expect(verdict({ acknowledged, quarantined: new Set(['sha_1']) }).lost).toEqual([]);
  });

  it('is not what lies on [dead-letters], for one destination or as a whole record', () => {
    takes('mail');
    takes('crm');
    expect(verdict({ deadLetters: [letter('mail', 'http_422')] }).lost).toEqual([
      { recordId: ID, destination: 'crm' },
    ]);
    expect(verdict({ deadLetters: [letter(null, null)] }).lost).toEqual([]);
  });
});

describe('a delivery that came twice', () => {
  const causes = () => verdict().twice.map(({ because }) => because);

  it('is unexplained, and fails the run, when the first one was answered in time and all was well', () => {
    takes('mail', 'answered', 'answered');
    const judged = verdict();
    expect(judged.twice).toMatchObject([{ recordId: ID, destination: 'mail', because: null }]);
    expect(reportOf(judged)).toMatchObject({ good: false });
  });

  it.each<[string, () => void]>([
    ['killed', () => chronicle.ended.set('call-0', 'killed')],
    ['the ledger', () => chronicle.story(ID, 'mail').notesRefused.add('call-0')],
    ['the time limit', () => chronicle.story(ID, 'mail').timeLimits.add('call-0')],
  ])('is explained by what happened to that invocation: %s', (word, happens) => {
    takes('mail', 'answered', 'answered');
    happens();
    expect(causes()).toEqual([expect.stringContaining(word)]);
  });

  it('is not explained by what happened to another invocation', () => {
    takes('mail', 'answered', 'answered', 'answered');
    chronicle.ended.set('call-0', 'killed');
    expect(causes()).toEqual([expect.stringContaining('killed'), null]);
  });

  it.each<[Fate, string]>([
    ['answered_late', 'answered after the time limit'],
    ['never_answered', 'not answered within the time limit'],
    ['cut', 'the connection was closed'],
    ['answer_lost', 'its answer was lost'],
  ])('is explained by a request that ended as %s', (fate, words) => {
    takes('mail', fate, 'answered');
    expect(causes()).toEqual([expect.stringContaining(words)]);
  });

  it('is unexplained at a destination that wants no second request, unless the record came again', () => {
    takes('sms', 'never_answered', 'answered');
    expect(verdict().twice).toMatchObject([{ destination: 'sms', because: null }]);
    chronicle.comeAgain.set(ID, 1);
    expect(causes()).toEqual([expect.stringContaining('the record came again')]);
  });

  it('is unexplained when the consumers got more than was sent to them', () => {
    expect(verdict({ consumed: new Map([[ID, 2]]) }).twice).toMatchObject([
      { destination: 'consumers', because: null },
    ]);
  });
});

describe('a dead letter', () => {
  const because = (told: Told) => verdict({ deadLetters: [told] }).dead.map((each) => each.because);

  it.each<[string, string, string, () => void]>([
    ['http_422', 'mail', '422', () => (chronicle.story(ID, 'mail').refused = true)],
    ['uncertain: time_limit', 'sms', 'no answer', () => takes('sms', 'never_answered')],
    ['attempts_used_up: http_503', 'crm', '11', () => (chronicle.story(ID, 'crm').requests = 11)],
  ])('%s is explained only by what the run did', (reason, destination, words, happens) => {
    expect(because(letter(destination, reason))).toEqual([null]);
    happens();
    expect(because(letter(destination, reason))).toEqual([expect.stringContaining(words)]);
  });

  it.each(['http_404', 'delivery_threw_TypeError', 'unknown_destination', 'too_old: http_500'])(
    '%s is never explained, and fails the run',
    (reason) => {
      const judged = verdict({ deadLetters: [letter('mail', reason)] });
      expect(judged.dead).toMatchObject([{ because: null }]);
      expect(reportOf(judged)).toMatchObject({ good: false });
    },
  );

  it('that SQS moved is explained by as many disturbances as it has receives', () => {
    chronicle.comeAgain.set(ID, 4);
    expect(because(letter('mail', 'http_500', true))).toEqual([null]);
    chronicle.comeAgain.set(ID, 5);
    expect(because(letter('mail', 'http_500', true))).toEqual([expect.stringContaining('SQS')]);
    expect(new Set(because(letter(null, null)))).toEqual(new Set([null]));
  });
});
