import type { Bundles } from './lambda/bundler.ts';
import { buildFunctionEnvironment } from './lambda/function-environment.ts';
import { createLambdaFunction, type LambdaFunction } from './lambda/lambda-function.ts';
import type { FunctionObserver } from './lambda/invocation.ts';
import { countEnvironments, type LocalConcurrency } from './local-concurrency.ts';
import type { HandlerError } from './lambda/worker-messages.ts';
import { type Endpoints, LOCAL_ACCOUNT } from './local-addresses.ts';
import type { Stack } from './stack.ts';
import { StartError } from './start-error.ts';

/** The functions of a stack by their names in serverless.yml. */
export type Functions = ReadonlyMap<string, LambdaFunction>;

/**
 * Creates every function of the stack.
 * @param concurrency how many invocations this machine makes at once
 */
export function createFunctions(
  stack: Stack,
  bundles: Bundles,
  endpoints: Endpoints,
  concurrency: LocalConcurrency,
  observer: FunctionObserver,
): Functions {
  return new Map(
    stack.functions.map((description) => {
      const { name, deployedName, exportName, timeoutSeconds, memoryMb } = description;
      const functionArn = `arn:aws:lambda:${stack.region}:${LOCAL_ACCOUNT}:function:${deployedName}`;
      const bundleFile = bundles.get(name) ?? '';
      const workerData = {
        bundleFile,
        exportName,
        functionName: deployedName,
        functionArn,
        memoryMb,
      };
      const env = buildFunctionEnvironment(description, stack.region, endpoints);
      return [
        name,
        createLambdaFunction(
          {
            name,
            workerData,
            timeoutSeconds,
            env,
            concurrency: countEnvironments(description.events, concurrency),
          },
          observer,
        ),
      ];
    }),
  );
}

/**
 * Starts one environment of every function, so that a bad configuration is found before the first webhook.
 * @throws StartError with every error, each once and in full
 */
export async function warmUpAll(functions: Functions): Promise<void> {
  const starts = await Promise.all(
    [...functions.values()].map(async (each) => ({ name: each.name, error: await each.warmUp() })),
  );
  const namesByError = new Map<string, string[]>();
  for (const { name, error } of starts) {
    if (error === null) continue;
    const text = formatError(error);
    namesByError.set(text, [...(namesByError.get(text) ?? []), name]);
  }
  if (namesByError.size === 0) return;
  const texts = [...namesByError].map(
    ([text, names]) => `${names.join(' and ')} cannot start.\n${text}`,
  );
  throw new StartError(texts.join('\n\n'));
}

/** Formats an error of a handler. A ConfigError needs no stack trace: its message says how to fix it. */
export function formatError(error: HandlerError): string {
  if (error.type === 'ConfigError') return error.message;
  return [`${error.type}: ${error.message}`, ...error.stack.map((line) => `  ${line}`)].join('\n');
}

/** How many invocations have begun, and how many of them are still running. */
export interface CallCounts {
  readonly begun: number;
  readonly running: number;
}

/** Adds up the invocations of all functions. */
export function countCalls(functions: Functions): CallCounts {
  const all = [...functions.values()].map((each) => each.countCalls());
  return {
    begun: all.reduce((sum, each) => sum + each.begun, 0),
    running: all.reduce((sum, each) => sum + each.running, 0),
  };
}
