import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { isProcessAlive } from './process.ts';

/** The addresses of the local pipeline of `npm start`, for commands in other processes. */
const RunningLocalPipelineSchema = v.object({
  pid: v.number(),
  webhookUrl: v.string(),
  sqsEndpoint: v.string(),
  dynamoEndpoint: v.string(),
  mockEndpoint: v.string(),
});
export type RunningLocalPipeline = v.InferOutput<typeof RunningLocalPipelineSchema>;

const HEALTH_TIMEOUT_MS = 1_000;

/** Writes the file that says that a local pipeline runs, and where. */
export async function writePidFile(
  projectFolder: string,
  running: RunningLocalPipeline,
): Promise<void> {
  await mkdir(join(projectFolder, '.local'), { recursive: true });
  await writeFile(getPidFilePath(projectFolder), `${JSON.stringify(running, null, 2)}\n`);
}

/** Removes the file if this process wrote it; another process's file stays. */
export async function removePidFile(projectFolder: string, pid: number): Promise<void> {
  const running = await readPidFile(projectFolder);
  if (running?.pid === pid) await rm(getPidFilePath(projectFolder), { force: true });
}

/** Finds the running local pipeline; null when none runs, even if the file of a killed process is left. */
export async function findRunningLocalPipeline(
  projectFolder: string,
): Promise<RunningLocalPipeline | null> {
  const running = await readPidFile(projectFolder);
  if (running === null || !isProcessAlive(running.pid)) return null;
  const isReachable = await fetch(`${running.sqsEndpoint}/health`, {
    signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
  }).then(
    (response) => response.ok,
    () => false,
  );
  return isReachable ? running : null;
}

async function readPidFile(projectFolder: string): Promise<RunningLocalPipeline | null> {
  const text = await readFile(getPidFilePath(projectFolder), 'utf8').catch(() => '');
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), RunningLocalPipelineSchema), text);
  return parsed.success ? parsed.output : null;
}

function getPidFilePath(projectFolder: string): string {
  return join(projectFolder, '.local', 'running.json');
}
