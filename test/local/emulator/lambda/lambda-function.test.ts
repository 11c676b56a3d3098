import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type Bundler,
  type Bundles,
  createBundler,
} from '../../../../lib/local/emulator/lambda/bundler.ts';
import {
  createLambdaFunction,
  type FunctionSettings,
  type LambdaFunction,
} from '../../../../lib/local/emulator/lambda/lambda-function.ts';
import type { HandlerLine, Invocation } from '../../../../lib/local/emulator/lambda/invocation.ts';
import { BUNDLING, fixtureFunction, PROJECT_FOLDER } from '../../support/fixture-function.ts';

let bundler: Bundler;
let bundles: Bundles;
let lines: HandlerLine[] = [];
let invocations: Invocation[] = [];
let startedFunctions: LambdaFunction[] = [];

beforeAll(async () => {
  const modules = ['echo', 'failing', 'misconfigured', 'waiting'];
  bundler = await createBundler(
    PROJECT_FOLDER,
    modules.map((module) => fixtureFunction(module)),
    BUNDLING,
  );
  const build = await bundler.build();
  if (build.kind === 'failed') throw new Error(build.text);
  bundles = build.bundles;
});

afterEach(async () => {
  await Promise.all(startedFunctions.map((each) => each.stop()));
  startedFunctions = [];
  lines = [];
  invocations = [];
});

afterAll(async () => {
  await bundler.stop();
});

function start(module: string, changes: Partial<FunctionSettings> = {}): LambdaFunction {
  const started = createLambdaFunction(
    {
      name: module,
      workerData: {
        bundleFile: bundles.get(module) ?? '',
        exportName: 'handler',
        functionName: `fixture-${module}`,
        functionArn: `arn:aws:lambda:eu-west-1:000000000000:function:fixture-${module}`,
        memoryMb: 128,
      },
      timeoutSeconds: 5,
      env: { GREETING: 'hello' },
      concurrency: 4,
      ...changes,
    },
    { onLine: (line) => lines.push(line), onInvocation: (each) => invocations.push(each) },
  );
  startedFunctions.push(started);
  return started;
}

describe('a handler', () => {
  test("gets Lambda's context and the environment of its function, and no other variable of this machine", async () => {
    const { requestId, result } = await start('echo').invoke({});
    expect(result).toMatchObject({
      kind: 'returned',
      payload: {
        requestId,
        functionName: 'fixture-echo',
        memory: '128',
        greeting: 'hello',
        arn: 'arn:aws:lambda:eu-west-1:000000000000:function:fixture-echo',
      },
    });
    expect(result).not.toHaveProperty('payload.home');
  });

  test('can read its remaining time', async () => {
    const { result } = await start('echo', { timeoutSeconds: 5 }).invoke({});
    const leftMs: unknown =
      result.kind === 'returned' && Reflect.get(Object(result.payload), 'leftMs');
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(5_000);
  });

  test.each([
    ['nothing', undefined, null],
    ['a text', 'ü', 'ü'],
    ['an object', { a: [1, null] }, { a: [1, null] }],
  ])('returns %s as JSON', async (_case, response, payload) => {
    const { result } = await start('echo').invoke({ response: response ?? null });
    expect(result).toEqual({ kind: 'returned', payload });
  });

  test('has its lines reported in order, with the request id of their invocation', async () => {
    const echo = start('echo');
    const first = await echo.invoke({ print: 'one\ntwo' });
    const second = await echo.invoke({ print: 'three' });
    expect(lines.map(({ requestId, text }) => [requestId, text])).toEqual([
      [first.requestId, 'one'],
      [first.requestId, 'two'],
      [first.requestId, 'and an unfinished line'],
      [second.requestId, 'three'],
      [second.requestId, 'and an unfinished line'],
    ]);
  });
});

describe('an invocation that fails', () => {
  test('reports the class, the message and the place in the source', async () => {
    const { result } = await start('failing').invoke({ failure: 'throw' });
    expect(result).toMatchObject({
      kind: 'threw',
      error: { type: 'RangeError', message: 'thrown by the handler' },
    });
    expect(JSON.stringify(result)).toContain('test/local/fixtures/functions/failing.ts:');
  });

  test.each([
    ['an endless loop', 'spin'],
    ['a promise that never settles', 'wait'],
  ])('%s ends at the timeout', async (_case, failure) => {
    const lambda = start('failing', { timeoutSeconds: 0.3 });
    const { result } = await lambda.invoke({ failure });
    expect(result).toEqual({ kind: 'timed_out', timeoutSeconds: 0.3 });
    expect(lambda.environments()).toEqual([]);
  });

  test.each([
    ['process.exit', 'exit', /code 7/],
    ['an unhandled rejection', 'reject', /rejected behind the back/],
  ])(
    '%s ends the environment, and the next invocation gets a new one',
    async (_case, failure, reason) => {
      const lambda = start('failing', { timeoutSeconds: 20 });
      const { result } = await lambda.invoke({ failure });
      expect(result).toEqual({ kind: 'crashed', reason: expect.stringMatching(reason) as string });
      const next = await lambda.invoke({ failure: 'none' });
      expect(next).toMatchObject({
        coldStart: true,
        result: { kind: 'returned', payload: 'fine' },
      });
    },
  );

  test('a return value that is not JSON counts as an error', async () => {
    const { result } = await start('failing').invoke({ failure: 'circle' });
    expect(result).toMatchObject({ kind: 'threw', error: { type: 'TypeError' } });
  });

  test('a killed environment ends its running invocation', async () => {
    const lambda = start('failing');
    await lambda.warmUp();
    const call = lambda.invoke({ failure: 'spin' });
    await expect
      .poll(() => lambda.environments()[0]?.requestId, { timeout: 15_000 })
      .toEqual(expect.any(String));
    expect(await lambda.kill(lambda.environments()[0]?.id ?? '')).toBe(true);
    expect((await call).result.kind).toBe('crashed');
    expect(await lambda.kill('unknown')).toBe(false);
  });
});

describe('execution environments', () => {
  test('are reused when they are idle', async () => {
    const echo = start('echo');
    const first = await echo.invoke({});
    const second = await echo.invoke({});
    expect([first.coldStart, second.coldStart]).toEqual([true, false]);
    expect(second.environmentId).toBe(first.environmentId);
  });

  test('run one invocation at a time; concurrent invocations start more of them, up to the limit', async () => {
    const lambda = start('echo', { concurrency: 2 });
    const calls = await Promise.all([1, 2, 3, 4, 5].map(() => lambda.invoke({})));
    expect(calls.map(({ result }) => result.kind)).toEqual(Array(5).fill('returned'));
    expect(new Set(calls.map(({ environmentId }) => environmentId)).size).toBe(2);
    expect(lambda.countCalls()).toEqual({ begun: 5, running: 0 });
    expect(invocations).toHaveLength(5);
  });

  test('can be started before the first invocation', async () => {
    const echo = start('echo');
    expect(await echo.warmUp()).toBeNull();
    expect(echo.environments()).toHaveLength(1);
    await echo.invoke({});
    expect(echo.environments()).toHaveLength(1);
  });

  test('that cannot load their module report the whole error, and end', async () => {
    const lambda = start('misconfigured');
    expect(await lambda.warmUp()).toMatchObject({
      type: 'Error',
      message: 'GREETING is missing\n  and so is FAREWELL',
    });
    expect((await lambda.invoke({})).result).toMatchObject({ kind: 'threw' });
    expect(lines.map(({ text }) => text)).toContain('before the fault');
    expect(lambda.environments()).toEqual([]);
  });

  test('are replaced when the code changes', async () => {
    const lambda = start('echo');
    await lambda.warmUp();
    expect(await lambda.reload(bundles.get('failing') ?? '')).toBeNull();
    expect((await lambda.invoke({ failure: 'none' })).result).toMatchObject({ payload: 'fine' });
    expect(lambda.environments()).toHaveLength(1);
  });

  test('keep their code when the new code cannot be loaded', async () => {
    const lambda = start('echo');
    await lambda.warmUp();
    expect(await lambda.reload(bundles.get('misconfigured') ?? '')).toMatchObject({
      type: 'Error',
    });
    expect((await lambda.invoke({ response: 'still here' })).result).toMatchObject({
      payload: 'still here',
    });
  });
});

describe('faster time', () => {
  const wait = async (
    lambda: LambdaFunction,
    input: object,
  ): Promise<{ byClock: number; inTruth: number; remainingMs: number }> => {
    const { result } = await lambda.invoke({ waitMs: 4_000, withSignal: false, ...input });
    if (result.kind !== 'returned') throw new Error(`the handler ${result.kind}`);
    return result.payload as { byClock: number; inTruth: number; remainingMs: number };
  };

  test('shortens a wait of the handler, whose clock says that it took its time', async () => {
    const lambda = start('waiting');
    lambda.setSpeed(100);
    const { byClock, inTruth, remainingMs } = await wait(lambda, {});
    expect(byClock).toBeGreaterThanOrEqual(4_000);
    expect(inTruth).toBeLessThan(1_000);
    expect(remainingMs).toBeLessThan(1_000);
  });

  test('applies to a wait that has begun, and ends with it', async () => {
    const lambda = start('waiting', { concurrency: 1 });
    await lambda.warmUp();
    const waiting = wait(lambda, {});
    lambda.setSpeed(100);
    expect((await waiting).inTruth).toBeLessThan(2_000);
    lambda.setSpeed(1);
    const { byClock, inTruth, remainingMs } = await wait(lambda, { waitMs: 300 });
    expect(Math.abs(byClock - inTruth)).toBeLessThan(50);
    expect(remainingMs).toBeGreaterThan(3_000);
  });

  test('leaves a timer that ends something else as it is: no receiver gets faster', async () => {
    const lambda = start('waiting');
    lambda.setSpeed(100);
    const { byClock, inTruth } = await wait(lambda, { waitMs: 400, withSignal: true });
    expect(inTruth).toBeGreaterThanOrEqual(399);
    expect(byClock).toBeLessThan(1_500);
  });
});
