import type { DestinationDeclaration } from './declaration.ts';

/**
 * Lists the destinations of a project, in functions/destinations.ts. Packaging and the function itself
 * check the list (checkDestinations).
 */
export function defineDestinations(
  declarations: readonly DestinationDeclaration[],
): readonly DestinationDeclaration[] {
  return declarations;
}
