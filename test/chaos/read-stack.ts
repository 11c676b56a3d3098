import { FIXTURE_FILES } from '../../lib/local/emulator/fixture-stack.ts';
import { printServerlessConfiguration } from '../../lib/local/emulator/serverless-print.ts';
import { describeStack, type Stack } from '../../lib/local/emulator/stack.ts';

/** The destinations of a run, and the mappings of events/. */
const FILES = { ...FIXTURE_FILES, destinationsFile: './test/chaos/destinations.ts' };

/**
 * Describes what serverless.yml declares for the stage local, with the destinations of a chaos run.
 * @throws StartError when serverless.yml cannot be resolved or is not valid
 */
export async function readChaosStack(projectFolder: string): Promise<Stack> {
  return describeStack(await printServerlessConfiguration(projectFolder, 'local', FILES));
}
