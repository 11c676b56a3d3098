/** The part of dynalite that is used here; it brings no types of its own. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** @param options.createTableMs how long a new table stays in the state CREATING */
  export default function dynalite(options?: { readonly createTableMs?: number }): Server;
}
