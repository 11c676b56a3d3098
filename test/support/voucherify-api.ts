import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A publication that the fake has. */
export interface FakePublication {
  readonly id: string;
  readonly at: string;
  readonly codes: readonly string[];
  readonly campaign: string | null;
  readonly channel: string;
  readonly distribution: string | null;
  readonly result: 'SUCCESS' | 'FAILURE';
}

/** A project webhook that the fake has. */
export interface FakeWebhook {
  readonly id: string;
  readonly active: boolean;
  readonly target_url: string;
  readonly events: readonly string[];
}

/** What the fake does other than usual. */
export interface FakeFaults {
  /** How often an export is asked for until it is done. */
  pollsUntilDone: number;
  exportFails: boolean;
  /** Calls within `windowMs`; beyond it a 429. */
  limit: number | null;
  windowMs: number;
  /** Turns the file of an export into another one. */
  changeCsv: (csv: string) => string;
  /** The download breaks off after so many bytes, once. */
  breakOffAfter: number | null;
  /** The next calls get this status. */
  statuses: number[];
  downloadOrigin: string | null;
  /** The body of List Publications. */
  changeList: (body: object) => object;
}

/** A call that the fake got. */
export interface FakeCall {
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export const FAKE_KEYS = { applicationId: 'invented-app-id', secretKey: 'invented-app-token' };
export const FAKE_MANAGEMENT = {
  id: 'invented-mgmt-id',
  token: 'invented-mgmt-token',
  projectId: 'proj_q1',
};

/** A fake of Voucherify's API on the loopback interface. */
export type FakeVoucherify = Awaited<ReturnType<typeof startVoucherify>>;

const json = (response: ServerResponse, status: number, body: object, headers = {}): void =>
  void response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify(body));

/**
 * Starts a fake of Voucherify's API: List Publications, Create, Get, Download and Delete Export, List Webhooks of
 * the Management API, written from the schemas in Voucherify's OpenAPI file (documentation/openapi, August 2026).
 */
export async function startVoucherify(now: () => number = Date.now) {
  const publications: FakePublication[] = [];
  const webhooks: FakeWebhook[] = [];
  const calls: FakeCall[] = [];
  const exports = new Map<string, { polls: number; readonly body: ExportBody }>();
  const faults: FakeFaults = {
    pollsUntilDone: 1,
    exportFails: false,
    limit: null,
    windowMs: 60_000,
    changeCsv: (csv) => csv,
    breakOffAfter: null,
    statuses: [],
    downloadOrigin: null,
    changeList: (body) => body,
  };
  let windowEndsAtMs = 0;
  let left = 0;
  let origin = '';

  /** Returns the headers of the limit; null when it is reached. */
  const countCall = (): { [name: string]: string } | null => {
    if (faults.limit === null) return {};
    if (now() >= windowEndsAtMs) {
      windowEndsAtMs = now() + faults.windowMs;
      left = faults.limit;
    }
    if (left === 0) return null;
    left -= 1;
    return {
      'x-rate-limit-limit': String(faults.limit),
      'x-rate-limit-remaining': String(left),
      'x-rate-limit-retry': String(Math.floor(now() / 1_000)),
    };
  };

  const list = (query: URLSearchParams): object => {
    const page = Number(query.get('page') ?? 1);
    const limit = Number(query.get('limit') ?? 10);
    const campaign = query.get('campaign');
    const code = query.get('voucher');
    const result = query.get('result');
    const found = publications
      .filter((each) => campaign === null || each.campaign === campaign)
      .filter((each) => code === null || each.codes.includes(code))
      .filter((each) => result === null || each.result === result)
      .toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at));
    return {
      object: 'list',
      data_ref: 'publications',
      publications: found.slice((page - 1) * limit, page * limit).map(toItem),
      total: found.length,
    };
  };

  const respond = (call: FakeCall, response: ServerResponse): void => {
    const { method, path, query, headers, body } = call;
    const status = faults.statuses.shift();
    if (status !== undefined) return json(response, status, { code: status, message: 'invented' });
    if (path.startsWith('/management/')) {
      const isKnown =
        headers['x-management-id'] === FAKE_MANAGEMENT.id &&
        headers['x-management-token'] === FAKE_MANAGEMENT.token;
      if (!isKnown) return json(response, 401, { code: 401, message: 'Unauthorized' });
      const data = webhooks.map((webhook) => ({
        object: 'webhook',
        created_at: '2026-01-02T08:31:46.562Z',
        ...webhook,
      }));
      return json(response, 200, { object: 'list', data_ref: 'data', data, total: data.length });
    }
    const isKnown =
      headers['x-app-id'] === FAKE_KEYS.applicationId &&
      headers['x-app-token'] === FAKE_KEYS.secretKey;
    if (!isKnown) return json(response, 401, { code: 401, message: 'Unauthorized' });
    const [, exportId] = /^\/v1\/exports\/(\w+)$/.exec(path) ?? [];
    const isDownload = query.has('token');
    const limits = isDownload ? {} : countCall();
    if (limits === null) {
      const seconds = Math.max(1, Math.ceil((windowEndsAtMs - now()) / 1_000));
      return json(
        response,
        429,
        { code: 429, message: 'API limit reached' },
        {
          'retry-after': String(seconds),
          'x-rate-limit-remaining': '0',
          'x-rate-limit-type': 'api_calls',
        },
      );
    }
    if (path === '/v1/publications') {
      return json(response, 200, faults.changeList(list(query)), limits);
    }
    if (path === '/v1/exports' && method === 'POST') {
      const id = `exp_${exports.size + 1}`;
      exports.set(id, { polls: 0, body: readExportBody(body) });
      const created = { id, object: 'export', status: 'SCHEDULED', result: null, user_id: null };
      return json(response, 200, { ...created, created_at: '2026-03-05T00:00:00.000Z' }, limits);
    }
    const found = exports.get(exportId ?? '');
    if (exportId === undefined || found === undefined) {
      return json(response, 404, { code: 404, message: 'Resource not found' }, limits);
    }
    if (method === 'DELETE') {
      exports.delete(exportId);
      response.writeHead(204, limits).end();
      return;
    }
    if (isDownload) {
      const csv = faults.changeCsv(toCsv(publications, found.body));
      response.writeHead(200, { 'content-type': 'text/plain' });
      if (faults.breakOffAfter === null) {
        response.end(csv);
      } else {
        response.write(csv.slice(0, faults.breakOffAfter));
        faults.breakOffAfter = null;
        setTimeout(() => response.destroy(), 300);
      }
      return;
    }
    found.polls += 1;
    const base = { id: exportId, object: 'export', exported_object: 'publication', user_id: null };
    if (faults.exportFails) {
      return json(response, 200, { ...base, status: 'ERROR', result: null }, limits);
    }
    const isDone = found.polls >= faults.pollsUntilDone;
    const host = faults.downloadOrigin ?? origin;
    const result = { url: `${host}/v1/exports/${exportId}?token=invented-token` };
    return json(
      response,
      200,
      isDone
        ? { ...base, status: 'DONE', result }
        : { ...base, status: found.polls === 1 ? 'SCHEDULED' : 'IN_PROGRESS', result: null },
      limits,
    );
  };

  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? '', origin);
      const call = {
        atMs: now(),
        method: request.method ?? '',
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body: await text(request),
      };
      calls.push(call);
      respond(call, response);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  origin = `http://127.0.0.1:${port}`;

  return {
    origin,
    publications,
    webhooks,
    calls,
    exports,
    faults,
    /** The secret with the keys of the fake. */
    secret: (changes: object = {}): string =>
      JSON.stringify({ ...FAKE_KEYS, apiUrl: origin, downloadUrl: origin, ...changes }),
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function toItem({ id, at, codes, campaign, channel, distribution, result }: FakePublication) {
  const voucherIds = codes.map((code) => toVoucherId(code));
  const [code] = codes;
  const base = {
    id,
    object: 'publication',
    created_at: at,
    customer_id: 'cust_u9',
    tracking_id: 'crm-5512',
    metadata: distribution === null ? {} : { distribution_id: distribution },
    channel,
    source_id: null,
    customer: { id: 'cust_u9', email: 'ida.quay@example.test', object: 'customer' },
    result,
    vouchers_id: voucherIds,
  };
  if (result === 'FAILURE') return { ...base, vouchers: [], failure_code: 'invented' };
  return codes.length === 1
    ? { ...base, voucher: { code, object: 'voucher', campaign, is_referral_code: false } }
    : { ...base, vouchers: codes };
}

/** The id that the fake gives to a voucher. */
export function toVoucherId(code: string): string {
  return `v_${Buffer.from(code).toString('hex')}`;
}

interface ExportBody {
  readonly fields: readonly string[];
  readonly after: number;
  readonly before: number;
  readonly result: string | null;
  readonly campaign: string | null;
}

function readExportBody(body: string): ExportBody {
  const { parameters } = JSON.parse(body) as {
    parameters: {
      fields: string[];
      filters: {
        created_at: { conditions: { $after: string[]; $before: string[] } };
        result?: { conditions: { $is: string[] } };
        campaign?: { conditions: { $is: string[] } };
      };
    };
  };
  const { created_at: createdAt, result, campaign } = parameters.filters;
  return {
    fields: parameters.fields,
    after: Date.parse(createdAt.conditions.$after[0] ?? ''),
    before: Date.parse(createdAt.conditions.$before[0] ?? ''),
    result: result?.conditions.$is[0] ?? null,
    campaign: campaign?.conditions.$is[0] ?? null,
  };
}

function toCsv(publications: readonly FakePublication[], body: ExportBody): string {
  const quote = (value: string): string =>
    /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  const rows = publications
    .filter(({ at }) => Date.parse(at) > body.after && Date.parse(at) < body.before)
    .filter(({ result }) => body.result === null || result === body.result)
    .filter(({ campaign }) => body.campaign === null || campaign === body.campaign)
    .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))
    .flatMap(({ codes, at, channel, campaign }) =>
      codes.map((code) => {
        const values: { [field: string]: string } = {
          voucher_code: code,
          date: at,
          channel,
          campaign: campaign ?? '',
        };
        return body.fields.map((field) => quote(values[field] ?? '')).join(',');
      }),
    );
  return [body.fields.join(','), ...rows, ''].join('\n');
}
