import type { CommandContext } from './context.ts';
import { CommandError } from './operator-client.ts';

/**
 * Makes sure that somebody means it: the person types the number that is shown, or the command line has it.
 * @param count what the preview has counted
 * @param question what happens to that many, as a sentence
 * @param given the option `--confirm`
 * @throws CommandError when another number was given, or nobody can be asked
 */
export async function confirmCount(
  { terminal }: Pick<CommandContext, 'terminal'>,
  count: number,
  question: string,
  given: string | undefined,
): Promise<void> {
  if (given === undefined && !terminal.isInteractive) {
    throw new CommandError(`${question} Nothing was done. To do it, add --confirm ${count}`);
  }
  const typed =
    given ?? (await terminal.ask(`${question} Type the number ${count} to do it: `)).trim();
  if (typed === String(count)) return;
  throw new CommandError(
    `Nothing was done: the number is ${count}, not '${/^\d{1,9}$/.test(typed) ? typed : '...'}'.`,
  );
}
