import type { DestinationDeclaration, Runtime } from './declaration.ts';
import type { Destination } from './destination.ts';

/** Creates the destinations that exist in this stage, when the function starts. */
export function createDestinations(
  declarations: readonly DestinationDeclaration[],
  runtime: Runtime,
): readonly Destination[] {
  return declarations
    .map((declaration) => declaration.create(runtime))
    .filter((destination) => destination !== null);
}
