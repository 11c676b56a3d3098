import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type LocalPipeline,
  startLocalPipeline,
} from '../../../lib/local/emulator/local-pipeline.ts';
import { describeStack } from '../../../lib/local/emulator/stack.ts';

const SOON = { timeout: 20_000 };

let folder: string;
let pipeline: LocalPipeline;
let reloads: string[] = [];
let errors: string[] = [];
let configurationChanges: (readonly string[])[] = [];

const CONFIGURATION = 'service: reload\nresources: ${file(./more/queues.yml):Resources}\n';
const wordModule = (text: string): string => `export const word = ${JSON.stringify(text)};\n`;

/** A list of destinations in the form that the functions of lib/sdk.ts return. */
function listModule(changes: object = {}): string {
  const limit = { perSecond: null, perMinute: null, concurrency: null };
  const batch = { size: 1, windowSeconds: 0 };
  const policy = { needs: [], limit, batch, timeoutMs: 5 };
  const one = { name: 'crm', id: 'crm', kind: 'http', ...policy, ...changes };
  return `export const destinations = ${JSON.stringify([one])};\n`;
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(join(folder, file), text);
}

async function fetchWord(): Promise<string> {
  return (await fetch(pipeline.httpEndpoint)).text();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reload-'));
  await mkdir(join(folder, 'lib'));
  await write('lib/word.ts', wordModule('first'));
  await write(
    'one.ts',
    [
      "import { destinations } from './functions/destinations.ts';",
      "import { word } from './lib/word.ts';",
      'export const handler = async () => `${word} ${destinations[0]?.timeoutMs}`;\n',
    ].join('\n'),
  );
  await mkdir(join(folder, 'more'));
  await write('serverless.yml', CONFIGURATION);
  await write('more/queues.yml', 'a: ${file(more/sizes.yml), null}\n');
  await write('more/sizes.yml', 'size: 1\n');
  await write('more/unrelated.yml', 'b: 1\n');
  await mkdir(join(folder, 'functions'));
  await write('functions/destinations.ts', listModule());
  await write('other.ts', "export const handler = async () => 'other';\n");
  pipeline = await startLocalPipeline({
    projectFolder: folder,
    stack: describeStack({
      service: 'reload',
      provider: { stage: 'local', region: 'eu-west-1' },
      functions: {
        one: { handler: 'one.handler', events: [{ httpApi: 'GET /' }] },
        other: { handler: 'other.handler' },
      },
    }),
    reload: true,
    onConfigurationChange: (files) => configurationChanges.push(files),
    onReload: (names) => reloads.push(names.join()),
    onError: (text) => errors.push(text),
  });
});

beforeEach(() => {
  reloads = [];
  errors = [];
  configurationChanges = [];
});

afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true });
});

test('changed code runs from the next invocation on, and only its functions are reloaded', async () => {
  expect(await fetchWord()).toBe('first 5');
  await write('lib/word.ts', wordModule('second'));
  await expect.poll(() => reloads, SOON).toEqual(['one']);
  expect(await fetchWord()).toBe('second 5');
});

test('code that cannot be built is reported, and the previous code keeps running', async () => {
  await write('lib/word.ts', 'export const word = ;\n');
  await expect.poll(() => errors.join(), SOON).toContain('lib/word.ts:1:20');
  expect(errors.join()).toContain('The previous code keeps running.');
  expect(await fetchWord()).toBe('second 5');
});

test('code that cannot start is reported, and the previous code keeps running', async () => {
  await write('lib/word.ts', "throw new Error('not like this');\n" + wordModule('third'));
  await expect.poll(() => errors.join(), SOON).toContain('one cannot start.\nError: not like this');
  expect(await fetchWord()).toBe('second 5');
  expect(reloads).toEqual([]);
});

test('fixed code runs', async () => {
  await write('lib/word.ts', wordModule('fourth'));
  await expect.poll(() => reloads, SOON).toEqual(['one']);
  expect(await fetchWord()).toBe('fourth 5');
});

describe('a change of functions/destinations.ts', () => {
  const DECLARES = 'what functions/destinations.ts declares';

  test('is used at once when nothing else would be generated from it', async () => {
    await write('functions/destinations.ts', listModule({ timeoutMs: 6 }));
    await expect.poll(() => reloads, SOON).toEqual(['one']);
    expect(await fetchWord()).toBe('fourth 6');
    expect(configurationChanges).toEqual([]);
  });

  test.each([
    ['a limit', { limit: { perSecond: 10, perMinute: null, concurrency: null } }],
    ['a name', { name: 'mail' }],
    ['an address', { needs: [{ variable: 'CRM_URL', kind: 'address', address: 'https://crm' }] }],
  ])('that changes %s is reported, and not used until it is taken back', async (_case, change) => {
    await write('functions/destinations.ts', listModule({ ...change, timeoutMs: 7 }));
    await expect.poll(() => configurationChanges, SOON).toEqual([[DECLARES]]);
    // other code is not used either: it may belong to the change
    await write('lib/word.ts', wordModule('later'));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect([await fetchWord(), reloads]).toEqual(['fourth 6', []]);
    await write('functions/destinations.ts', listModule({ timeoutMs: 6 }));
    await expect.poll(() => configurationChanges, SOON).toEqual([[DECLARES], []]);
    await expect.poll(fetchWord, SOON).toBe('later 6');
    await write('lib/word.ts', wordModule('fourth'));
    await expect.poll(fetchWord, SOON).toBe('fourth 6');
  });

  test('that cannot be loaded is an error of the code', async () => {
    await write('functions/destinations.ts', 'export const destinations = [;\n');
    await expect.poll(() => errors.join(), SOON).toContain('functions/destinations.ts:1:');
    expect(configurationChanges).toEqual([]);
    await write('functions/destinations.ts', listModule({ timeoutMs: 5 }));
    await expect.poll(fetchWord, SOON).toBe('fourth 5');
  });
});

test('a change of serverless.yml and of what it includes is reported, until it is taken back', async () => {
  await write('more/unrelated.yml', 'b: 2\n');
  await write('serverless.yml', `${CONFIGURATION}# more\n`);
  await expect.poll(() => configurationChanges, SOON).toEqual([['serverless.yml']]);
  await write('more/sizes.yml', 'size: 2\n');
  await expect
    .poll(() => configurationChanges.at(-1), SOON)
    .toEqual(['serverless.yml', 'more/sizes.yml']);
  await write('serverless.yml', CONFIGURATION);
  await expect.poll(() => configurationChanges.at(-1), SOON).toEqual(['more/sizes.yml']);
  await rm(join(folder, 'more/sizes.yml'));
  await write('more/sizes.yml', 'size: 1\n');
  await expect.poll(() => configurationChanges.at(-1), SOON).toEqual([]);
});

test('code that cannot start after serverless.yml has changed: the error says to restart', async () => {
  await write('serverless.yml', `${CONFIGURATION}# a setting\n`);
  await expect.poll(() => configurationChanges, SOON).toEqual([['serverless.yml']]);
  await write('lib/word.ts', "throw new Error('Set WORD');\n" + wordModule('fifth'));
  await expect.poll(() => errors.join(), SOON).toContain('one cannot start.\nError: Set WORD');
  expect(errors.join()).toMatch(
    /\nserverless\.yml has changed since the start, .* run npm start again\.$/,
  );
  expect(await fetchWord()).toBe('fourth 5');
});
