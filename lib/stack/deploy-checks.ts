import { join } from 'node:path';
import * as v from 'valibot';
import { readConfigurationFiles } from '../local/emulator/watch-configuration.ts';
import { encryptTemplate } from './encrypt-template.ts';
import { findLoadFaults, type PackagedFunction } from './load-check.ts';
import { toPackagedEnvironment } from './packaged-environment.ts';
import { listStageParameters } from './plan-destinations.ts';
import { releaseVersion } from './release-version.ts';
import {
  type AppliedDestinations,
  readCompiledResources,
  type Serverless,
  withClients,
} from './serverless.ts';
import { findPolicyFaults, findResourceFaults } from './stack-limits.ts';
import { findStageFaults } from './stage-faults.ts';
import { readStageValues } from './stage-values.ts';

// What a command checks before it changes a stack, each at its time. A fault ends the command.

const RECEIVE = 'receive';
const QueuePrefixSchema = v.object({
  custom: v.object({ relay: v.object({ destinationQueues: v.string() }) }),
});
/** The stage parameters that choose what is added to the template. What is wrong with them is reported with all others. */
const TemplateParametersSchema = v.object({
  kmsKeyArn: v.fallback(v.string(), ''),
  releases: v.fallback(v.string(), ''),
});
const RegionSchema = v.object({ provider: v.looseObject({ region: v.string() }) });
const ParametersSchema = v.record(v.string(), v.unknown());
/** What loading a function takes: its archive, its handler, its variables. */
const ServiceSchema = v.object({
  functions: v.record(v.string(), v.object({ package: v.object({ artifact: v.string() }) })),
});
const FunctionsSchema = v.object({
  provider: v.object({
    region: v.string(),
    environment: v.optional(ParametersSchema, {}),
  }),
  functions: v.record(
    v.string(),
    v.object({ handler: v.string(), environment: v.optional(ParametersSchema, {}) }),
  ),
  resources: v.object({ Resources: ParametersSchema }),
});

/** Rejects the deploy of code that would get no webhook: behind the alias, versions get them. */
export function rejectIneffectiveDeploy(
  serverless: Serverless,
  options: { function?: string },
): void {
  const { releases } = readTemplateParameters(serverless);
  if (options.function !== RECEIVE || releases !== 'canary') return;
  throw new serverless.classes.Error(
    'With releases: canary, webhooks go to a version of receive, and this command makes none. Deploy the stack: npx sls deploy',
    'RELEASE_NOT_POSSIBLE',
  );
}

/** Rejects a stage with all its faults at once, each with its fix. */
export async function requireValidStage(
  serverless: Serverless,
  { declarations, planned }: AppliedDestinations,
  needsRecipient: boolean,
): Promise<void> {
  const { classes, configurationInput, processedInput, serviceDir } = serverless;
  const faults = findStageFaults({
    configuration: configurationInput,
    source: [...(await readConfigurationFiles(serviceDir)).values()].join('\n'),
    commandLine: processedInput.options?.param ?? [],
    needsRecipient,
    destinations: planned,
    destinationParameters: listStageParameters(declarations),
  });
  if (faults !== null) throw new classes.Error(faults.message, faults.code);
}

/** Adds to the compiled template what the stage chooses of what osls cannot express. */
export function completeTemplate(serverless: Serverless): void {
  const resources = readCompiledResources(serverless);
  encryptTemplate(resources, readTemplateParameters(serverless).kmsKeyArn);
  const fault = releaseVersion(resources);
  if (fault !== null) throw new serverless.classes.Error(fault, 'RELEASE_NOT_POSSIBLE');
}

function readTemplateParameters({ configurationInput, processedInput }: Serverless) {
  const { values } = readStageValues(configurationInput, processedInput.options?.param ?? []);
  return v.parse(TemplateParametersSchema, values);
}

/** Rejects a template that AWS would not accept because of its size. */
export function requireAcceptable(serverless: Serverless): void {
  const Resources = readCompiledResources(serverless);
  const { provider } = v.parse(RegionSchema, serverless.configurationInput);
  const faults = [
    ...findResourceFaults(Object.keys(Resources).length),
    ...findPolicyFaults({ provider, functions: {}, resources: { Resources } }),
  ];
  if (faults.length > 0) throw new serverless.classes.Error(faults.join('\n'), 'STACK_TOO_LARGE');
}

/** Rejects a deploy after which nobody would deliver what is in the queue of a removed destination. */
export async function requireNoneLeftBehind(
  serverless: Serverless,
  { declarations, planned }: AppliedDestinations,
): Promise<void> {
  const { findRemovedQueues } = await import('./removed-queues.ts');
  const { custom } = v.parse(QueuePrefixSchema, serverless.configurationInput);
  const faults = await withClients(serverless, ({ sqs }) =>
    findRemovedQueues(
      sqs,
      custom.relay.destinationQueues,
      new Set(planned.map(({ queueName }) => queueName)),
      new Set(declarations.map(({ id }) => id)),
    ),
  );
  if (faults.length > 0) {
    throw new serverless.classes.Error(faults.join('\n'), 'DELIVERIES_LEFT_BEHIND');
  }
}

/** Rejects a deploy whose functions could not start, or whose receive fails on a sample. */
export async function requireLoadable(
  serverless: Serverless,
  functionName?: string,
): Promise<void> {
  const { classes, serviceDir } = serverless;
  const packaged = listPackaged(serverless, functionName);
  const faults = await findLoadFaults(packaged);
  if (faults.length > 0) throw new classes.Error(faults.join('\n'), 'FUNCTION_CANNOT_START');
  const receive = packaged.find(({ name }) => name === RECEIVE);
  if (receive === undefined) return;
  const { findSampleFaults } = await import('./sample-check.ts');
  const samples = await findSampleFaults(receive, join(serviceDir, 'events'));
  if (samples.length > 0) throw new classes.Error(samples.join('\n'), 'SAMPLES_FAIL');
}

function listPackaged(
  { serviceDir, configurationInput, service }: Serverless,
  functionName: string | undefined,
): readonly PackagedFunction[] {
  const packaged = v.parse(ServiceSchema, service).functions;
  const { provider, functions, resources } = v.parse(FunctionsSchema, configurationInput);
  return Object.entries(functions)
    .filter(([name]) => functionName === undefined || name === functionName)
    .map(([name, { handler, environment }]) => ({
      name,
      archive: join(serviceDir, packaged[name]?.package.artifact ?? ''),
      handler,
      environment: toPackagedEnvironment(
        { ...provider.environment, ...environment },
        resources.Resources,
        provider.region,
      ),
    }));
}
