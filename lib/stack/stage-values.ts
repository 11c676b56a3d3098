import * as v from 'valibot';

const ParametersSchema = v.record(v.string(), v.unknown());
const StageSchema = v.object({
  provider: v.object({ stage: v.string() }),
  params: v.optional(v.record(v.string(), v.nullish(ParametersSchema, {})), {}),
});

/** The keys of params that are no stage which can be deployed. */
const NOT_DEPLOYED = new Set(['default', 'local']);

/** The stage parameters of a stage. */
export interface StageValues {
  /** The values by name, as osls passes them to the configuration. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The parameters that any stage sets. One that another stage sets is empty in this one. */
  readonly declaredNames: ReadonlySet<string>;
  /** The stages that can be deployed: those under params in serverless.yml, without the stage local. */
  readonly stages: ReadonlySet<string>;
}

/** A parameter of the command line, as osls reads it. */
const COMMAND_LINE_PARAMETER = /^([^=]+)=(.+)$/s;

/**
 * Reads the parameters of the stage, in the order in which osls takes them: command line, stage, default.
 * @param configuration the resolved serverless configuration
 * @param commandLine the parameters of the command line, each as `name=value`
 */
export function readStageValues(
  configuration: unknown,
  commandLine: readonly string[],
): StageValues {
  const parsed = v.safeParse(StageSchema, configuration);
  const { provider, params } = parsed.success
    ? parsed.output
    : { provider: { stage: '' }, params: {} };
  const given = commandLine.map((each) => {
    const [, name = each, value = ''] = COMMAND_LINE_PARAMETER.exec(each) ?? [];
    return [name, value.trimEnd()] as const;
  });
  const values = {
    ...params['default'],
    ...params[provider.stage],
    ...Object.fromEntries(given),
  };
  return {
    values: Object.fromEntries(
      Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
    ),
    declaredNames: new Set(
      [...Object.values(params), values].flatMap((stage) => Object.keys(stage)),
    ),
    stages: new Set(Object.keys(params).filter((name) => !NOT_DEPLOYED.has(name))),
  };
}
