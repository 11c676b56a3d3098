import { printServerlessConfiguration } from './serverless-print.ts';
import { describeStack, type Stack } from './stack.ts';

/** The stage parameters for the destinations and mappings that the samples of events/ expect. */
export const FIXTURE_FILES = {
  destinationsFile: './events/fixture-destinations.ts',
  mappingsFile: './events/fixture-mappings.ts',
};

/**
 * Describes what serverless.yml declares for the stage local, with the destinations and mappings of
 * events/ in place of the merchant's own in functions/. For the demo and for tests, whose
 * expected results depend on these two.
 * @param projectFolder where serverless.yml is
 * @throws StartError when serverless.yml cannot be resolved or is not valid
 */
export async function readFixtureStack(projectFolder: string): Promise<Stack> {
  return describeStack(await printServerlessConfiguration(projectFolder, 'local', FIXTURE_FILES));
}
