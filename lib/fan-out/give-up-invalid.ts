import type { SQSRecord } from 'aws-lambda';
import type { FollowUpDeps } from './follow-up.ts';
import { unwrapMessage } from './queue-messages.ts';

/**
 * Puts a message that nobody can process on [dead-letters], unchanged, and reports it. One that was such a
 * dead letter already, and was moved back by hand, is wrapped once and not twice: it would grow until SQS
 * refuses it.
 * @param issues what is wrong with it, in words that quote nothing of its content
 * @throws (rejects) when the dead letter cannot be stored
 */
export async function giveUpInvalid(
  { sendDeadLetter, telemetry, now }: Pick<FollowUpDeps, 'sendDeadLetter' | 'telemetry' | 'now'>,
  { messageId, body }: Pick<SQSRecord, 'messageId' | 'body'>,
  issues: string[],
): Promise<void> {
  telemetry.error({ code: 'invalid_message', id: messageId, issues });
  await sendDeadLetter({
    reason: 'invalid_message',
    issues,
    body: unwrapMessage(body).body,
    lastAt: now().toISOString(),
  });
}
