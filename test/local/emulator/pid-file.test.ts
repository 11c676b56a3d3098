import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulators, startEmulators } from '../../../lib/local/emulator/emulators.ts';
import {
  findRunning,
  removeRunning,
  type Running,
  writeRunning,
} from '../../../lib/local/emulator/pid-file.ts';

let folder: string;
let emulators: Emulators;
let running: Running;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'running-'));
  emulators = await startEmulators();
  const { sqsEndpoint, dynamoEndpoint } = emulators;
  const webhookUrl = 'http://127.0.0.1:3000/webhooks';
  running = {
    pid: process.pid,
    webhookUrl,
    sqsEndpoint,
    dynamoEndpoint,
    sinkEndpoint: sqsEndpoint,
  };
});

afterEach(async () => {
  await emulators.stop();
  await rm(folder, { recursive: true });
});

test('a running pipeline is found by its note, until it takes the note back', async () => {
  expect(await findRunning(folder)).toBeNull();
  await writeRunning(folder, running);
  expect(await findRunning(folder)).toEqual(running);
  await removeRunning(folder, process.pid);
  expect(await findRunning(folder)).toBeNull();
});

test('the note of a process that has ended is ignored', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeRunning(folder, { ...running, pid });
  expect(await findRunning(folder)).toBeNull();
});

test('the note of a pipeline that does not answer is ignored', async () => {
  await writeRunning(folder, running);
  await emulators.stop();
  expect(await findRunning(folder)).toBeNull();
});

test("another process's note stays", async () => {
  await writeRunning(folder, running);
  await removeRunning(folder, process.pid + 1);
  expect(await findRunning(folder)).toEqual(running);
});
