import * as v from 'valibot';
import { withDeadline } from '../platform/deadline.ts';
import { ReconcileError, PauseError } from './failure.ts';
import type { Credentials } from './credentials.ts';
import {
  EXPORT_FIELDS,
  type PublicationPage,
  PublicationPageSchema,
  toPublicationPage,
} from './publication.ts';

// What is used of Voucherify's API, from its OpenAPI file and guides (github.com/voucherifyio/voucherify-openapi,
// commit 65c33a7, August 2026): documentation/openapi/exports.json, publications.json, management.json,
// documentation/guides/limits.mdx, csv-export.mdx, authentication.mdx.
//
// Not documented, and what is done about it: whether $after and $before include their times (a second more is
// asked for, and cut off here); how long the token of a download is valid (each slice reads the export again);
// the order of publications of the same time (reconcile.ts changes to an export); how a column of metadata looks
// (none is asked for).

/** Which publications are asked for. */
export interface PublicationFilter {
  /** The name of a campaign; null for all. */
  readonly campaign: string | null;
}

/** A period: `since` belongs to it, `until` does not. */
export interface Period {
  readonly since: Date;
  readonly until: Date;
}

/** How far an export is. `url` of its file, with a token, which is a secret. */
export type ExportState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'done'; readonly url: URL };

/** A webhook of the project's settings. */
export interface ProjectWebhook {
  readonly id: string;
  readonly isActive: boolean;
  readonly targetUrl: string;
  readonly events: readonly string[];
}

/** Voucherify's API. Every method rejects with an ReconcileError, or with a PauseError at the limit of calls. */
export interface VoucherifyApi {
  /** One page of up to PAGE_SIZE publications, the latest first. @param page from 1 to MAX_PAGE */
  readonly listPublications: (
    page: number,
    filter: PublicationFilter & { readonly code?: string; readonly result?: 'FAILURE' },
  ) => Promise<PublicationPage>;
  /** Starts an export of the successful publications of a period, the oldest first. Returns its id. */
  readonly createExport: (period: Period, filter: PublicationFilter) => Promise<string>;
  readonly readExport: (id: string) => Promise<ExportState>;
  /** The bytes of a file, as they arrive. Whoever stops reading closes the connection. */
  readonly download: (url: URL) => AsyncIterable<Uint8Array>;
  readonly deleteExport: (id: string) => Promise<void>;
  /** The webhooks of the project's settings; null without keys of the Management API. */
  readonly listWebhooks: () => Promise<readonly ProjectWebhook[] | null>;
  /** How many calls were made. */
  readonly countCalls: () => number;
}

/** The dependencies of `createVoucherifyApi`. */
export interface VoucherifyApiDeps {
  readonly credentials: Credentials;
  readonly now: () => Date;
  readonly wait: (ms: number) => Promise<unknown>;
  /** No call waits or is repeated after this time; a PauseError says when to go on. */
  readonly sliceEndsAtMs: number;
}

/** The most that Voucherify lists at once (parameter `limit`). */
export const PAGE_SIZE = 100;
/** The last page that the schema of the parameter `page` allows; the text of the same page says 1,000. */
export const MAX_PAGE = 100;

const CALL_DEADLINE_MS = 6_000;
/** Between two parts of a file: a file is as long as it is, but does not stall. */
const CHUNK_DEADLINE_MS = 6_000;
/** A page with a hundred customers and their metadata has less. */
const MAX_BODY_BYTES = 16_000_000;
const MAX_TRIES = 3;
const BACKOFF_MS = 500;
/**
 * The share of the limit of calls that is left to the merchant's checkout: Voucherify blocks every call of the
 * account beyond the limit (guide "Limits").
 */
const RESERVED_SHARE = 0.5;
/** How long no call is made then, when Voucherify does not say until when. */
const RESERVE_PAUSE_MS = 15_000;
/** Longer waits are for the limit of a month: a person has to know. */
const MAX_PAUSE_MS = 3_660_000;
const BOUNDARY_MS = 1_000;

const ExportCreatedSchema = v.object({ id: v.pipe(v.string(), v.nonEmpty()) });
const ExportSchema = v.variant('status', [
  v.object({ status: v.picklist(['SCHEDULED', 'IN_PROGRESS']) }),
  v.object({ status: v.literal('ERROR') }),
  v.object({ status: v.literal('DONE'), result: v.object({ url: v.string() }) }),
]);
const WebhooksSchema = v.object({
  data: v.array(
    v.object({
      id: v.string(),
      active: v.boolean(),
      target_url: v.string(),
      events: v.array(v.string()),
    }),
  ),
});

/** One call. `name` as in Voucherify's documentation. */
interface Call {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: { readonly [name: string]: string };
  readonly body?: unknown;
  readonly isManagement?: boolean;
}

/** Creates a client of Voucherify's API, for one slice. It follows no redirects, and its errors quote nothing. */
export function createVoucherifyApi(deps: VoucherifyApiDeps): VoucherifyApi {
  const { credentials, now, wait, sliceEndsAtMs } = deps;
  const keys = { 'x-app-id': credentials.applicationId, 'x-app-token': credentials.secretKey };
  let calls = 0;
  /** No call is made before this time. */
  let nextCallAtMs = 0;

  const waitUntil = async (timeMs: number): Promise<void> => {
    const ms = timeMs - now().getTime();
    if (ms <= 0) return;
    if (timeMs > sliceEndsAtMs) throw new PauseError(new Date(timeMs));
    await wait(ms);
  };

  /** Makes one call, without repeating it. */
  const send = async (
    call: Call,
  ): Promise<{ readonly response: Response; readonly body: string }> => {
    await waitUntil(nextCallAtMs);
    const url = new URL(call.path, credentials.apiUrl);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    calls += 1;
    return withDeadline(CALL_DEADLINE_MS, async (signal) => {
      const response = await fetch(url, {
        method: call.method,
        headers: {
          accept: 'application/json',
          ...(call.body !== undefined && { 'content-type': 'application/json' }),
          ...(call.isManagement === true ? toManagementKeys(credentials) : keys),
        },
        ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
        redirect: 'error',
        signal,
      });
      if (call.isManagement !== true) {
        nextCallAtMs = readNextCall(response.headers, now());
      }
      return { response, body: await readBody(response, call.name) };
    });
  };

  /** Makes a call, and repeats it where that can help. Returns the text of a 2xx. */
  const request = async (call: Call): Promise<string> => {
    for (let tries = 1; ; tries += 1) {
      const error = await trySend(call);
      if (typeof error === 'string') return error;
      // an export that was perhaps begun is not begun again
      const isLast = tries === MAX_TRIES || call.method !== 'GET';
      if (error.report.reason !== 'unavailable' || isLast) throw error;
      const retryAtMs = now().getTime() + BACKOFF_MS * 2 ** tries;
      await waitUntil(retryAtMs);
    }
  };

  const trySend = async (call: Call): Promise<string | ReconcileError> => {
    const { name } = call;
    let sent;
    try {
      sent = await send(call);
    } catch (error) {
      if (error instanceof PauseError || error instanceof ReconcileError) throw error;
      return new ReconcileError('unavailable', { call: name });
    }
    const { response, body } = sent;
    const { status } = response;
    if (response.ok) return body;
    if (status !== 429) return toError(name, status);
    const retryAt = readRetry(response.headers, now());
    const isLong = retryAt === null || retryAt.getTime() - now().getTime() > MAX_PAUSE_MS;
    if (isLong) throw new ReconcileError('rate_limited', { call: name, status });
    await waitUntil(retryAt.getTime());
    return trySend(call);
  };

  const read = async <const Schema extends v.GenericSchema>(
    call: Call,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>> => {
    const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), await request(call));
    if (result.success) return result.output;
    const [issue] = result.issues;
    // a path has the names of Voucherify's keys and places in lists only
    const detail = v.getDotPath(issue);
    throw new ReconcileError('unexpected_response', { call: call.name, detail });
  };

  return {
    async listPublications(page, { campaign, code, result }) {
      const call: Call = {
        name: 'List Publications',
        method: 'GET',
        path: '/v1/publications',
        query: {
          limit: String(PAGE_SIZE),
          page: String(page),
          order: '-created_at',
          ...(campaign !== null && { campaign }),
          ...(code !== undefined && { voucher: code }),
          ...(result !== undefined && { result }),
        },
      };
      return toPublicationPage(await read(call, PublicationPageSchema));
    },

    async createExport({ since, until }, { campaign }) {
      const shift = (time: Date, ms: number) => new Date(time.getTime() + ms).toISOString();
      const { id } = await read(
        {
          name: 'Create Export',
          method: 'POST',
          path: '/v1/exports',
          body: {
            exported_object: 'publication',
            parameters: {
              order: 'created_at',
              fields: EXPORT_FIELDS,
              filters: {
                junction: 'and',
                created_at: {
                  conditions: {
                    $after: [shift(since, -BOUNDARY_MS)],
                    $before: [shift(until, BOUNDARY_MS)],
                  },
                },
                result: { conditions: { $is: ['SUCCESS'] } },
                ...(campaign !== null && { campaign: { conditions: { $is: [campaign] } } }),
              },
            },
          },
        },
        ExportCreatedSchema,
      );
      return id;
    },

    async readExport(id) {
      const call: Call = { name: 'Get Export', method: 'GET', path: toExportPath(id) };
      const state = await read(call, ExportSchema);
      switch (state.status) {
        case 'SCHEDULED':
        case 'IN_PROGRESS':
          return { kind: 'pending' };
        case 'ERROR':
          return { kind: 'failed' };
        case 'DONE': {
          const url = URL.parse(state.result.url);
          // the keys are sent to it
          if (url?.origin !== credentials.downloadUrl) {
            throw new ReconcileError('unexpected_download_host', { call: call.name });
          }
          return { kind: 'done', url };
        }
      }
    },

    download: (url) => download(url, keys),

    async deleteExport(id) {
      await request({ name: 'Delete Export', method: 'DELETE', path: toExportPath(id) });
    },

    async listWebhooks() {
      if (credentials.management === null) return null;
      const project = encodeURIComponent(credentials.management.projectId);
      const { data } = await read(
        {
          name: 'List Webhooks',
          method: 'GET',
          path: `/management/v1/projects/${project}/webhooks`,
          isManagement: true,
        },
        WebhooksSchema,
      );
      return data.map(({ id, active, target_url: targetUrl, events }) => ({
        id,
        isActive: active,
        targetUrl,
        events,
      }));
    },

    countCalls: () => calls,
  };
}

function toExportPath(id: string): string {
  return `/v1/exports/${encodeURIComponent(id)}`;
}

function toManagementKeys({ management }: Credentials): { readonly [name: string]: string } {
  return {
    'x-management-id': management?.id ?? '',
    'x-management-token': management?.token ?? '',
  };
}

async function* download(
  url: URL,
  keys: { readonly [name: string]: string },
): AsyncGenerator<Uint8Array> {
  const call = 'Download Export';
  const unavailable = (): never => {
    throw new ReconcileError('unavailable', { call });
  };
  // aborted when whoever reads stops, so that the rest of the file is not sent
  const controller = new AbortController();
  try {
    const response = await withDeadline(CALL_DEADLINE_MS, () =>
      fetch(url, { headers: keys, redirect: 'error', signal: controller.signal }),
    ).catch(unavailable);
    if (!response.ok) throw toError(call, response.status);
    const reader = response.body?.getReader();
    for (;;) {
      const part = await withDeadline(CHUNK_DEADLINE_MS, async () => reader?.read()).catch(
        unavailable,
      );
      const value: unknown = part?.value;
      if (!(value instanceof Uint8Array)) return;
      yield value;
    }
  } finally {
    controller.abort();
  }
}

async function readBody(response: Response, call: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const value: unknown = (await reader?.read())?.value;
    if (!(value instanceof Uint8Array)) return Buffer.concat(chunks).toString('utf8');
    bytes += value.byteLength;
    if (bytes > MAX_BODY_BYTES) {
      throw new ReconcileError('unexpected_response', { call, detail: 'too long' });
    }
    chunks.push(value);
  }
}

/** The statuses are those of Voucherify's page "Errors". */
function toError(call: string, status: number): ReconcileError {
  if (status === 401 || status === 403) return new ReconcileError('unauthorized', { call, status });
  if (status === 402) return new ReconcileError('not_in_plan', { call, status });
  if (status === 404) return new ReconcileError('not_found', { call, status });
  if (status === 429) return new ReconcileError('rate_limited', { call, status });
  return new ReconcileError(status >= 500 ? 'unavailable' : 'refused', { call, status });
}

function readNumber(headers: Headers, name: string): number | null {
  const text = headers.get(name);
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** When the next call may be made after a 429: Retry-After in seconds, else X-Rate-Limit-Retry in Unix time. */
function readRetry(headers: Headers, at: Date): Date | null {
  const seconds = readNumber(headers, 'retry-after');
  if (seconds !== null) return new Date(at.getTime() + Math.max(1, seconds) * 1_000);
  const unixSeconds = readNumber(headers, 'x-rate-limit-retry');
  if (unixSeconds === null) return null;
  return new Date(Math.max(at.getTime() + 1_000, unixSeconds * 1_000));
}

/** When the next call may be made, so that the reserved share of the limit stays. 0: at once. */
function readNextCall(headers: Headers, at: Date): number {
  const limit = readNumber(headers, 'x-rate-limit-limit');
  const remaining = readNumber(headers, 'x-rate-limit-remaining');
  if (limit === null || remaining === null || remaining > limit * RESERVED_SHARE) return 0;
  const retryMs = (readNumber(headers, 'x-rate-limit-retry') ?? 0) * 1_000;
  const isNear = retryMs > at.getTime() && retryMs - at.getTime() <= MAX_PAUSE_MS;
  return isNear ? retryMs : at.getTime() + RESERVE_PAUSE_MS;
}
