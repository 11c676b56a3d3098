import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Builder, BundleChanges } from '../build.ts';
import { replaceModule } from '../replace-module.ts';
import { generateAjvValidators } from './ajv-validators.ts';

/** The bundles of one variant of the functions. Null: the variant does not change that part. */
export interface Rival {
  readonly name: string;
  readonly receive: string;
  readonly fanOut: string | null;
  /** The work of receive before it calls SQS. */
  readonly toMessage: string | null;
}

const RECEIVE = 'functions/receive.ts';
const FAN_OUT = 'functions/fan-out.ts';
const TO_MESSAGE = 'test/bench/subjects/webhook-to-message.ts';
const toPath = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Whether the packages of test/bench/package.json are installed. */
export function areRivalsInstalled(): boolean {
  return (
    existsSync(toPath('../node_modules/zod')) && existsSync(toPath('../node_modules/@middy/core'))
  );
}

/** Builds our own functions first, then each rival. */
export async function buildRivals(builder: Builder): Promise<readonly Rival[]> {
  const buildVariant = async (name: string, changes: BundleChanges): Promise<Rival> => ({
    name,
    receive: await builder.bundle(RECEIVE, `receive-${name}`, changes),
    fanOut: null,
    toMessage: await builder.bundle(TO_MESSAGE, `to-message-${name}`, changes),
  });
  const generated = join(builder.folder, 'ajv-validators.js');
  await writeFile(generated, generateAjvValidators());
  return [
    {
      ...(await buildVariant('ours', {})),
      fanOut: await builder.bundle(FAN_OUT, 'fan-out-ours'),
    },
    await buildVariant('zod', { alias: { valibot: toPath('valibot-on-zod.ts') } }),
    await buildVariant('ajv standalone', {
      nodePaths: [toPath('../../../node_modules')],
      plugins: [
        replaceModule('bench:ajv-validators', generated),
        replaceModule('valibot', toPath('valibot-with-ajv.ts'), '/lenient-parse.ts'),
      ],
    }),
    {
      name: 'untuned bundle',
      receive: await builder.bundleUntuned(RECEIVE, 'receive-untuned'),
      fanOut: await builder.bundleUntuned(FAN_OUT, 'fan-out-untuned'),
      toMessage: null,
    },
    {
      name: 'middy',
      receive: await builder.bundle('test/bench/rivals/receive-on-middy.ts', 'receive-middy'),
      fanOut: await builder.bundle('test/bench/rivals/fan-out-on-middy.ts', 'fan-out-middy'),
      toMessage: null,
    },
  ];
}
