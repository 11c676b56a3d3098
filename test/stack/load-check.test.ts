import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findLoadFaults } from '../../lib/stack/load-check.ts';
import { createZip } from '../support/create-zip.ts';
import { type HttpReceiver, startReceiver } from '../support/http-receiver.ts';

let folder: string;
let receiver: HttpReceiver;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'load-check-'));
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.stop();
  await rm(folder, { recursive: true });
});

/** Loads a bundle with this source, and returns what is wrong with it. */
async function load(
  source: string,
  environment: Record<string, string> = {},
  { files = {}, maxLoadMs = 10_000 }: { files?: Record<string, string>; maxLoadMs?: number } = {},
): Promise<string | undefined> {
  const archive = join(folder, `${crypto.randomUUID()}.zip`);
  await writeFile(archive, createZip({ 'functions/f.cjs': source, ...files }));
  const faults = await findLoadFaults(
    [{ name: 'f', archive, handler: 'functions/f.handler', environment }],
    maxLoadMs,
  );
  expect(faults.length).toBeLessThan(2);
  return faults[0];
}

const GOOD = 'exports.handler = async () => {};';

describe('a packaged function', () => {
  it('that loads has no fault, whatever it prints and whatever it has started', async () => {
    expect(await load(GOOD)).toBeUndefined();
    expect(
      await load(`${GOOD} console.log('hello'); console.error('{"message":"x"}');
        setInterval(() => {}, 10); require('node:http').createServer();`),
    ).toBeUndefined();
    expect(
      await load("module.exports = require('../other.cjs');", {}, { files: { 'other.cjs': GOOD } }),
    ).toBeUndefined();
  });

  it.each([
    [
      'throws',
      "throw new RangeError('out of range')",
      'The function f cannot start. RangeError: out of range',
    ],
    ['throws a value', "throw 'x'", 'The function f cannot start. A value was thrown'],
    ['lacks a module', `require('left-out'); ${GOOD}`, "Cannot find module 'left-out'"],
    ['is not JavaScript', 'exports.handler = ;', 'cannot start. SyntaxError'],
    ['has no handler', 'exports.main = () => {};', 'The bundle has no function handler'],
    [
      'has a handler that is no function',
      'exports.handler = {};',
      'The bundle has no function handler',
    ],
    ['exits', 'process.exit(3)', 'cannot start'],
    [
      'reports an error',
      `${GOOD} console.error(JSON.stringify({ message: 'error', code: 'destination_misconfigured', issues: ['a', 'b'] }));`,
      'The function f reports when it starts:\n  destination_misconfigured: a: b',
    ],
  ])('that %s is refused', async (_case, source, fault) => {
    expect(await load(source)).toContain(fault);
  });

  it('that never ends is refused when its time is over', async () => {
    expect(await load('for (;;);', {}, { maxLoadMs: 500 })).toBe(
      'The function f does not start within 0.5 s.',
    );
  });

  it('is loaded with its own variables and none of the machine, and reports whatever its log level is', async () => {
    vi.stubEnv('AWS_PROFILE', 'nobody');
    vi.stubEnv('HOME', '/home/nobody');
    const source = `throw new Error(JSON.stringify(process.env));`;
    const fault = (await load(source, { NAME: 'value', POWERTOOLS_LOG_LEVEL: 'SILENT' })) ?? '';
    const env = JSON.parse(fault.slice(fault.indexOf('{'))) as Record<string, string>;
    expect(env).toMatchObject({ NAME: 'value', POWERTOOLS_LOG_LEVEL: 'INFO' });
    expect(Object.keys(env)).not.toContain('AWS_PROFILE');
    expect(Object.keys(env)).not.toContain('HOME');
    vi.unstubAllEnvs();
  });

  it.each([
    ['http', (url: string) => `require('node:http').get('${url}')`],
    ['a socket', (url: string) => `require('node:net').connect(${new URL(url).port}, '127.0.0.1')`],
    ['a name', () => "require('node:dns').lookup('example.test', () => {})"],
  ])('has no network while it is loaded: %s', async (_what, use) => {
    expect(await load(`${use(receiver.url)}; ${GOOD}`)).toContain('must not use the network');
    expect(receiver.received).toEqual([]);
  });

  it('has no network by fetch either', async () => {
    await load(`fetch('${receiver.url}').catch(() => {}); ${GOOD}`);
    await load(
      `fetch('${receiver.url}').catch(() => {}); const end = Date.now() + 300; while (Date.now() < end); ${GOOD}`,
    );
    expect(receiver.received).toEqual([]);
  });

  it('is not the only one that is reported', async () => {
    const archive = join(folder, 'bad.zip');
    await writeFile(archive, createZip({ 'functions/f.cjs': "throw new Error('no')" }));
    const bad = { archive, handler: 'functions/f.handler', environment: {} };
    const faults = await findLoadFaults([
      { ...bad, name: 'one' },
      { ...bad, name: 'two' },
    ]);
    expect(faults).toEqual([
      'The function one cannot start. Error: no',
      'The function two cannot start. Error: no',
    ]);
  });
});
