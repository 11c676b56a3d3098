import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Builder, Changes } from '../build.ts';
import { replaceModule } from '../replace-module.ts';
import { ajvValidators } from './ajv-validators.ts';

/** The same function, written in another way. Null: there is no such part. */
export interface Rival {
  readonly name: string;
  readonly receive: string;
  readonly fanOut: string | null;
  /** From the signature to the message, without the SDK. */
  readonly understanding: string | null;
}

const RECEIVE = 'functions/receive.ts';
const FAN_OUT = 'functions/fan-out.ts';
const UNDERSTANDING = 'test/bench/subjects/understanding.ts';
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Says whether test/bench/package.json is installed. */
export function areRivalsInstalled(): boolean {
  return existsSync(here('../node_modules/zod')) && existsSync(here('../node_modules/@middy/core'));
}

/** Builds our own first, then each rival. */
export async function buildRivals(builder: Builder): Promise<readonly Rival[]> {
  const changed = async (name: string, changes: Changes): Promise<Rival> => ({
    name,
    receive: await builder.bundle(RECEIVE, `receive-${name}`, changes),
    fanOut: null,
    understanding: await builder.bundle(UNDERSTANDING, `understanding-${name}`, changes),
  });
  const generated = join(builder.folder, 'ajv-validators.js');
  await writeFile(generated, ajvValidators());
  return [
    {
      ...(await changed('ours', {})),
      fanOut: await builder.bundle(FAN_OUT, 'fan-out-ours'),
    },
    await changed('zod', { alias: { valibot: here('valibot-on-zod.ts') } }),
    await changed('ajv standalone', {
      nodePaths: [here('../../../node_modules')],
      plugins: [
        replaceModule('bench:ajv-validators', generated),
        replaceModule('/acceptance.ts', here('acceptance-by-ajv.ts')),
      ],
    }),
    {
      name: 'untuned bundle',
      receive: await builder.bundleUntuned(RECEIVE, 'receive-untuned'),
      fanOut: await builder.bundleUntuned(FAN_OUT, 'fan-out-untuned'),
      understanding: null,
    },
    {
      name: 'middy',
      receive: await builder.bundle('test/bench/rivals/receive-on-middy.ts', 'receive-middy'),
      fanOut: await builder.bundle('test/bench/rivals/fan-out-on-middy.ts', 'fan-out-middy'),
      understanding: null,
    },
  ];
}
