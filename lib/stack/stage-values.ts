import * as v from 'valibot';

const ParametersSchema = v.record(v.string(), v.unknown());
const StageSchema = v.object({
  provider: v.object({ stage: v.string() }),
  params: v.optional(v.record(v.string(), v.nullish(ParametersSchema, {})), {}),
});

/** The stage parameters of a stage. */
export interface StageValues {
  /** The values by name, as osls passes them to the configuration. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The parameters that serverless.yml declares for all stages. */
  readonly declaredNames: ReadonlySet<string>;
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
    declaredNames: new Set(Object.keys(params['default'] ?? {})),
  };
}
