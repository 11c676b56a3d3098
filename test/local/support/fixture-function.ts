import { fileURLToPath } from 'node:url';
import type { FunctionDescription } from '../../../lib/local/emulator/serverless-config/functions.ts';

/** The folder of the repository. */
export const PROJECT_FOLDER = fileURLToPath(new URL('../../../', import.meta.url));

/** Describes a function whose handler is one of test/local/fixtures/functions. */
export function fixtureFunction(
  module: string,
  changes: Partial<FunctionDescription> = {},
): FunctionDescription {
  return {
    name: module,
    deployedName: `fixture-${module}`,
    module: `test/local/fixtures/functions/${module}`,
    exportName: 'handler',
    timeoutSeconds: 5,
    memoryMb: 128,
    environment: {},
    events: { routes: [], sources: [], unsupported: [] },
    ...changes,
  };
}

/** The settings of serverless.yml for bundling that matter to fixtures. */
export const BUNDLING = { bundle: true, minify: true, format: 'cjs' };
