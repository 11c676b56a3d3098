import { readFile } from 'node:fs/promises';

/**
 * Reads twelve-destinations.ts as it has to be at functions/destinations.ts.
 * @param receiver the address of the destination `sandbox` on this machine
 */
export async function readTwelveDestinations(receiver: string): Promise<string> {
  const file = new URL('twelve-destinations.ts', import.meta.url);
  const text = await readFile(file, 'utf8');
  return text.replace("'RECEIVER'", `'${receiver}'`);
}
