import * as v from 'valibot';
import type { Pipeline } from '../../emulator/emulator.ts';
import { StartError } from '../../emulator/start-error.ts';
import { openedCall } from '../presentation/webhook-details.ts';
import type { Book } from '../state/store.ts';
import {
  BehaveSchema,
  ReplaySchema,
  SendingSchema,
  SpeedSchema,
  TryMappingSchema,
} from '../protocol.ts';
import type { Behaviours } from './mock-responses.ts';
import { askToTry } from './functions-client.ts';
import type { Routes } from './routes.ts';
import { editable, sampleList, sendAsAsked, type SendingDeps } from './send-webhook.ts';
import type { TimeLapse } from './accelerate-retries.ts';

/** What actions work on. */
export interface ActionDeps {
  readonly book: Book;
  readonly pipeline: Pick<Pipeline, 'functions' | 'httpEndpoint'>;
  readonly behaviours: Behaviours;
  readonly timeLapse: TimeLapse;
  /** The environment of fanOut and of receive, for reading functions/ as they do. */
  readonly env: Readonly<Record<string, string>>;
}

/** What the page may ask. */
export function questionsOf(deps: ActionDeps): Routes['questions'] {
  const sending = sendingDeps(deps);
  return {
    '/console/samples': async () => sampleList(),
    async '/console/webhook'(_input, query) {
      const call = deps.book.call(query.get('key') ?? '');
      return call && openedCall(call, deps.book.storyOf(call), query.get('reveal') === 'yes');
    },
    '/console/body': async (_input, query) =>
      editable(sending, { sample: query.get('sample'), again: query.get('again') }),
  };
}

/** What the page may do. */
export function actionsOf(deps: ActionDeps): Routes['actions'] {
  return {
    '/console/send': async (input) => ({
      text: await sendAsAsked(sendingDeps(deps), v.parse(SendingSchema, input)),
    }),
    async '/console/behave'(input) {
      const { destination, behaviour, retryAfterSeconds } = v.parse(BehaveSchema, input);
      deps.behaviours.set(destination, behaviour, retryAfterSeconds);
      return { text: `${destination} now answers: ${behaviour}` };
    },
    async '/console/speed'(input) {
      const { speed } = v.parse(SpeedSchema, input);
      deps.timeLapse.setSpeed(speed);
      return { text: `Retries wait ${speed === 1 ? 'as they are' : `${speed} times shorter`}` };
    },
    '/console/replay': async (input) => ({
      text: await replay(deps, v.parse(ReplaySchema, input)),
    }),
    async '/console/try'(input, query) {
      const { mapping, body } = v.parse(TryMappingSchema, input);
      const reveal = query.get('reveal') === 'yes';
      return askToTry({ mapping: mapping === '' ? null : mapping, body, reveal }, deps.env);
    },
  };
}

function sendingDeps({ pipeline, book }: ActionDeps): SendingDeps {
  return { endpoint: () => pipeline.httpEndpoint, call: (key) => book.call(key) };
}

const ReportSchema = v.object({
  from: v.string(),
  looked: v.number(),
  replayed: v.optional(v.number(), 0),
  understood: v.optional(v.number(), 0),
});

function reportInWords(report: unknown): string {
  const { from, looked, replayed, understood } = v.parse(ReportSchema, report);
  const back = replayed + understood;
  const left = looked - back;
  return `From ${from}: ${back} put back${left === 0 ? '' : `, ${left} left where they are`}`;
}

/** Calls the operator's function and gives its report as text. */
async function replay(
  { pipeline }: ActionDeps,
  request: v.InferOutput<typeof ReplaySchema>,
): Promise<string> {
  const invocation = await pipeline.functions.get('replay')?.invoke(request);
  if (invocation?.outcome.kind === 'returned') return reportInWords(invocation.outcome.payload);
  throw new StartError('The function replay failed; the terminal says why.');
}
