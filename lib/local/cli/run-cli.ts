import { StartError } from '../emulator/start-error.ts';

/** A tool was called in a way that it does not understand. The message says how it is called. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/**
 * Runs a command-line tool and ends the process with its exit code. What a person can mend is shown
 * without a stack trace.
 * @param work gets the function that writes to the terminal, and resolves to the exit code
 */
export async function runCli(
  work: (print: (text: string) => void) => Promise<number>,
): Promise<void> {
  const print = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  try {
    process.exitCode = await work(print);
  } catch (error) {
    const isUserError = error instanceof StartError || error instanceof UsageError;
    const text = error instanceof Error && !isUserError ? error.stack : undefined;
    process.stderr.write(`${text ?? (error instanceof Error ? error.message : String(error))}\n`);
    process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
  }
}
