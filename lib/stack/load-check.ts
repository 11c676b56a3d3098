import { siblingModule } from '../project/sibling-module.ts';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseLogLine } from '../telemetry/log-lines.ts';
import { withUnpacked } from './zip-entries.ts';

/** A function as it was packaged. */
export interface PackagedFunction {
  readonly name: string;
  /** The path of its zip archive. */
  readonly archive: string;
  /** As in serverless.yml: `functions/receive.handler`. */
  readonly handler: string;
  /** Its variables, with values in place of what only CloudFormation knows. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The time that Lambda gives a function to start (Lambda developer guide, execution environment lifecycle). */
const MAX_LOAD_MS = 10_000;
const LOADER = fileURLToPath(siblingModule(import.meta, 'load-bundle'));
/** What Lambda itself sets, with credentials that open nothing. */
export const LAMBDA_ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  TZ: ':UTC',
};
/** Errors are reported on any level but SILENT, which a stage can choose. */
const REPORTING_ENVIRONMENT = { POWERTOOLS_LOG_LEVEL: 'INFO' };

/**
 * Loads each packaged function once with its environment, in a process of its own, without network and
 * with a time limit, as Lambda does when it starts it. What it would only find out after the deploy shows
 * here: a ConfigError, a module that is missing, a destination whose address is not valid.
 * @returns one text for each function that cannot start, or that reports an error when it starts
 */
export async function findLoadFaults(
  functions: readonly PackagedFunction[],
  maxLoadMs = MAX_LOAD_MS,
): Promise<readonly string[]> {
  const faults = await Promise.all(
    functions.map(async (packaged) => {
      const fault = await loadOnce(packaged, maxLoadMs);
      return fault === null ? [] : [`The function ${packaged.name} ${fault}`];
    }),
  );
  return faults.flat();
}

function loadOnce(
  { archive, handler, environment }: PackagedFunction,
  maxLoadMs: number,
): Promise<string | null> {
  const { file, exportName } = toBundle(handler);
  return withUnpacked(archive, (folder) =>
    run(
      [LOADER, join(folder, file), exportName],
      { ...LAMBDA_ENVIRONMENT, ...environment, ...REPORTING_ENVIRONMENT },
      maxLoadMs,
    ),
  );
}

/** Returns the file of a handler in its archive, and the name of the function that the file exports. */
export function toBundle(handler: string): { readonly file: string; readonly exportName: string } {
  const at = handler.lastIndexOf('.');
  return { file: `${handler.slice(0, at)}.cjs`, exportName: handler.slice(at + 1) };
}

async function run(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  maxLoadMs: number,
): Promise<string | null> {
  const child = spawn(process.execPath, command, {
    env,
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: maxLoadMs,
    killSignal: 'SIGKILL',
  });
  const closed = new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  const [stdout, stderr, { code, signal }] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    closed,
  ]);
  if (signal === 'SIGKILL') return `does not start within ${maxLoadMs / 1_000} s.`;
  if (code !== 0) return `cannot start. ${stderr.trim()}`;
  const reported = findReportedErrors(`${stdout}\n${stderr}`);
  return reported.length === 0 ? null : `reports when it starts:\n  ${reported.join('\n  ')}`;
}

function findReportedErrors(output: string): readonly string[] {
  return output.split('\n').flatMap((line) => {
    const parsed = parseLogLine(line);
    if (parsed.kind !== 'error') return [];
    const { code, issues = [] } = parsed.entry;
    return [[code, ...issues].join(': ')];
  });
}
