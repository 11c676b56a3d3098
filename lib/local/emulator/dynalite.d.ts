/** The part of dynalite that we use; dynalite has no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** @param options.createTableMs how long a new table stays in the status CREATING */
  export default function dynalite(options?: { readonly createTableMs?: number }): Server;
}
