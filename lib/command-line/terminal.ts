import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CommandError } from './operator-client.ts';
import { escapeLine, escapeText } from '../local/cli/escape-controls.ts';

/** How a command talks to the person, or the program, that runs it. */
export interface Terminal {
  /** Whether a person can be asked. */
  readonly isInteractive: boolean;
  /** Prints a result. Control characters in it are escaped, because most of it was chosen by others. */
  readonly print: (text: string) => void;
  /** Prints what is no result, such as a question or a hint, so that a result can be read by a program. */
  readonly note: (text: string) => void;
  /** Shows how far the work is, in one line that the next one replaces; null removes it. */
  readonly progress: (text: string | null) => void;
  /** Asks for a line. Rejects with a CommandError after Ctrl-C. @param isHidden whether it is not shown while it is typed */
  readonly ask: (question: string, isHidden?: boolean) => Promise<string>;
  /** Reads what is given on standard input, to its end. */
  readonly readInput: () => Promise<string>;
}

/** Without a terminal, progress is a line of its own, so often. */
const PROGRESS_INTERVAL_MS = 10_000;
const ERASE_LINE = '\r\u001b[2K';

/** Creates the terminal of this process. */
export function createTerminal({
  stdin,
  stdout,
  stderr,
}: Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>): Terminal {
  let isProgressShown = false;
  let progressedAt = -Infinity;
  // what reads the output, such as head, may end before it is all written
  stdout.once('error', () => process.exit());
  const clearProgress = (): void => {
    if (isProgressShown) stderr.write(ERASE_LINE);
    isProgressShown = false;
  };
  return {
    isInteractive: stdin.isTTY && stderr.isTTY,
    print(line) {
      clearProgress();
      stdout.write(`${escapeText(line)}\n`);
    },
    note(line) {
      clearProgress();
      stderr.write(`${escapeText(line)}\n`);
    },
    progress(line) {
      if (stderr.isTTY) {
        clearProgress();
        if (line === null) return;
        stderr.write(escapeLine(line).slice(0, stderr.columns - 1));
        isProgressShown = true;
      } else if (line !== null && performance.now() - progressedAt > PROGRESS_INTERVAL_MS) {
        stderr.write(`${escapeLine(line)}\n`);
        progressedAt = performance.now();
      }
    },
    async ask(question, isHidden = false) {
      clearProgress();
      stderr.write(question);
      // readline writes what is typed to its output
      const output = isHidden
        ? new Writable({ write: (_chunk, _encoding, done) => done() })
        : stderr;
      const lines = createInterface({ input: stdin, output, terminal: true, historySize: 0 });
      const cancelled = Promise.withResolvers<never>();
      const cancel = (): void => cancelled.reject(new CommandError('Cancelled. Nothing was done.'));
      // Ctrl-C and Ctrl-D: without a listener the question would stay open for ever
      lines.once('SIGINT', cancel);
      lines.once('close', cancel);
      try {
        return await Promise.race([lines.question(''), cancelled.promise]);
      } finally {
        lines.close();
        if (isHidden) stderr.write('\n');
      }
    },
    readInput: () => text(stdin),
  };
}
