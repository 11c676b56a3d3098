import { createDestinations } from '../../lib/destinations/create-destinations.ts';
import type { DestinationDeclaration } from '../../lib/destinations/declaration.ts';
import type { Destination } from '../../lib/destinations/destination.ts';
import { INLINE_SECRET_PREFIX } from '../../lib/destinations/secret.ts';
import { createSqsClient } from '../../lib/platform/sqs.ts';

/** Creates destinations as the stage local does: with a receiver on this machine, and their secrets inline. */
export function createLocally(
  declarations: readonly DestinationDeclaration[],
  url: string,
  secret: string,
): readonly Destination[] {
  const needs = declarations.flatMap((declaration) => declaration.needs);
  const environment = Object.fromEntries(
    needs.map(({ kind, variable }) => [
      variable,
      kind === 'address' ? url : `${INLINE_SECRET_PREFIX}${secret}`,
    ]),
  );
  return createDestinations(declarations, { environment, sqs: createSqsClient() });
}
