import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AwsEmulators, startAwsEmulators } from '../../../lib/local/emulator/aws-emulators.ts';
import {
  findRunningLocalPipeline,
  removePidFile,
  type RunningLocalPipeline,
  writePidFile,
} from '../../../lib/local/emulator/pid-file.ts';

let folder: string;
let emulators: AwsEmulators;
let running: RunningLocalPipeline;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'running-'));
  emulators = await startAwsEmulators();
  const { sqsEndpoint, dynamoEndpoint } = emulators;
  const webhookUrl = 'http://127.0.0.1:3000/webhooks';
  running = {
    pid: process.pid,
    webhookUrl,
    sqsEndpoint,
    dynamoEndpoint,
    mockEndpoint: sqsEndpoint,
  };
});

afterEach(async () => {
  await emulators.stop();
  await rm(folder, { recursive: true });
});

test('a running pipeline is found by its file, until it removes the file', async () => {
  expect(await findRunningLocalPipeline(folder)).toBeNull();
  await writePidFile(folder, running);
  expect(await findRunningLocalPipeline(folder)).toEqual(running);
  await removePidFile(folder, process.pid);
  expect(await findRunningLocalPipeline(folder)).toBeNull();
});

test('the file of a process that has ended is ignored', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writePidFile(folder, { ...running, pid });
  expect(await findRunningLocalPipeline(folder)).toBeNull();
});

test('the file of a pipeline that does not respond is ignored', async () => {
  await writePidFile(folder, running);
  await emulators.stop();
  expect(await findRunningLocalPipeline(folder)).toBeNull();
});

test("another process's file stays", async () => {
  await writePidFile(folder, running);
  await removePidFile(folder, process.pid + 1);
  expect(await findRunningLocalPipeline(folder)).toEqual(running);
});
