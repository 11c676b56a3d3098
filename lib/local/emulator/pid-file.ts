import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { isProcessAlive } from './process-alive.ts';

/** Where the pipeline that `npm start` runs can be reached, for the tools in other processes. */
const RunningSchema = v.object({
  pid: v.number(),
  webhookUrl: v.string(),
  sqsEndpoint: v.string(),
  dynamoEndpoint: v.string(),
  sinkEndpoint: v.string(),
});
export type Running = v.InferOutput<typeof RunningSchema>;

const REACH_LIMIT_MS = 1_000;

/** Notes that a pipeline runs. */
export async function writeRunning(projectFolder: string, running: Running): Promise<void> {
  await mkdir(join(projectFolder, '.local'), { recursive: true });
  await writeFile(fileIn(projectFolder), `${JSON.stringify(running, null, 2)}\n`);
}

/** Takes the note of this process back; another process's note stays. */
export async function removeRunning(projectFolder: string, pid: number): Promise<void> {
  const running = await readNote(projectFolder);
  if (running?.pid === pid) await rm(fileIn(projectFolder), { force: true });
}

/** The pipeline that runs now; null when there is none, or only the note of one that has ended. */
export async function findRunning(projectFolder: string): Promise<Running | null> {
  const running = await readNote(projectFolder);
  if (running === null || !isProcessAlive(running.pid)) return null;
  const reached = await fetch(`${running.sqsEndpoint}/health`, {
    signal: AbortSignal.timeout(REACH_LIMIT_MS),
  }).then(
    (response) => response.ok,
    () => false,
  );
  return reached ? running : null;
}

async function readNote(projectFolder: string): Promise<Running | null> {
  const text = await readFile(fileIn(projectFolder), 'utf8').catch(() => '');
  const note = v.safeParse(v.pipe(v.string(), v.parseJson(), RunningSchema), text);
  return note.success ? note.output : null;
}

function fileIn(projectFolder: string): string {
  return join(projectFolder, '.local', 'running.json');
}
