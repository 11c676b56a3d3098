import type { RequestListener } from 'node:http';
import { signingKey, SIGNATURE_HEADER, verifySignature } from '../../voucherify/signature.ts';
import { functionEnvironment } from '../emulator/lambda/function-environment.ts';
import { SINK_ADDRESS_PREFIX } from '../emulator/local-addresses.ts';
import type { PipelineObserver } from '../emulator/observer.ts';
import type { Pipeline } from '../emulator/emulator.ts';
import type { Stack } from '../emulator/stack.ts';
import { LOCAL_SECRET, MERCHANT_QUEUES } from '../cli/paths.ts';
import { actionsOf, questionsOf } from './server/actions.ts';
import { createBehaviours, type Behaviours } from './server/mock-responses.ts';
import { askFacts, type Facts } from './server/functions-client.ts';
import { createLiveStream } from './server/live-stream.ts';
import { newsSince, type NewsDeps } from './server/snapshot.ts';
import { createNotices } from './server/notifications.ts';
import { buildPage } from './server/assets.ts';
import { consoleListener } from './server/routes.ts';
import { createTimeLapse, type TimeLapse } from './server/accelerate-retries.ts';
import { createBook } from './state/store.ts';
import type { Signed } from './state/request.ts';
import { setMark } from './state/timeline.ts';
import { createTally } from './state/counters.ts';
import { createTeller } from './state/observer.ts';

/** A page that shows a pipeline at work. It watches from outside; nothing in the pipeline knows of it. */
export interface Console {
  /** To be told what the pipeline does. */
  readonly observer: PipelineObserver;
  /** Answers what the endpoint has no route for; 503 until `watch` is called. */
  readonly listener: RequestListener;
  /** Begins to show a pipeline. */
  watch(pipeline: Pipeline): Promise<void>;
  stop(): void;
}

/** Prepares a console and builds its page. */
export async function createConsole(): Promise<Console> {
  const now = Date.now;
  const assets = await buildPage();
  const book = createBook();
  const tally = createTally();
  const notices = createNotices(now);
  let facts: Facts = { destinations: [], mappings: [] };
  let depths: ReadonlyMap<string, number> = new Map();
  let idsByName: ReadonlyMap<string, string> = new Map();
  let behaviours: Behaviours | null = null;
  let timeLapse: TimeLapse | null = null;
  let sinkNames: ReadonlySet<string> = new Set();
  let refresh = async (): Promise<void> => {};
  let readFacts = async (): Promise<void> => {};
  let listener: RequestListener = (_request, response) => void response.writeHead(503).end();

  const news: NewsDeps = {
    book,
    tally,
    notices,
    behaviours: () => behaviours,
    speed: () => timeLapse?.speed() ?? 1,
    facts: () => facts,
    sinkNames: () => sinkNames,
    depths: () => depths,
    now,
  };
  const live = createLiveStream({
    newsSince: (revision, notice) => newsSince(news, revision, notice),
    revision: () => book.revision(),
    refresh: () => refresh(),
  });
  const teller = createTeller({
    book,
    tally,
    judge: judgeSignature,
    queueId: (name) => idsByName.get(name) ?? name,
    queueDestinations: new Map(Object.entries(MERCHANT_QUEUES).map(([name, id]) => [id, name])),
    now,
  });

  return {
    observer: {
      ...teller,
      onTrouble: (text) => notices.add('bad', text),
      onReload(names) {
        notices.add('good', `${names.join(', ')} reloaded`);
        void readFacts();
      },
    },
    listener: (request, response) => listener(request, response),
    async watch(pipeline) {
      const { stack, endpoints } = pipeline;
      const env = environmentOf(stack, endpoints);
      idsByName = new Map(stack.queues.map(({ id, name }) => [name, id]));
      sinkNames = sinkNamesOf(stack);
      const chosen = createBehaviours(pipeline.sinks);
      behaviours = chosen;
      const lapse = createTimeLapse({
        editWaiting: (edit) => pipeline.editDelayed('RetriesQueue', edit),
        onMoved(recordId, destination, nextAt) {
          const story = book.story(recordId);
          setMark(story, destination, 'waiting', { nextAt });
          book.touch(story);
        },
        now,
      });
      timeLapse = lapse;
      refresh = async () => {
        depths = await pipeline.queueCounts();
      };
      readFacts = async () => {
        facts = await askFacts(env).catch((fault: unknown) => {
          notices.add('bad', `functions/ cannot be read: ${String(fault)}`);
          return facts;
        });
      };
      await readFacts();
      const deps = { book, pipeline, behaviours: chosen, timeLapse: lapse, env };
      listener = consoleListener({
        assets,
        live,
        questions: questionsOf(deps),
        actions: actionsOf(deps),
      });
    },
    stop() {
      timeLapse?.stop();
      live.stop();
    },
  };
}

const LOCAL_KEY = signingKey(LOCAL_SECRET);

function judgeSignature(body: Buffer, headers: Readonly<Record<string, string>>): Signed {
  const verification = verifySignature(body, headers[SIGNATURE_HEADER], [LOCAL_KEY]);
  return verification.genuine ? verification.signed : verification.because;
}

/** What the functions get, all together: functions/ is read with it as they read it. */
function environmentOf(stack: Stack, endpoints: Pipeline['endpoints']): Record<string, string> {
  const each = stack.functions.map((description) =>
    functionEnvironment(description, stack.region, endpoints),
  );
  return Object.fromEntries(each.flatMap((env) => Object.entries(env)));
}

/** The receivers of this machine that serverless.yml names. */
function sinkNamesOf(stack: Stack): ReadonlySet<string> {
  const texts = stack.functions.flatMap(({ environment }) => Object.values(environment));
  return new Set(
    texts
      .filter((text) => text.startsWith(SINK_ADDRESS_PREFIX))
      .map((text) => text.slice(SINK_ADDRESS_PREFIX.length).split(/[/?]/)[0] ?? ''),
  );
}
