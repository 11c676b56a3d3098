import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { StartError } from './start-error.ts';

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 16_777_216;

/**
 * Resolves serverless.yml for a stage with the project's own osls; takes 2 to 3 seconds.
 * @param projectFolder the folder of serverless.yml
 * @param parameters stage parameters, in place of those of the stage
 * @returns the parsed output of `sls print --format json`
 * @throws StartError with the message of osls, when the configuration is not valid
 */
export async function printServerlessConfiguration(
  projectFolder: string,
  stage: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const options = Object.entries(parameters).map(([name, value]) => `--param=${name}=${value}`);
  const manifest = createRequire(join(projectFolder, 'package.json')).resolve('osls/package.json');
  const script = join(manifest, '..', 'bin', 'serverless.js');
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [script, 'print', '--stage', stage, '--format', 'json', ...options],
      {
        cwd: projectFolder,
        timeout: TIMEOUT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
      },
    );
    return JSON.parse(stdout);
  } catch (error) {
    throw new StartError(
      `serverless.yml cannot be resolved for the stage ${stage}:\n${readOslsError(error)}`,
    );
  }
}

const OutputSchema = v.object({ stdout: v.string(), stderr: v.string() });
/** What osls prints beside an error. */
const BANNER = /^(?:Environment: .*|Docs: .*|Error:|)$/;
/** What osls says of a stage file that is missing, has only comments, or is empty. */
const EMPTY_STAGE_FILE = /params\.([\w-]+)": (?:Value not found at|Source) "file"/;

/** The text of an error of osls: it prints errors to stdout, and its banner to either stream. */
function readOslsError(error: unknown): string {
  const output = v.safeParse(OutputSchema, error);
  if (!output.success) return String(error);
  const { stdout, stderr } = output.output;
  const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim());
  const text = lines.filter((line) => !BANNER.test(line)).join('\n');
  const stage = EMPTY_STAGE_FILE.exec(text)?.[1];
  if (stage !== undefined) {
    return `stages/${stage}.yml is missing or has no setting. Write one into it, or {}.`;
  }
  return text || String(error);
}
