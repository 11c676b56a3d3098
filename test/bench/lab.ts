import { functionEnvironment } from '../../lib/local/emulator/lambda/function-environment.ts';
import { printServerlessConfiguration } from '../../lib/local/emulator/serverless-print.ts';
import { describeStack, type Stack } from '../../lib/local/emulator/stack.ts';
import { PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';
import { startAwsEdge } from './aws-endpoint.ts';
import { type Builder, openBuilder } from './build.ts';
import type { Measure } from './compare.ts';
import { type ColdStarts, openColdStarts } from './cold.ts';
import { type Sink, startSink } from './sink.ts';
import { type Repeat, repeatIn } from './warm.ts';

/** Everything that the rows measure with. */
export interface Lab {
  readonly stack: Stack;
  readonly builder: Builder;
  readonly cold: ColdStarts;
  readonly repeat: Repeat;
  readonly sink: Sink;
  /** Measures the median CPU time of a call in microseconds, each time in a new process. */
  readonly cpuMicros: (bundle: string, input: unknown, env?: Env) => Measure;
  /** The environment of a function, as serverless.yml sets it, with the addresses of the bench. */
  readonly envOf: (functionName: string) => Env;
  /** Shows what is going on. */
  readonly say: (text: string) => void;
  close(): Promise<void>;
}

export type Env = Readonly<Record<string, string>>;

/** The compiler is done with the hot path after that; its thread's time would be counted, too. */
const WARM_MS = 2_000;
const BATCHES = 15;

/** Opens the servers, builds the processes. */
export async function openLab(say: (text: string) => void): Promise<Lab> {
  const stack = describeStack(await printServerlessConfiguration(PROJECT_FOLDER, 'local'));
  const builder = await openBuilder(stack);
  const [edge, sink] = await Promise.all([startAwsEdge(), startSink()]);
  const client = await builder.bundle('test/bench/measured/runtime-client.ts', 'client');
  const runner = await builder.bundle('test/bench/measured/repeat.ts', 'runner');
  const cold = await openColdStarts(client);
  const repeat = repeatIn(runner, builder.folder);
  const endpoints = {
    sqsEndpoint: edge.endpoint,
    dynamoEndpoint: edge.endpoint,
    sinkEndpoint: sink.endpoint,
  };
  return {
    stack,
    builder,
    cold,
    repeat,
    sink,
    say,
    cpuMicros: (bundle, input, env) => async () => {
      const how = { kind: 'timed', warmMs: WARM_MS, batches: BATCHES } as const;
      const repeated = await repeat({ bundle, input, ...(env && { env }) }, how);
      return repeated.kind === 'timed' ? repeated.cpuMicros : Number.NaN;
    },
    envOf(functionName) {
      const description = stack.functions.find(({ name }) => name === functionName);
      if (description === undefined) throw new Error(`serverless.yml has no ${functionName}`);
      return functionEnvironment(description, stack.region, endpoints);
    },
    async close() {
      cold.stop();
      edge.stop();
      sink.stop();
      await builder.remove();
    },
  };
}
