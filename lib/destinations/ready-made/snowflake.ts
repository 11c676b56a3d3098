import type { RelayRecord } from '../../record/record.ts';
import type { DestinationDeclaration, StageParameter } from '../declaration.ts';
import { bearer, json } from '../http-request.ts';
import { http } from '../http.ts';
import { requireSync } from '../require-sync.ts';
import { retryLater } from '../response-outcome.ts';
import type { ReadyMadeBatchOptions } from './options.ts';

/** The options of `snowflake`. The secret is a programmatic access token. */
export interface SnowflakeOptions extends ReadyMadeBatchOptions {
  /** The address of your account, for example https://example-account.snowflakecomputing.com. */
  readonly url: string | StageParameter;
  readonly database: string;
  readonly schema: string;
  readonly warehouse: string;
  /** By default the role of the token's user. */
  readonly role?: string;
  /** The table, as SQL names it. It has the columns `id TEXT` and `content VARIANT`. */
  readonly table: string;
  /** What becomes the `content` of a record's row. */
  readonly row: (record: RelayRecord) => { readonly [key: string]: unknown };
}

/** Ours: the API description has no rate. A MERGE locks its table, so more of them at once would only wait. */
const LIMIT = { concurrency: 2 };
/** Ours: nobody waits for a row, and each statement keeps the warehouse running. */
const BATCH = { size: 500, windowSeconds: 60 };
const TIMEOUT_MS = 18_000;
/** A statement is cancelled before we stop waiting for it, so that none runs on while it is repeated. */
const CANCELLED_BEFORE_SECONDS = 3;

/**
 * Declares a destination that writes one row for each record into a table of Snowflake, one statement for
 * many rows. A record whose id is in the table is left as it is, so a repetition does no harm. Delivered
 * means that the rows are in the table. Written from snowflakedb/snowflake-rest-api-specs on GitHub,
 * specifications/sqlapi.yaml, version 2.0.0, of 2026-04-02.
 */
export function snowflake({
  database,
  schema,
  warehouse,
  role,
  table,
  row,
  timeoutMs = TIMEOUT_MS,
  ...options
}: SnowflakeOptions): DestinationDeclaration {
  const statement = `MERGE INTO ${table} AS kept
USING (SELECT value:id::TEXT AS id, value:content AS content FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))) AS sent
ON kept.id = sent.id
WHEN NOT MATCHED THEN INSERT (id, content) VALUES (sent.id, sent.content)`;
  const place = { database, schema, warehouse, ...(role === undefined ? {} : { role }) };
  const timeout = Math.max(1, Math.floor(timeoutMs / 1_000) - CANCELLED_BEFORE_SECONDS);
  return http({
    name: 'snowflake',
    limit: LIMIT,
    batch: BATCH,
    timeoutMs,
    ...options,
    headers: (token) => ({
      authorization: bearer(token),
      'x-snowflake-authorization-token-type': 'PROGRAMMATIC_ACCESS_TOKEN',
      accept: 'application/json',
    }),
    requestMany: (records) => {
      const rows = records.map((record) => ({ id: record.id, content: requireSync(row(record)) }));
      const bindings = { 1: { type: 'TEXT', value: json(rows).text } };
      return {
        path: '/api/v2/statements',
        body: json({ ...place, statement, bindings, timeout }),
      };
    },
    outcome: ({ status }) => {
      // still running: whether it succeeds is not known, and it has ended by then
      if (status === 202) return retryLater({ afterSeconds: 2 * timeout });
      // The statement failed: no such table, no right, a lock. That is because of no record, and all of
      // them wait until somebody has fixed it.
      return status === 422 ? retryLater() : undefined;
    },
  });
}
