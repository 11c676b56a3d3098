import { buildFunctionEnvironment } from '../../lib/local/emulator/lambda/function-environment.ts';
import { printServerlessConfiguration } from '../../lib/local/emulator/serverless-print.ts';
import { describeStack, type Stack } from '../../lib/local/emulator/stack.ts';
import { PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';
import { startAwsStub } from './aws-stub.ts';
import { type Builder, openBuilder } from './build.ts';
import type { Measure } from './compare.ts';
import { type ColdStarts, openColdStarts } from './cold.ts';
import { type MockReceiver, startMockReceiver } from './mock-receiver.ts';
import { type Repeat, createRepeat } from './warm.ts';

/** The tools that the rows measure with. */
export interface Bench {
  readonly stack: Stack;
  readonly builder: Builder;
  readonly cold: ColdStarts;
  readonly repeat: Repeat;
  readonly mockReceiver: MockReceiver;
  /** Measures the median CPU time of a call in microseconds, each time in a new process. */
  readonly cpuMicros: (bundle: string, input: unknown, env?: Env) => Measure;
  /** The environment of a function, as serverless.yml sets it, with the bench's endpoints. */
  readonly getEnv: (functionName: string) => Env;
  /** Prints progress. */
  readonly log: (text: string) => void;
  close(): Promise<void>;
}

export type Env = Readonly<Record<string, string>>;

/** By then V8 has compiled the hot path; the CPU time of its compiler threads would be counted too. */
const WARM_UP_MS = 2_000;
const BATCHES = 15;

/** Starts the servers and builds the bundles of the measured processes. */
export async function openBench(log: (text: string) => void): Promise<Bench> {
  const stack = describeStack(await printServerlessConfiguration(PROJECT_FOLDER, 'local'));
  const builder = await openBuilder(stack);
  const [awsStub, mockReceiver] = await Promise.all([startAwsStub(), startMockReceiver()]);
  const client = await builder.bundle('test/bench/measured/runtime-client.ts', 'client');
  const runner = await builder.bundle('test/bench/measured/repeat.ts', 'runner');
  const cold = await openColdStarts(client);
  const repeat = createRepeat(runner, builder.folder);
  const endpoints = {
    sqsEndpoint: awsStub.endpoint,
    dynamoEndpoint: awsStub.endpoint,
    mockEndpoint: mockReceiver.endpoint,
  };
  return {
    stack,
    builder,
    cold,
    repeat,
    mockReceiver,
    log,
    cpuMicros: (bundle, input, env) => async () => {
      const options = { kind: 'timed', warmMs: WARM_UP_MS, batches: BATCHES } as const;
      const measurement = await repeat({ bundle, input, ...(env && { env }) }, options);
      return measurement.kind === 'timed' ? measurement.cpuMicros : Number.NaN;
    },
    getEnv(functionName) {
      const description = stack.functions.find(({ name }) => name === functionName);
      if (description === undefined) throw new Error(`serverless.yml has no ${functionName}`);
      return buildFunctionEnvironment(description, stack.region, endpoints);
    },
    async close() {
      cold.stop();
      awsStub.stop();
      mockReceiver.stop();
      await builder.remove();
    },
  };
}
