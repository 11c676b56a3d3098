import { printServerlessConfiguration } from '../../lib/local/emulator/serverless-print.ts';
import { describeStack, type Stack } from '../../lib/local/emulator/stack.ts';

/** The conditions of package.json's `imports` for the destinations of a run, and mappings of events/. */
const CONDITIONS = ['chaos', 'fixture'];

/**
 * Describes what serverless.yml declares for the stage local, with the destinations of a chaos run.
 * @throws StartError when serverless.yml cannot be resolved or is not valid
 */
export async function readChaosStack(projectFolder: string): Promise<Stack> {
  const configuration = await printServerlessConfiguration(projectFolder, 'local', CONDITIONS);
  const stack = describeStack(configuration);
  return { ...stack, bundling: { ...stack.bundling, conditions: [...CONDITIONS, 'module'] } };
}
