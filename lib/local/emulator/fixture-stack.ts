import { printServerlessConfiguration } from './serverless-print.ts';
import { describeStack, type Stack } from './stack.ts';

/**
 * The condition of package.json's `imports` for the destinations and mappings that the samples of events/
 * expect.
 */
const FIXTURE_CONDITION = 'fixture';

/**
 * Describes what serverless.yml declares for the stage local, with the destinations and mappings of
 * events/ in place of the merchant's own in functions/. For the demo and for tests, whose
 * expected results depend on these two.
 * @param projectFolder where serverless.yml is
 * @throws StartError when serverless.yml cannot be resolved or is not valid
 */
export async function readFixtureStack(projectFolder: string): Promise<Stack> {
  const stack = describeStack(
    await printServerlessConfiguration(projectFolder, 'local', [FIXTURE_CONDITION]),
  );
  // esbuild adds `module` only to an empty list
  return { ...stack, bundling: { ...stack.bundling, conditions: [FIXTURE_CONDITION, 'module'] } };
}
