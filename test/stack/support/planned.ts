import type { DestinationDeclaration, Need } from '../../../lib/destinations/declaration.ts';
import { withDefaults } from '../../../lib/destinations/destination.ts';
import type { Batch, Limit } from '../../../lib/destinations/queue-settings.ts';
import {
  type Plan,
  planDestinations,
  type PlannedStage,
} from '../../../lib/stack/plan-destinations.ts';

/** What a test says of a declaration. */
export interface DeclarationOptions {
  readonly name: string;
  readonly formerly?: string;
  readonly limit?: Partial<Limit>;
  readonly batch?: Batch;
  readonly needs?: readonly Need[];
  readonly sharedByStages?: boolean;
}

/** A declaration that is only packaged. */
export function declare({ needs = [], ...options }: DeclarationOptions): DestinationDeclaration {
  return { ...withDefaults(options), kind: 'http', needs, create: () => null };
}

/** The stage prod of a service without parameters and resources. */
export const STAGE: PlannedStage = {
  name: 'prod',
  isLocal: false,
  queuePrefix: 'relay-prod-to-',
  resources: {},
  values: {},
  declaredNames: new Set(),
  stages: new Set(['prod']),
};

/** Plans one destination in a stage. */
export function planned(options: DeclarationOptions, stage: Partial<PlannedStage> = {}): Plan {
  return planDestinations([declare(options)], { ...STAGE, ...stage });
}
