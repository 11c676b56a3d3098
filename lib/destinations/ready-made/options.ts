import { redeemableCode } from '../../record/redeemable-code.ts';
import type { RelayRecord } from '../../record/record.ts';
import type { DestinationOptions } from '../destination.ts';
import type { HttpDestinationOptions } from '../http.ts';
import type { Batch } from '../queue-settings.ts';
import type { SecretReference } from '../secret.ts';

/** The options that every ready-made destination has. Each one that is given replaces what is preset. */
export interface ReadyMadeOptions extends Partial<DestinationOptions> {
  /** The key of the receiver. */
  readonly secret: SecretReference;
  /** The address in the stage local; by default a mock receiver on the developer's machine. */
  readonly local?: { readonly url: string };
  /** What to do when a request was sent and no response came. */
  readonly onNoResponse?: NonNullable<HttpDestinationOptions['onNoResponse']>;
}

/** The options of a ready-made destination that sends many records with one request. */
export interface ReadyMadeBatchOptions extends ReadyMadeOptions {
  readonly batch?: Batch;
}

/** What a receiver stores under a name. */
export type Value = string | number | boolean | null;

/** Values by their names, as the receiver calls them. */
export interface Values {
  readonly [name: string]: Value;
}

/** Returns whether a record hands out a code that can be used: what a message to a customer needs. */
export function hasRedeemableCode(record: RelayRecord): boolean {
  return redeemableCode(record) !== null;
}
