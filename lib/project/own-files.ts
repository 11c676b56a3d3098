import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import type { DestinationDeclaration } from '../destinations/declaration.ts';
import type { Mapping } from '../normalise/mapping.ts';

/** Where a project lists its destinations and its mappings, relative to its folder. */
export const OWN_FILES = {
  destinations: './functions/destinations.ts',
  mappings: './functions/mappings.ts',
} as const;

/** A file of the project cannot be loaded, or exports something else. The message says what to do. */
export class OwnFileError extends Error {
  override readonly name = 'OwnFileError';
}

/**
 * Loads the destinations of a project. A file is loaded once in each thread.
 * @param projectFolder the folder of serverless.yml
 * @param file relative to the folder
 * @throws OwnFileError
 */
export async function loadDestinations(
  projectFolder: string,
  file: string = OWN_FILES.destinations,
): Promise<readonly DestinationDeclaration[]> {
  const { destinations } = await load(projectFolder, file);
  if (isDestinations(destinations)) return destinations;
  throw new OwnFileError(
    `${toName(file)} exports no list of destinations: export const destinations = defineDestinations([...]);`,
  );
}

/**
 * Loads the mappings of a project.
 * @throws OwnFileError
 */
export async function loadMappings(
  projectFolder: string,
  file: string = OWN_FILES.mappings,
): Promise<ReadonlyMap<string, Mapping>> {
  const { mappings } = await load(projectFolder, file);
  if (isMappings(mappings)) return mappings;
  throw new OwnFileError(
    `${toName(file)} exports no mappings: export const mappings = defineMappings({ ... });`,
  );
}

async function load(
  projectFolder: string,
  file: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { href } = pathToFileURL(join(projectFolder, file));
  const module: unknown = await import(href).catch((error: unknown) => {
    throw new OwnFileError(
      `${toName(file)}, or a file that it imports, cannot be loaded. ${String(error)}`,
    );
  });
  return v.parse(v.looseObject({}), module);
}

/** Node does not check types: a merchant's file can export anything. What is in the list is checked later. */
function isDestinations(exported: unknown): exported is readonly DestinationDeclaration[] {
  return Array.isArray(exported);
}

function isMappings(exported: unknown): exported is ReadonlyMap<string, Mapping> {
  return exported instanceof Map;
}

function toName(file: string): string {
  return file.replace(/^\.\//, '');
}
