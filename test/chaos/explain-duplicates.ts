import type { CastMember } from './destinations.ts';
import type { Chronicle, Story, Taking } from './trace.ts';

/**
 * Says why a receiver could be asked again after it had taken a request: one of the causes that
 * docs/guarantees.md allows, known from what the run did.
 * @returns null when there is no such cause, which is a fault of the engine
 */
export function causeOfRepetition(
  { fate, invocation }: Taking,
  story: Story,
  member: CastMember,
  recordId: string,
  { ended, comeAgain }: Pick<Chronicle, 'ended' | 'comeAgain'>,
): string | null {
  const end = ended.get(invocation);
  const crash = end === undefined ? null : `${end} between the answer and the ledger's note`;
  switch (fate) {
    case 'answered':
      if (crash !== null) return crash;
      if (story.notesRefused.has(invocation))
        return 'the ledger did not take the note after delivered';
      return story.timeLimits.has(invocation)
        ? 'the time limit struck before the answer was read'
        : null;
    case 'answered_late':
    case 'never_answered':
    case 'cut':
    case 'answer_lost': {
      if (member.whenUncertain === 'retry' || crash !== null) return UNCERTAIN[fate];
      // it must not be tried again by itself
      return comeAgain.has(recordId) ? `${UNCERTAIN[fate]}, and the record came again` : null;
    }
  }
}

const UNCERTAIN = {
  answered_late: 'answered after the time limit',
  never_answered: 'not answered within the time limit',
  cut: 'the connection was closed after the request was received',
  answer_lost: 'AWS took the message, and its answer was lost',
} as const;
