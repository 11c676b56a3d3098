/**
 * Takes the place of JMESPath in a bundle (serverless.yml, custom.esbuild.alias). Powertools Idempotency
 * could pick its key out of an event with it; our claims come with their keys (lib/fan-out/claim.ts).
 */
export function search(): never {
  throw new Error('JMESPath is left out of this bundle: custom.esbuild.alias');
}

/** Powertools' additions to the language: made with every configuration, and never asked. */
export const PowertoolsFunctions = Object;
