import type { CommandContext } from '../../../lib/command-line/context.ts';
import type { CallOperator } from '../../../lib/command-line/operator-client.ts';

/** A command's context without a terminal and a function, and what the command wrote. */
export interface RecordingContext {
  readonly context: CommandContext;
  /** The lines of standard output. */
  readonly printed: string[];
  /** The lines of standard error: questions, hints. */
  readonly noted: string[];
  readonly requests: object[];
}

/** What a test sets. */
export interface RecordingOptions {
  /** What the function responds. */
  readonly call?: CallOperator;
  /** What is given on standard input; with `answers`, what is typed. */
  readonly input?: string;
  /** What the person types, in order; without it nobody can be asked. */
  readonly answers?: readonly string[];
  readonly isJson?: boolean;
  readonly stopSignal?: AbortSignal;
}

/** Creates the context of the stage prod with the destinations klaviyo (id mail) and crm. */
export function createRecordingContext({
  call = async () => null,
  input = '',
  answers,
  isJson = false,
  stopSignal = new AbortController().signal,
}: RecordingOptions = {}): RecordingContext {
  const printed: string[] = [];
  const noted: string[] = [];
  const requests: object[] = [];
  const left = [...(answers ?? [])];
  return {
    printed,
    noted,
    requests,
    context: {
      async call(request) {
        requests.push(request);
        return call(request);
      },
      terminal: {
        isInteractive: answers !== undefined,
        print: (text) => printed.push(text),
        note: (text) => noted.push(text),
        progress: () => {},
        async ask(question) {
          noted.push(question);
          return left.shift() ?? '';
        },
        readInput: async () => input,
      },
      stage: { name: 'prod', region: 'eu-west-1', isLocal: false },
      destinations: [
        { name: 'klaviyo', id: 'mail', takesTests: true },
        { name: 'crm', id: 'crm', takesTests: false },
      ],
      isJson,
      stopSignal,
    },
  };
}
