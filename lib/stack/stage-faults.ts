import * as v from 'valibot';
import { findConcurrencyFault } from './account-concurrency.ts';
import type { PlannedDestination } from './plan-destinations.ts';
import { findParameterFaults } from './stage-parameters.ts';
import { readStageValues } from './stage-values.ts';

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

/** A use of a stage parameter in serverless.yml. */
const PARAMETER_USE = /\$\{param:([\w-]+)/g;

const NO_RECIPIENT =
  'The alarms of this stage have no recipient. Set one with --param="alarmEmail=you@example.com", or under params in serverless.yml. To deploy without: --param="alarms=none"';
const HOW = 'with --param="name=value", or under params in serverless.yml.';

/** Finds all that is wrong with a stage at once, each fault with its fix; null when nothing is. */
export function findStageFaults(input: StageInput): StageFaults | null {
  const { configuration, source, commandLine, needsRecipient } = input;
  const hasRecipient = !needsRecipient || v.is(AlarmRecipientSchema, configuration);
  const { values, declaredNames } = readStageValues(configuration, commandLine);
  const used = [...source.matchAll(PARAMETER_USE)].map(([, name = '']) => name);
  const otherNames = new Set([...declaredNames, ...used, ...input.destinationParameters]);
  const parameterFaults = findParameterFaults(values, otherNames);
  // the caps are added up once each of them is valid
  const concurrencyFault =
    parameterFaults.length === 0 ? findConcurrencyFault(values, input.destinations) : null;
  const faults = [
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

function describeFaults(faults: readonly string[], hasRecipient: boolean): string {
  if (faults.length > 1) {
    const lines = faults.map((fault) => `  ${fault}`);
    return [`The stage has ${faults.length} faults:`, ...lines, `Set them ${HOW}`].join('\n');
  }
  // the fault about alarms says itself how to fix it
  return [...faults, ...(hasRecipient ? [`Set it ${HOW}`] : [])].join('\n');
}
