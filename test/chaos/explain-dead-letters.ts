import { type CastMember, DOWN } from './destinations.ts';
import type { Chronicle, Fate, Story } from './trace.ts';
import type { Told } from './parse-message.ts';

/** What can be known about a dead letter's delivery. */
export interface Grounds {
  readonly chronicle: Pick<Chronicle, 'story' | 'comeAgain'>;
  readonly cast: readonly CastMember[];
  /** How often a message may be received from [records], and from [retries], before SQS moves it. */
  readonly receives: { readonly records: number; readonly retries: number };
}

/** How many attempts the schedule has. */
const ATTEMPTS = 11;
const WITHOUT_ANSWER: ReadonlySet<Fate> = new Set(['answered_late', 'never_answered', 'cut']);

/**
 * Says why a message lies on [dead-letters], from what the run did.
 * @returns null when nothing that the run did explains it
 */
export function explained(letter: Told, { chronicle, cast, receives }: Grounds): string | null {
  const { recordId, destination, reason, waiting } = letter;
  if (reason === null || waiting) {
    const most = waiting ? receives.retries : receives.records;
    return (chronicle.comeAgain.get(recordId) ?? 0) >= most
      ? 'moved by SQS: its batches were killed or could not be settled'
      : null;
  }
  const member = cast.find(({ name }) => name === destination);
  if (member === undefined || destination === null) return null;
  return ofDelivery(reason, chronicle.story(recordId, destination), member);
}

function ofDelivery(reason: string, story: Story, member: CastMember): string | null {
  const [kind = ''] = reason.split(':');
  switch (kind) {
    case 'http_422':
      return story.refused ? 'the receiver answered 422' : null;
    case 'uncertain': {
      const unsure = story.takings.some(({ fate }) => WITHOUT_ANSWER.has(fate));
      return member.whenUncertain === 'dead-letter' && (unsure || story.timeLimits.size > 0)
        ? 'no answer to a request that was out, and the destination wants no second one'
        : null;
    }
    case 'attempts_used_up':
      return story.requests >= ATTEMPTS ? `all ${ATTEMPTS} attempts failed` : null;
    case 'too_old':
      return member.name === DOWN
        ? 'the destination was down for longer than a delivery lives'
        : null;
    default:
      return null;
  }
}
