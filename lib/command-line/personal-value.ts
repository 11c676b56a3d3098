import type { CommandContext } from './context.ts';
import { CommandError } from './operator-client.ts';

/**
 * Asks for a value that is personal or a code: at a prompt, where it is not shown, or from standard input.
 * It is never an argument, because other users of a machine see those, and a shell keeps them.
 * @param what what is asked for, as the question
 * @returns the value without white space around it
 * @throws CommandError when there is none, or more than one
 */
export async function askPersonalValue(
  { terminal }: Pick<CommandContext, 'terminal'>,
  what: string,
): Promise<string> {
  const values = await askPersonalValues({ terminal }, what);
  const [value, ...others] = values;
  if (value !== undefined && others.length === 0) return value;
  throw new CommandError(
    value === undefined
      ? 'Nothing was given. Type the value at the prompt, or give it on standard input: npx sls relay ... < file'
      : `${values.length} lines were given on standard input. Give one value.`,
  );
}

/** The same for one or more values; one a line on standard input. An empty list when there is none. */
export async function askPersonalValues(
  { terminal }: Pick<CommandContext, 'terminal'>,
  what: string,
): Promise<readonly string[]> {
  const text = terminal.isInteractive
    ? await terminal.ask(`${what} (it is not shown): `, true)
    : await terminal.readInput();
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
