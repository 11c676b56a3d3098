import { type CastMember, CONSUMERS, isWanted } from './destinations.ts';
import { causeOfRepetition } from './explain-duplicates.ts';
import type { Chronicle, Fate, Story } from './trace.ts';
import { explained, type Grounds } from './explain-dead-letters.ts';
import type { Told } from './parse-message.ts';

/** What was seen of a run when it was over. */
export interface Evidence extends Grounds {
  readonly chronicle: Chronicle;
  /** What each webhook that was acknowledged was acknowledged as, by its record's id. */
  readonly acknowledged: ReadonlyMap<string, string>;
  /** How often the merchant's consumers got each record. */
  readonly consumed: ReadonlyMap<string, number>;
  readonly deadLetters: readonly Told[];
  /** The ids on [quarantine]. */
  readonly quarantined: ReadonlySet<string>;
}

/** What a destination got. */
export interface DestinationRow {
  readonly name: string;
  readonly wanted: number;
  readonly disturbed: number;
  readonly delivered: number;
  readonly twice: number;
  readonly dead: number;
  readonly lost: number;
}

/** Something of one delivery that needs an explanation. */
export interface Finding {
  readonly recordId: string;
  readonly destination: string;
  /** Null when there is none. */
  readonly because: string | null;
  /** How the requests that the receiver took ended, in turn. */
  readonly fates: readonly Fate[];
}

/** The result of a run. */
export interface Verdict {
  readonly rows: readonly DestinationRow[];
  readonly twice: readonly Finding[];
  readonly dead: readonly Finding[];
  /** Ids of acknowledged webhooks that were lost, with where they did not arrive. */
  readonly lost: readonly { readonly recordId: string; readonly destination: string }[];
}

/** Judges a run: what arrived, what arrived twice and why, what was given up and why, what was lost. */
export function judge(evidence: Evidence): Verdict {
  const { acknowledged, cast, quarantined } = evidence;
  const queued = [...acknowledged].filter(([, as]) => as === 'queued').map(([id]) => id);
  const dead = deadFindings(evidence);
  const deadKeys = new Set(dead.map(({ recordId, destination }) => `${destination} ${recordId}`));
  const lost: { recordId: string; destination: string }[] = [...acknowledged.keys()]
    .filter((id) => acknowledged.get(id) !== 'queued' && !quarantined.has(id))
    .map((recordId) => ({ recordId, destination: 'quarantine' }));
  const twice: Finding[] = [];

  const rows = cast.map((member): DestinationRow => {
    const wanted = queued.filter((id) => isWanted(member, id));
    const stories = wanted.map((id) => [id, evidence.chronicle.story(id, member.name)] as const);
    const delivered = new Set(
      stories.filter(([id, story]) => hasArrived(evidence, member, id, story)).map(([id]) => id),
    );
    const gone = wanted.filter((id) => !delivered.has(id));
    const lostHere = gone.filter((id) => !deadKeys.has(`${member.name} ${id}`));
    lost.push(...lostHere.map((recordId) => ({ recordId, destination: member.name })));
    const repeated = stories.flatMap(([id, story]) => repetitions(evidence, member, id, story));
    twice.push(...repeated);
    return {
      name: member.name,
      wanted: wanted.length,
      disturbed: stories.filter(([, story]) => story.disturbed).length,
      delivered: delivered.size,
      twice: new Set(repeated.map(({ recordId }) => recordId)).size,
      dead: gone.length - lostHere.length,
      lost: lostHere.length,
    };
  });
  return { rows, twice, dead, lost };
}

/** A request that was taken but not answered in time may have been lost on the receiver's side. */
function hasArrived(
  { consumed }: Evidence,
  { name }: CastMember,
  id: string,
  story: Story,
): boolean {
  if (name === CONSUMERS) return consumed.has(id);
  return story.takings.some(
    ({ fate }) => fate === 'answered' || (fate === 'answered_late' && story.told),
  );
}

function repetitions(
  { chronicle, consumed }: Evidence,
  member: CastMember,
  recordId: string,
  story: Story,
): Finding[] {
  const fates = story.takings.map(({ fate }) => fate);
  const finding = (because: string | null): Finding => {
    return { recordId, destination: member.name, because, fates };
  };
  const found = story.takings
    .slice(0, -1)
    .map((taking) => finding(causeOfRepetition(taking, story, member, recordId, chronicle)));
  // what reached the consumers and was never seen on its way
  const unseen = member.name === CONSUMERS && (consumed.get(recordId) ?? 0) > story.takings.length;
  return unseen ? [...found, finding(null)] : found;
}

/** A dead letter of a whole record stands for every destination that wants it. */
function deadFindings(evidence: Evidence): Finding[] {
  return evidence.deadLetters.flatMap((letter) => {
    const because = explained(letter, evidence);
    const { recordId } = letter;
    const concerned =
      letter.destination === null
        ? evidence.cast.filter((member) => isWanted(member, recordId)).map(({ name }) => name)
        : [letter.destination];
    return concerned.map((destination) => {
      const { takings } = evidence.chronicle.story(recordId, destination);
      const fates = takings.map(({ fate }) => fate);
      return { recordId, destination, because, fates };
    });
  });
}
