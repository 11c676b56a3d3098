import * as v from 'valibot';
import { findConcurrencyFault } from './account-concurrency.ts';
import type { PlannedDestination } from './plan-destinations.ts';
import { findClosest } from './find-closest.ts';
import { findParameterFaults, UNUSED } from './stage-parameters.ts';
import { readStageValues } from './stage-values.ts';

/** What is known of a stage before it is packaged. */
export interface StageInput {
  /** The resolved serverless configuration. */
  readonly configuration: unknown;
  /** The text of serverless.yml and of the files that it includes, with their variables. */
  readonly source: string;
  /** The parameters of the command line, each as `name=value`. */
  readonly commandLine: readonly string[];
  /** Whether a stack is made, whose alarms need a recipient. */
  readonly needsRecipient: boolean;
  /** The destinations of the stage. */
  readonly destinations: readonly PlannedDestination[];
  /** The stage parameters that declarations of destinations read. */
  readonly destinationParameters: readonly string[];
}

/** What is wrong with a stage: a message that lists all of it, and the code of the error. */
export interface StageFaults {
  readonly message: string;
  readonly code: 'INVALID_PARAMETERS' | 'NO_ALARM_RECIPIENT';
}

/** A stage with a recipient for its alarms, or with alarms that are explicitly off. */
const AlarmRecipientSchema = v.object({
  custom: v.object({
    relay: v.object({
      alarms: v.union([
        v.object({ notification: v.literal('none') }),
        v.object({ notification: v.literal('mail'), email: v.pipe(v.string(), v.email()) }),
      ]),
    }),
  }),
});

const StageNameSchema = v.object({ provider: v.object({ stage: v.string() }) });
/** A use of a stage parameter in serverless.yml. */
const PARAMETER_USE = /\$\{param:([\w-]+)/g;

const NO_RECIPIENT =
  'The alarms of this stage have no recipient. Set alarmEmail in the stage’s file in stages/, or with --param="alarmEmail=you@example.com". To deploy without: alarms: none';
const HOW = 'in the stage’s file in stages/, or with --param="name=value".';

/** Finds all that is wrong with a stage at once, each fault with its fix; null when nothing is. */
export function findStageFaults(input: StageInput): StageFaults | null {
  const { configuration, source, commandLine, needsRecipient } = input;
  const hasRecipient = !needsRecipient || v.is(AlarmRecipientSchema, configuration);
  const { values, stages } = readStageValues(configuration, commandLine);
  const used = [...source.matchAll(PARAMETER_USE)].map(([, name = '']) => name);
  const otherNames = new Set([...used, ...input.destinationParameters]);
  const parameterFaults = findParameterFaults(values, otherNames);
  // the caps are added up once each of them is valid
  const concurrencyFault =
    parameterFaults.length === 0 ? findConcurrencyFault(values, input.destinations) : null;
  const faults = [
    ...findUnknownStage(configuration, stages),
    ...(hasRecipient ? [] : [NO_RECIPIENT]),
    ...parameterFaults,
    ...(concurrencyFault === null ? [] : [concurrencyFault]),
  ];
  if (faults.length === 0) return null;
  return {
    message: describeFaults(faults, hasRecipient),
    code: hasRecipient ? 'INVALID_PARAMETERS' : 'NO_ALARM_RECIPIENT',
  };
}

/** A stage without settings of its own is a misspelt one: it would be deployed beside the one that was meant. */
function findUnknownStage(configuration: unknown, stages: ReadonlySet<string>): readonly string[] {
  const parsed = v.safeParse(StageNameSchema, configuration);
  if (!parsed.success || stages.has(parsed.output.provider.stage)) return [];
  const { stage } = parsed.output.provider;
  const closest = findClosest(stage, stages);
  const question = closest === null ? '' : `did you mean ${closest}? If not, `;
  return [
    `The stage ${stage} has no settings: ${question}create stages/${stage}.yml, and add the line \`${stage}: \${file(./stages/${stage}.yml)}\` under params in serverless.yml`,
  ];
}

function describeFaults(faults: readonly string[], hasRecipient: boolean): string {
  if (faults.length > 1) {
    const lines = faults.map((fault) => `  ${fault}`);
    return [`The stage has ${faults.length} faults:`, ...lines, `Set them ${HOW}`].join('\n');
  }
  // these faults say themselves how to fix them
  const saysHow = !hasRecipient || faults.some((fault) => fault.includes(UNUSED));
  return [...faults, ...(saysHow ? [] : [`Set it ${HOW}`])].join('\n');
}
