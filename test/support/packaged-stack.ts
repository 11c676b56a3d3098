import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as v from 'valibot';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

const TemplateSchema = v.object({
  Resources: v.record(
    v.string(),
    v.looseObject({
      Type: v.string(),
      Properties: v.optional(v.record(v.string(), v.unknown()), {}),
      DeletionPolicy: v.optional(v.string()),
      UpdateReplacePolicy: v.optional(v.string()),
    }),
  ),
  Outputs: v.record(v.string(), v.unknown()),
});
export type Template = v.InferOutput<typeof TemplateSchema>;
export type Resource = Template['Resources'][string];

/** Packages the service as `sls package --stage prod` does, into a folder of its own. */
export async function packageStack(): Promise<{ templateFile: string; template: Template }> {
  const folder = await mkdtemp(join(tmpdir(), 'voucher-relay-package-'));
  await run(
    join(PROJECT, 'node_modules/.bin/sls'),
    ['package', '--stage', 'prod', '--package', folder],
    {
      cwd: PROJECT,
    },
  );
  const templateFile = join(folder, 'cloudformation-template-update-stack.json');
  const template = v.parse(TemplateSchema, JSON.parse(await readFile(templateFile, 'utf8')));
  return { templateFile, template };
}

/** The resources of one CloudFormation type, by logical id. */
export function resourcesOf(template: Template, type: string): [string, Resource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}
