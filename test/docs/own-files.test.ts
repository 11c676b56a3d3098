import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_FOLDER } from '../local/support/fixture-function.ts';
import { copyProject, type ProjectCopy } from '../local/support/project-copy.ts';
import { readCodeBlocks } from './code-blocks.ts';

const KLAVIYO = 'functions/destinations/klaviyo.ts';
/** One file and one line: nothing else of the project changes, serverless.yml neither. */
const OWN_FILES = new Set(['functions/destinations.ts', KLAVIYO]);
const OWN_MAPPINGS = `import * as v from 'valibot';
import { defineMappings } from 'voucher-relay';

const ShopperSchema = v.pipe(
  v.object({ mail: v.string() }),
  v.transform(({ mail }) => ({ customer: { email: mail } })),
);

export const mappings = defineMappings({ shopper: ShopperSchema });
`;

/** A project whose merchant has followed docs/destinations.md and written a mapping. */
let project: ProjectCopy;
beforeAll(async () => {
  project = await copyProject();
  const file = (name: string): string => join(project.folder, name);
  for (const { file: name, text } of readCodeBlocks('docs/destinations.md')) {
    if (OWN_FILES.has(name)) await writeFile(file(name), text);
  }
  await writeFile(file('functions/mappings.ts'), OWN_MAPPINGS);
  await cp(join(PROJECT_FOLDER, '.oxlintrc.json'), file('.oxlintrc.json'));
});
afterAll(() => project.remove());

describe('a project with destinations and mappings of its own', () => {
  it('has the right types', async () => {
    const config = { extends: './tsconfig.json', include: ['functions', 'events', 'lib/sdk.ts'] };
    await writeFile(join(project.folder, 'tsconfig.own.json'), JSON.stringify(config));
    const result = await project.run('node_modules/.bin/tsc', '--project', 'tsconfig.own.json');
    expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('passes the lint', async () => {
    expect(await project.run('node_modules/.bin/oxlint', 'functions')).toMatchObject({ code: 0 });
  });

  it.each([
    ['imports a module of lib/', "'voucher-relay'", "'../../lib/destinations/http.ts'"],
    ['reads the environment', 'redeemableCode(record)', "String(process.env['CODE'])"],
  ])('does not pass the lint when a destination %s', async (_what, before, after) => {
    const file = join(project.folder, KLAVIYO);
    const source = await readFile(file, 'utf8');
    expect(source).toContain(before);
    await writeFile(file, source.replace(before, after));
    const { code, stdout } = await project.run('node_modules/.bin/oxlint', 'functions');
    await writeFile(file, source);
    expect([code, stdout]).toEqual([1, expect.stringContaining(KLAVIYO) as string]);
  });
});
