import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_FOLDER } from '../local/support/fixture-function.ts';
import { copyProject, type ProjectCopy, SLS } from '../local/support/project-copy.ts';
import { readZipEntries } from '../../lib/stack/zip-entries.ts';
import { readCodeBlocks } from './code-blocks.ts';

const OWN_FILES = new Set(['functions/destinations.ts', 'functions/klaviyo.ts']);
const YAML_BLOCK = /^```yaml\n(?<text>params:\n[^]*?)^```$/m;
const OWN_MAPPINGS = `import * as v from 'valibot';
import { defineMappings } from '../lib/sdk.ts';

const ShopperSchema = v.pipe(
  v.object({ mail: v.string() }),
  v.transform(({ mail }) => ({ customer: { email: mail } })),
);

export const mappings = defineMappings({ shopper: ShopperSchema });
`;
const MINUTES = 300_000;

/** A project whose merchant has followed docs/destinations.md and written a mapping. */
let project: ProjectCopy;
beforeAll(async () => {
  project = await copyProject();
  const file = (name: string): string => join(project.folder, name);
  for (const { file: name, text } of readCodeBlocks('docs/destinations.md')) {
    if (OWN_FILES.has(name)) await writeFile(file(name), text);
  }
  await writeFile(file('functions/mappings.ts'), OWN_MAPPINGS);
  const yaml = YAML_BLOCK.exec(await readFile('docs/destinations.md', 'utf8'))?.groups?.['text'];
  const serverlessYml = await readFile(file('serverless.yml'), 'utf8');
  await writeFile(file('serverless.yml'), insertLines(serverlessYml, yaml ?? ''));
  await cp(join(PROJECT_FOLDER, '.oxlintrc.json'), file('.oxlintrc.json'));
});
afterAll(() => project.remove());

/**
 * Inserts the values of a YAML document into another one, at the beginning of the same section, unless the
 * merchant has them already.
 */
function insertLines(yaml: string, addition: string): string {
  let result = yaml;
  const sections: string[] = [];
  for (const line of addition.trimEnd().split('\n')) {
    const depth = line.search(/\S/) / 2;
    sections.splice(depth);
    if (line.endsWith(':')) {
      sections.push(`${line}\n`);
      continue;
    }
    const [key] = line.split(': ');
    if (yaml.includes(`\n${key}:`)) continue;
    let end = 0;
    for (const section of sections) {
      const begin = `\n${result}`.indexOf(`\n${section}`, end);
      if (begin < 0) throw new Error(`serverless.yml has no section ${sections.join('')}`);
      end = begin + section.length;
    }
    result = `${result.slice(0, end)}${line}\n${result.slice(end)}`;
  }
  return result;
}

describe('a project with destinations and mappings of its own', () => {
  it('has the right types', async () => {
    const config = { extends: './tsconfig.json', include: ['functions', 'events', 'lib/sdk.ts'] };
    await writeFile(join(project.folder, 'tsconfig.own.json'), JSON.stringify(config));
    const result = await project.run('node_modules/.bin/tsc', '--project', 'tsconfig.own.json');
    expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('passes the lint, unless a file imports more of lib/ than lib/sdk.ts', async () => {
    const lint = async () => (await project.run('node_modules/.bin/oxlint', 'functions')).code;
    expect(await lint()).toBe(0);
    const file = join(project.folder, 'functions/klaviyo.ts');
    const source = await readFile(file, 'utf8');
    await writeFile(file, source.replace('../lib/sdk.ts', '../lib/destinations/http.ts'));
    expect(await lint()).toBe(1);
    await writeFile(file, source);
  });

  it(
    'deploys them',
    async () => {
      const options = ['--stage', 'prod', '--param=alarms=none'];
      expect(await project.run(SLS, 'package', ...options)).toMatchObject({ code: 0 });
      const folder = join(project.folder, '.serverless');
      const readCode = async (name: string): Promise<string> =>
        [...readZipEntries(await readFile(join(folder, `${name}.zip`))).values()].join('');
      expect(await readCode('fanOut')).toContain('Klaviyo-API-Key');
      expect(await readCode('receive')).toContain('ShopperSchema');
      expect(await readCode('receive')).not.toContain('RenamedKeysSchema');
    },
    MINUTES,
  );

  it(
    'runs the demo, whose samples expect the fixtures',
    async () => {
      expect(await project.run('lib/local/cli/demo.ts')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('all as expected') as string,
        stderr: '',
      });
    },
    MINUTES,
  );
});
