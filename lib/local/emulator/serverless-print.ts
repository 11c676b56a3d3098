import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StartError } from './start-error.ts';

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 16_777_216;

/**
 * Has serverless.yml resolved for a stage by the project's own osls; takes 2 to 3 seconds.
 * @param projectFolder where serverless.yml stands
 * @returns what `sls print --format json` prints, parsed
 * @throws StartError with what osls says, when the configuration is faulty
 */
export async function printServerlessConfiguration(
  projectFolder: string,
  stage: string,
): Promise<unknown> {
  const manifest = createRequire(join(projectFolder, 'package.json')).resolve('osls/package.json');
  const script = join(manifest, '..', 'bin', 'serverless.js');
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [script, 'print', '--stage', stage, '--format', 'json'],
      { cwd: projectFolder, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES },
    );
    return JSON.parse(stdout);
  } catch (error) {
    const stderrText =
      error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new StartError(
      `serverless.yml cannot be resolved for the stage ${stage}:\n${stderrText || String(error)}`,
    );
  }
}
