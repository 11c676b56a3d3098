import * as v from 'valibot';
import { findParameterFaults } from './stage-parameters.ts';

/** What is known of a stage before it is packaged. */
export interface StageInput {
  /** The resolved serverless configuration. */
  readonly configuration: unknown;
  /** The text of serverless.yml, with its variables. */
  readonly source: string;
  /** The parameters of the command line, each as `name=value`. */
  readonly commandLine: readonly string[];
  /** Whether a stack is made, whose alarms need a recipient. */
  readonly needsRecipient: boolean;
}

/** What is wrong with a stage: a message that lists all of it, and the code of the error. */
export interface StageFaults {
  readonly message: string;
  readonly code: 'INVALID_PARAMETERS' | 'NO_ALARM_RECIPIENT';
}

/** A stage with a recipient for its alarms, or with alarms that are explicitly off. */
const AlarmRecipientSchema = v.object({
  custom: v.object({
    alarms: v.union([
      v.object({ notification: v.literal('none') }),
      v.object({ notification: v.literal('mail'), email: v.pipe(v.string(), v.email()) }),
    ]),
  }),
});
const ParametersSchema = v.record(v.string(), v.unknown());
const StageSchema = v.object({
  provider: v.object({ stage: v.string() }),
  params: v.optional(v.record(v.string(), v.nullish(ParametersSchema, {})), {}),
});
type Stage = v.InferOutput<typeof StageSchema>;
const NO_STAGE: Stage = { provider: { stage: '' }, params: {} };

/** A use of a stage parameter in serverless.yml. */
const PARAMETER_USE = /\$\{param:([\w-]+)/g;
/** A parameter of the command line, as osls reads it. */
const COMMAND_LINE_PARAMETER = /^([^=]+)=(.+)$/s;

const NO_RECIPIENT =
  'The alarms of this stage have no recipient. Set one with --param="alarmEmail=you@example.com", or under params in serverless.yml. To deploy without: --param="alarms=none"';
const HOW = 'with --param="name=value", or under params in serverless.yml.';

/** Finds all that is wrong with a stage at once, each fault with its fix; null when nothing is. */
export function findStageFaults(input: StageInput): StageFaults | null {
  const { configuration, source, commandLine, needsRecipient } = input;
  const hasRecipient = !needsRecipient || v.is(AlarmRecipientSchema, configuration);
  const parsed = v.safeParse(StageSchema, configuration);
  const stage = parsed.success ? parsed.output : NO_STAGE;
  const faults = [
    ...(hasRecipient ? [] : [NO_RECIPIENT]),
    ...findParameterFaults(readParameters(stage, commandLine), readDeclaredNames(stage, source)),
  ];
  if (faults.length === 0) return null;
  return {
    message: describeFaults(faults, hasRecipient),
    code: hasRecipient ? 'INVALID_PARAMETERS' : 'NO_ALARM_RECIPIENT',
  };
}

function describeFaults(faults: readonly string[], hasRecipient: boolean): string {
  if (faults.length > 1) {
    const lines = faults.map((fault) => `  ${fault}`);
    return [`The stage has ${faults.length} faults:`, ...lines, `Set them ${HOW}`].join('\n');
  }
  // the fault about alarms says itself how to fix it
  return [...faults, ...(hasRecipient ? [`Set it ${HOW}`] : [])].join('\n');
}

/** The parameters of the stage, in the order in which osls takes them: command line, stage, default. */
function readParameters(
  { provider, params }: Stage,
  commandLine: readonly string[],
): Record<string, unknown> {
  const given = commandLine.map((each) => {
    const [, name = each, value = ''] = COMMAND_LINE_PARAMETER.exec(each) ?? [];
    return [name, value.trimEnd()] as const;
  });
  const parameters = {
    ...params['default'],
    ...params[provider.stage],
    ...Object.fromEntries(given),
  };
  return Object.fromEntries(
    Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** The parameters that serverless.yml declares for all stages, or uses. */
function readDeclaredNames({ params }: Stage, source: string): ReadonlySet<string> {
  const used = [...source.matchAll(PARAMETER_USE)].map(([, name = '']) => name);
  return new Set([...Object.keys(params['default'] ?? {}), ...used]);
}
