import { randomUUID } from 'node:crypto';
import { type ExecutionEnvironment, startExecutionEnvironment } from './execution-environment.ts';
import type { FunctionObserver, Invocation, Outcome } from './invocation.ts';
import type { HandlerError, Setup } from './worker-messages.ts';
import { createPlaces } from './places.ts';

/** What one function needs to run. Times are in seconds. */
export interface FunctionSettings {
  readonly name: string;
  readonly setup: Setup;
  readonly timeoutSeconds: number;
  readonly env: Readonly<Record<string, string>>;
  /** The most execution environments at once; further calls wait for a free one. */
  readonly concurrency: number;
}

/** An execution environment, seen from outside. */
export interface EnvironmentView {
  readonly id: string;
  readonly requestId: string | null;
}

/** A function with its execution environments: idle ones are used again, more are started when all are busy. */
export interface LambdaFunction {
  readonly name: string;
  /** Starts one environment if there is none. Returns why that failed, or null. */
  warm(): Promise<HandlerError | null>;
  /** Calls the handler with an event of JSON values. Never rejects. */
  invoke(event: unknown): Promise<Invocation>;
  /**
   * Lets further calls run another bundle, once one environment has loaded it. Running calls finish on
   * the old one. Returns why the new bundle could not be loaded; the old one then stays.
   */
  recycle(bundleFile: string): Promise<HandlerError | null>;
  environments(): readonly EnvironmentView[];
  /** Ends one environment at once; false when there is none of that id. */
  kill(environmentId: string): Promise<boolean>;
  /** How many calls have begun, and how many of them are not over. */
  calls(): { readonly begun: number; readonly running: number };
  /** Ends every environment at once. */
  stop(): Promise<void>;
}

interface Resident {
  readonly id: string;
  readonly environment: ExecutionEnvironment;
  readonly bundleFile: string;
  requestId: string | null;
  used: boolean;
}

const MS_PER_SECOND = 1_000;

/** Prepares a function; its first environment starts with `warm` or with the first call. */
export function createLambdaFunction(
  settings: FunctionSettings,
  observer: FunctionObserver,
): LambdaFunction {
  const { name } = settings;
  const residents = new Set<Resident>();
  const places = createPlaces(settings.concurrency);
  const calls = { begun: 0, running: 0 };
  let bundleFile = settings.setup.bundleFile;

  const start = (file: string): Resident => {
    const id = randomUUID();
    const setup = { ...settings.setup, bundleFile: file };
    const environment = startExecutionEnvironment(setup, settings.env, (text) =>
      observer.line({ functionName: name, environmentId: id, requestId: resident.requestId, text }),
    );
    const resident: Resident = { id, environment, bundleFile: file, requestId: null, used: false };
    residents.add(resident);
    void environment.ended.then(() => residents.delete(resident));
    return resident;
  };
  const idle = (): Resident | undefined =>
    [...residents].find((each) => each.requestId === null && each.bundleFile === bundleFile);

  const call = async (resident: Resident, requestId: string, event: unknown): Promise<Outcome> => {
    const error = await resident.environment.started;
    if (error !== null) {
      await resident.environment.kill();
      return { kind: 'threw', error };
    }
    const deadlineMs = Date.now() + settings.timeoutSeconds * MS_PER_SECOND;
    return resident.environment.invoke(
      { requestId, event: JSON.stringify(event), deadlineMs },
      settings.timeoutSeconds,
    );
  };

  return {
    name,
    async warm() {
      return (idle() ?? start(bundleFile)).environment.started;
    },
    async invoke(event) {
      calls.begun += 1;
      calls.running += 1;
      const leave = await places.enter();
      const requestId = randomUUID();
      const resident = idle() ?? start(bundleFile);
      const coldStart = !resident.used;
      resident.requestId = requestId;
      resident.used = true;
      const startedAtMs = Date.now();
      const outcome = await call(resident, requestId, event);
      const durationMs = Date.now() - startedAtMs;
      resident.requestId = null;
      if (resident.bundleFile !== bundleFile) await resident.environment.kill();
      leave();
      calls.running -= 1;
      const invocation: Invocation = {
        functionName: name,
        requestId,
        environmentId: resident.id,
        coldStart,
        event,
        startedAtMs,
        durationMs,
        outcome,
      };
      observer.invocation(invocation);
      return invocation;
    },
    async recycle(file) {
      const fresh = start(file);
      const error = await fresh.environment.started;
      if (error !== null) {
        await fresh.environment.kill();
        return error;
      }
      bundleFile = file;
      const outdated = [...residents].filter(
        (each) => each.bundleFile !== file && each.requestId === null,
      );
      await Promise.all(outdated.map((each) => each.environment.kill()));
      return null;
    },
    environments: () => [...residents].map(({ id, requestId }) => ({ id, requestId })),
    async kill(environmentId) {
      const found = [...residents].find(({ id }) => id === environmentId);
      await found?.environment.kill();
      return found !== undefined;
    },
    calls: () => ({ ...calls }),
    async stop() {
      await Promise.all([...residents].map((each) => each.environment.kill()));
    },
  };
}
