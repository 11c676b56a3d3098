import { siblingModule } from '../../project/sibling-module.ts';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as v from 'valibot';

/** The list of destinations, relative to the project folder. */
const DESTINATIONS_FILE = 'functions/destinations.ts';
const TIMEOUT_MS = 10_000;

/** How the declarations of destinations are called in a message. */
export const DECLARED_DESTINATIONS = `what ${DESTINATIONS_FILE} declares`;

/**
 * Reads what is generated from functions/destinations.ts at the start: queues, mappings, environment
 * variables. The file is loaded in a new thread, as it and the files that it imports are now.
 * @returns a text that changes only when something would be generated in another way; null when the file
 * does not exist or cannot be loaded
 */
export async function readDeclaredDestinations(projectFolder: string): Promise<string | null> {
  const file = join(projectFolder, DESTINATIONS_FILE);
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (!exists) return null;
  const worker = new Worker(siblingModule(import.meta, 'declared-destinations-worker'), {
    workerData: file,
    execArgv: [],
  });
  try {
    // rejects when the thread ends with an error, which the bundler or the function itself reports
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const messages: unknown[] = await once(worker, 'message', { signal });
    return v.parse(v.string(), messages[0]);
  } catch {
    return null;
  } finally {
    await worker.terminate();
  }
}
