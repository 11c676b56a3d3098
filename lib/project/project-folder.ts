import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const CONFIGURATION_FILE = 'serverless.yml';

/**
 * Finds the folder of a project: the nearest one with a serverless.yml, from a folder upwards. The folder
 * itself when there is none; what reads serverless.yml then says that it is missing.
 */
export function findProjectFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, CONFIGURATION_FILE))) return folder;
    if (dirname(folder) === folder) return from;
  }
}
