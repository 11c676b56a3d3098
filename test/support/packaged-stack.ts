import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { copyProject, SLS } from '../local/support/project-copy.ts';

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

interface PackagedStack {
  readonly templateFile: string;
  readonly template: Template;
}

/**
 * Packages the service as `sls package --stage prod` does, in a copy of the project, because commands in
 * the same folder share a build folder.
 * @param parameters stage parameters besides alarmEmail, as `name=value`
 */
export function packageStack(...parameters: readonly string[]): Promise<PackagedStack> {
  return packageStackWith((serverlessYml) => serverlessYml, ...parameters);
}

/** Packages the service with another serverless.yml. */
export function packageStackWith(
  change: (serverlessYml: string) => string,
  ...parameters: readonly string[]
): Promise<PackagedStack> {
  return packageChanged({ change, parameters });
}

/** Packages the service with other destinations, and further resources in serverless.yml. */
export function packageDestinations(destinations: string, resources = ''): Promise<PackagedStack> {
  return packageChanged({
    destinations,
    change: (serverlessYml) =>
      resources === '' ? serverlessYml : `${serverlessYml}\nresources:\n${resources}`,
  });
}

async function packageChanged({
  change,
  destinations,
  parameters = [],
}: {
  readonly change: (serverlessYml: string) => string;
  /** The text of functions/destinations.ts. */
  readonly destinations?: string;
  readonly parameters?: readonly string[];
}): Promise<PackagedStack> {
  const folder = await mkdtemp(join(tmpdir(), 'voucher-relay-package-'));
  const copy = await copyProject();
  const file = join(copy.folder, 'serverless.yml');
  await writeFile(file, change(await readFile(file, 'utf8')));
  if (destinations !== undefined) {
    await writeFile(join(copy.folder, 'functions/destinations.ts'), destinations);
  }
  const parameterFlags = ['alarmEmail=on-call@example.com', ...parameters].map(
    (each) => `--param=${each}`,
  );
  const result = await copy.run(
    SLS,
    'package',
    '--stage',
    'prod',
    '--package',
    folder,
    ...parameterFlags,
  );
  await copy.remove();
  if (result.code !== 0) throw new Error(result.stdout + result.stderr);
  const templateFile = join(folder, 'cloudformation-template-update-stack.json');
  const template = v.parse(TemplateSchema, JSON.parse(await readFile(templateFile, 'utf8')));
  return { templateFile, template };
}

/** Returns the resources of one CloudFormation type, by logical id. */
export function getResources(template: Template, type: string): [string, Resource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** Returns the parsed properties of the resources of one type, by logical id. */
export function parseProperties<Schema extends v.GenericSchema>(
  template: Template,
  type: string,
  schema: Schema,
): [string, v.InferOutput<Schema>][] {
  return getResources(template, type).map(([name, { Properties }]) => [
    name,
    v.parse(schema, Properties),
  ]);
}
