import { escapeText } from './escape-controls.ts';
import { OwnFileError } from '../../project/own-files.ts';
import { StartError } from '../emulator/start-error.ts';

/**
 * Prints a text and a line break. Control characters in it are escaped, because most of what a command
 * prints contains something that others have chosen. @param decorate adds colours to the escaped text
 */
export type Print = (text: string, decorate?: (escapedText: string) => string) => void;

/** A command was called with wrong arguments. The message contains the usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The user asked for the usage with --help. The message is the usage. */
export class HelpRequest extends Error {
  override readonly name = 'HelpRequest';
}

/** Errors that the user can fix. Their messages say how. */
const USER_ERRORS = [StartError, UsageError, OwnFileError];
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/**
 * Runs a command and sets the exit code of the process: 1 after an error, 2 after wrong arguments, 0 after
 * --help. An error that the user can fix is printed without a stack trace.
 * @param work receives the function that prints, and resolves to the exit code
 */
export async function runCli(work: (print: Print) => Promise<number>): Promise<void> {
  const print: Print = (text, decorate = (escapedText) => escapedText) => {
    process.stdout.write(`${decorate(escapeText(text))}\n`);
  };
  try {
    process.exitCode = await work(print);
  } catch (error) {
    if (error instanceof HelpRequest) {
      print(error.message);
      return;
    }
    const isUserError = USER_ERRORS.some((each) => error instanceof each);
    const text = error instanceof Error && !isUserError ? error.stack : undefined;
    const message = text ?? (error instanceof Error ? error.message : String(error));
    process.stderr.write(`${escapeText(message)}\n`);
    process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
  }
}
