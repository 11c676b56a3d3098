import { printServerlessConfiguration } from './serverless-print.ts';
import { describeStack, type Stack } from './stack.ts';

/**
 * The conditions of package.json's `imports` under which the functions are bundled with the
 * destinations and mappings that the samples of events/ expect. `module` is there because esbuild adds
 * it only to an empty list.
 */
const FIXTURE_CONDITIONS = ['fixture', 'module'];

/**
 * Describes what serverless.yml declares for the stage local, with the destinations and mappings of
 * events/ in place of the merchant's own in functions/. For the demo and for tests, whose
 * expected results depend on these two.
 * @param projectFolder where serverless.yml is
 * @throws StartError when serverless.yml cannot be resolved or is not valid
 */
export async function readFixtureStack(projectFolder: string): Promise<Stack> {
  const stack = describeStack(await printServerlessConfiguration(projectFolder, 'local'));
  return { ...stack, bundling: { ...stack.bundling, conditions: FIXTURE_CONDITIONS } };
}
