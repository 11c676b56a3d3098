import { withDeadline } from '../platform/deadline.ts';
import { ReconcileError, type ReconcileFailure, PauseError } from './failure.ts';
import { CLOCK_MARGIN_MS, type Match } from './compare.ts';
import { type Credentials, parseCredentials } from './credentials.ts';
import type { History } from './history.ts';
import { readExport, type Publication } from './publication.ts';
import { readQuarantined } from './quarantine.ts';
import {
  type Continuation,
  parseReconcileRequest,
  type Phase,
  type ReconcileRequest,
  toPeriod,
} from './request.ts';
import {
  addToTally,
  type Candidate,
  type Counts,
  createTally,
  decideTally,
  listWithoutId,
  type Tally,
} from './tally.ts';
import {
  createVoucherifyApi,
  MAX_PAGE,
  PAGE_SIZE,
  type Period,
  type VoucherifyApi,
} from './voucherify-api.ts';

/** A publication that is missing. */
export interface MissingPublication {
  /** Null when Voucherify was not asked for it, or did not list it. */
  readonly publication: string | null;
  /** When it was published, RFC 3339. */
  readonly at: string;
  readonly campaign: string | null;
  readonly distribution: string | null;
  readonly vouchers: readonly string[];
  /** Only where the request has `show`. */
  readonly codes?: readonly string[];
}

/** Whether the webhooks of the project's settings are active. `not_checked`: why. */
export type WebhooksReport =
  | {
      readonly state: 'checked';
      /** Those that send to this endpoint. */
      readonly webhooks: readonly {
        readonly id: string;
        readonly isActive: boolean;
        /** It reports each publication. */
        readonly hasPublications: boolean;
      }[];
    }
  | { readonly state: 'not_checked'; readonly reason: 'no_management_keys' | 'no_endpoint' }
  | {
      readonly state: 'not_checked';
      readonly reason: 'failed';
      readonly failure: ReconcileFailure;
    };

/** What a run found. */
export interface ReconcileResult {
  readonly since: string;
  readonly until: string;
  readonly campaign: string | null;
  /** How many publications Voucherify has of the period: the sum of the counts. */
  readonly total: number;
  readonly counts: Counts;
  /** How many of `arrived` were found by code and time only: their webhooks name no publication. */
  readonly arrivedByTime: number;
  /** More failed than was counted. */
  readonly hasMoreFailures: boolean;
  /** The oldest first, at most MAX_LISTED. */
  readonly missing: readonly MissingPublication[];
  readonly hasMoreMissing: boolean;
  /** By campaign, channel and distribution, the largest first, at most MAX_LISTED_GROUPS. */
  readonly elsewhere: readonly {
    readonly campaign: string | null;
    readonly channel: string | null;
    readonly distribution: string | null;
    readonly count: number;
  }[];
  /** How many quarantined webhooks were compared; null when nothing was open by then. */
  readonly quarantinedCompared: number | null;
  readonly webhooks: WebhooksReport;
  /** How many calls of Voucherify's API the run made. */
  readonly calls: number;
}

/** What one call reports. */
export interface ReconcileReport {
  readonly command: 'reconcile';
  /** How many publications were compared so far. */
  readonly compared: number;
  /** How long to wait before the next call, for Voucherify's limits. */
  readonly waitSeconds: number;
  /** The handles of quarantined webhooks that are hidden, to be given back with `unhide` when the run is over. */
  readonly held: readonly string[];
  /** For the next call; null when the run is over. */
  readonly continuation: Continuation | null;
  /** Null until the run is over, and when it failed. */
  readonly result: ReconcileResult | null;
  /** Why the run failed. What was compared until then says nothing about the rest. */
  readonly failure: ReconcileFailure | null;
}

/** The dependencies of `createReconcile`. */
export interface ReconcileDeps {
  /** Reads the secret with the keys of Voucherify's API (credentials.ts), at each call. */
  readonly readCredentials: () => Promise<string>;
  readonly history: History;
  readonly historyDays: number;
  /** Receives up to ten messages of [quarantine], hidden. None does not mean empty. */
  readonly receiveQuarantined: () => Promise<
    readonly { readonly body: string; readonly handle: string }[]
  >;
  /** The public URL; null where it is not known. */
  readonly endpoint: string | null;
  readonly now: () => Date;
  readonly wait: (ms: number) => Promise<unknown>;
}

/** How many missing publications a report lists. */
export const MAX_LISTED = 1_000;
const MAX_LISTED_GROUPS = 100;
/** A call does nothing new after this time, so that it ends within 20 seconds. */
const SLICE_MS = 12_000;
const CREDENTIALS_DEADLINE_MS = 5_000;
/** A period with more publications than these pages have is exported. */
const MAX_LIST_PAGES = 20;
/** Publications that are compared at once. */
const BATCH_SIZE = 500;
const POLL_MS = 2_000;
/** Between two calls while an export is not ready. */
const POLL_WAIT_SECONDS = 5;
const MAX_EXPORT_MS = 3_600_000;
/** Each is one call or more of Voucherify's API. */
const MAX_CONFIRMED = 200;
/** A code that more publications have is not searched further. */
const MAX_CODE_PAGES = 3;
/** One empty receive does not mean an empty queue: SQS may have asked a part of its servers. */
const EMPTY_RECEIVES_BEFORE_STOP = 4;
/** A receipt handle has about 400 bytes, and a response of Lambda 6 MB. */
const MAX_HELD_IN_SLICE = 4_000;

/** One slice: what its steps need. */
interface Slice {
  readonly deps: ReconcileDeps;
  readonly request: ReconcileRequest;
  readonly api: VoucherifyApi;
  readonly period: Period;
  readonly expectsAll: boolean;
  readonly now: Date;
  readonly endsAtMs: number;
  readonly run: Continuation;
  readonly held: string[];
  readonly hasTime: () => boolean;
}

/** Where the run goes on; `later`: in the next call, after so many seconds. */
type Step = Phase | { readonly name: 'later'; readonly phase: Phase; readonly waitSeconds: number };

/**
 * Creates the command `reconcile`: it reads the publications of a period from Voucherify once, and compares them
 * with what came. It works in slices of less than 20 seconds; what it has found is in the continuation, so its
 * memory does not grow with the period. It changes nothing.
 * @returns a handler that rejects with a ReconcileRequestError for a request that is not valid, and when the table
 * or [quarantine] cannot be read. Whatever else goes wrong is in the report
 */
export function createReconcile(
  deps: ReconcileDeps,
): (request: unknown) => Promise<ReconcileReport> {
  return async (input) => {
    const request = parseReconcileRequest(input);
    const now = deps.now();
    const run = structuredClone(request.continuation) ?? begin(request, now);
    const endsAtMs = now.getTime() + SLICE_MS;
    const held: string[] = [];
    const report = (rest: Partial<ReconcileReport>): ReconcileReport => ({
      command: 'reconcile',
      compared: run.tally.total,
      waitSeconds: 0,
      held,
      continuation: null,
      result: null,
      failure: null,
      ...rest,
    });

    let api: VoucherifyApi | null = null;
    const callsBefore = run.calls;
    const goOn = (phase: Phase, waitSeconds = 0): ReconcileReport => {
      const calls = callsBefore + (api?.countCalls() ?? 0);
      return report({ waitSeconds, continuation: { ...run, phase, calls } });
    };
    let { phase } = run;
    try {
      const { since } = request;
      const startedAt = new Date(run.startedAt);
      const period = toPeriod({ since, until: run.until }, deps.historyDays, startedAt);
      const credentials = await readCredentials(deps);
      api = createVoucherifyApi({
        credentials,
        now: deps.now,
        wait: deps.wait,
        sliceEndsAtMs: endsAtMs,
      });
      const slice: Slice = {
        deps,
        request,
        api,
        period,
        expectsAll: request.all || request.campaign !== null,
        now: startedAt,
        endsAtMs,
        run,
        held,
        hasTime: () => deps.now().getTime() < endsAtMs,
      };
      for (;;) {
        if (phase.name === 'end') {
          const webhooks = await readWebhooks(slice);
          await deleteExport(slice, phase.exportId);
          run.calls = callsBefore + api.countCalls();
          return report({ result: toResult(slice, webhooks) });
        }
        const step: Step = await takeStep(slice, phase);
        if (step.name === 'later') return goOn(step.phase, step.waitSeconds);
        phase = step;
        if (!slice.hasTime()) return goOn(phase);
      }
    } catch (error) {
      if (error instanceof PauseError) {
        const waitMs = error.until.getTime() - deps.now().getTime();
        return goOn(phase, Math.max(1, Math.ceil(waitMs / 1_000)));
      }
      if (error instanceof ReconcileError) return report({ failure: error.report });
      throw error;
    }
  };
}

function begin(request: ReconcileRequest, now: Date): Continuation {
  const until = new Date(request.until ?? now);
  return {
    startedAt: now.toISOString(),
    until: (until < now ? until : now).toISOString(),
    phase: { name: 'begin' },
    tally: createTally(),
    hasMoreFailures: false,
    quarantined: null,
    calls: 0,
  };
}

async function readCredentials({ readCredentials: read }: ReconcileDeps): Promise<Credentials> {
  let text;
  try {
    text = await withDeadline(CREDENTIALS_DEADLINE_MS, read);
  } catch {
    throw new ReconcileError('credentials_unreadable');
  }
  return parseCredentials(text);
}

function takeStep(slice: Slice, phase: Exclude<Phase, { name: 'end' }>): Promise<Step> {
  switch (phase.name) {
    case 'begin':
      return chooseSource(slice);
    case 'list':
      return comparePage(slice, phase);
    case 'failures':
      return countFailures(slice, phase);
    case 'create':
      return createExport(slice);
    case 'wait':
      return waitForExport(slice, phase);
    case 'compare':
      return compareExport(slice, phase);
    case 'confirm':
      return confirmCandidates(slice, phase);
    case 'quarantine':
      return searchQuarantine(slice, phase);
  }
}

const EXPORT: Phase = { name: 'failures', page: 1 };
const LIST: Phase = { name: 'list', page: 1, lastAt: null, lastIds: [] };

/** Lists what a few pages have, and exports the rest, as Voucherify advises. */
async function chooseSource({ api, request, period }: Slice): Promise<Step> {
  for (const page of [1, MAX_LIST_PAGES]) {
    const { publications } = await api.listPublications(page, request);
    const last = publications.at(-1);
    const isAll = publications.length < PAGE_SIZE;
    if (isAll || last === undefined || new Date(last.at) < period.since) return LIST;
  }
  return EXPORT;
}

/**
 * Compares a page. Publications that are made meanwhile move others to the next page, where they are seen again:
 * they are known by their time and id. The order of two of the same time is not documented, so where a page ends
 * between them the period is exported.
 */
async function comparePage(slice: Slice, phase: Extract<Phase, { name: 'list' }>): Promise<Step> {
  const { api, request, period, run } = slice;
  const { publications } = await api.listPublications(phase.page, request);
  const { lastAt, lastIds } = phase;
  const fresh = publications.filter(
    ({ id, at }) =>
      lastAt === null || at < lastAt || (at === lastAt && !lastIds.includes(id ?? '')),
  );
  if (lastAt !== null && fresh[0]?.at === lastAt) {
    run.tally = createTally();
    return EXPORT;
  }
  await compare(
    slice,
    fresh.filter((each) => isIn(period, each)),
  );
  const last = publications.at(-1);
  const isEnd =
    publications.length < PAGE_SIZE || last === undefined || new Date(last.at) < period.since;
  if (isEnd) return toQuarantine(slice, null, 0);
  if (phase.page === MAX_PAGE) {
    run.tally = createTally();
    return EXPORT;
  }
  return {
    name: 'list',
    page: phase.page + 1,
    lastAt: last.at,
    lastIds: publications.flatMap(({ id, at }) => (at === last.at && id !== null ? [id] : [])),
  };
}

/** Counts what failed: an export has no column for it, so it is asked for successful ones only. */
async function countFailures(
  { api, request, period, run }: Slice,
  { page }: Extract<Phase, { name: 'failures' }>,
): Promise<Step> {
  const { publications } = await api.listPublications(page, { ...request, result: 'FAILURE' });
  const count = publications.filter((each) => isIn(period, each)).length;
  run.tally.total += count;
  run.tally.failed += count;
  const last = publications.at(-1);
  const isEnd =
    publications.length < PAGE_SIZE || last === undefined || new Date(last.at) < period.since;
  if (!isEnd && page < MAX_LIST_PAGES) return { name: 'failures', page: page + 1 };
  run.hasMoreFailures = !isEnd;
  return { name: 'create' };
}

async function createExport({ api, request, period, deps }: Slice): Promise<Step> {
  const exportId = await api.createExport(period, request);
  return { name: 'wait', exportId, since: deps.now().toISOString() };
}

async function waitForExport(
  { api, deps, hasTime }: Slice,
  phase: Extract<Phase, { name: 'wait' }>,
): Promise<Step> {
  const { exportId, since } = phase;
  for (;;) {
    const state = await api.readExport(exportId);
    if (state.kind === 'done') return { name: 'compare', exportId, row: 0 };
    if (state.kind === 'failed') throw new ReconcileError('export_failed', { call: 'Get Export' });
    if (deps.now().getTime() - Date.parse(since) > MAX_EXPORT_MS) {
      throw new ReconcileError('export_too_slow', { call: 'Get Export' });
    }
    await deps.wait(POLL_MS);
    if (!hasTime()) return { name: 'later', phase, waitSeconds: POLL_WAIT_SECONDS };
  }
}

/** Compares the file from a row on. The file of an export does not change, so a slice begins where the last ended. */
async function compareExport(
  slice: Slice,
  { exportId, row }: Extract<Phase, { name: 'compare' }>,
): Promise<Step> {
  const { api, period, hasTime } = slice;
  let batch: (Publication & { readonly row: number })[] = [];
  let next = row;
  const compareBatch = async (): Promise<void> => {
    await compare(
      slice,
      batch.filter((each) => isIn(period, each)),
    );
    next += batch.length;
    batch = [];
  };
  try {
    for await (const publication of readExport(api.download(await findFile(slice, exportId)))) {
      if (publication.row < row) continue;
      batch.push(publication);
      if (batch.length < BATCH_SIZE) continue;
      await compareBatch();
      if (!hasTime()) return { name: 'compare', exportId, row: next };
    }
  } catch (error) {
    // a download that broke off is begun again where it got to
    const isBroken = error instanceof ReconcileError && error.report.reason === 'unavailable';
    if (!isBroken || next === row) throw error;
    return { name: 'compare', exportId, row: next };
  }
  await compareBatch();
  return { name: 'confirm', exportId, row: 0, confirmed: 0, isSecond: false };
}

async function findFile({ api }: Slice, exportId: string): Promise<URL> {
  const state = await api.readExport(exportId);
  if (state.kind !== 'done') throw new ReconcileError('export_failed', { call: 'Get Export' });
  return state.url;
}

async function compare(
  { deps, run, now, request }: Slice,
  publications: readonly (Publication & { readonly row?: number })[],
): Promise<void> {
  const successful = publications.filter(({ result }) => result === 'SUCCESS');
  const matches = await deps.history.find(successful);
  const found = new Map(successful.map((publication, n) => [publication, matches[n]]));
  const none: Match = { by: 'none', hasCode: false };
  const compared = await Promise.all(
    publications.map(async (publication) => {
      const match = found.get(publication) ?? none;
      const hashes = match.by === 'none' ? await deps.history.hashCodes(publication.codes) : [];
      return { publication, match, hashes };
    }),
  );
  addToTally(run.tally, compared, now, request.show);
}

function isIn({ since, until }: Period, { at }: Publication): boolean {
  const time = new Date(at);
  return time >= since && time < until;
}

/**
 * Asks Voucherify for what an export does not have of the candidates: id, vouchers, distribution, and whether it
 * failed. Their codes are read from the file again, so that no continuation holds them.
 */
async function confirmCandidates(
  slice: Slice,
  phase: Extract<Phase, { name: 'confirm' }>,
): Promise<Step> {
  const { api, run, expectsAll, hasTime } = slice;
  const { exportId, isSecond } = phase;
  const open = new Map(
    listWithoutId(run.tally, expectsAll).flatMap((candidate) =>
      candidate.row !== null && candidate.row >= phase.row ? [[candidate.row, candidate]] : [],
    ),
  );
  let { confirmed } = phase;
  const lastRow = Math.max(...open.keys());
  const end = (): Step =>
    isSecond ? { name: 'end', exportId } : toQuarantine(slice, exportId, confirmed);
  if (open.size === 0 || confirmed >= MAX_CONFIRMED) return end();
  for await (const publication of readExport(api.download(await findFile(slice, exportId)))) {
    const candidate = open.get(publication.row);
    if (candidate === undefined) continue;
    const next: Phase = { ...phase, row: publication.row, confirmed };
    try {
      await confirm(slice, candidate, publication);
    } catch (error) {
      if (!(error instanceof PauseError)) throw error;
      const waitMs = error.until.getTime() - slice.deps.now().getTime();
      return { name: 'later', phase: next, waitSeconds: Math.max(1, Math.ceil(waitMs / 1_000)) };
    }
    confirmed += 1;
    if (confirmed >= MAX_CONFIRMED || publication.row >= lastRow) break;
    if (!hasTime()) return { ...phase, row: publication.row + 1, confirmed };
  }
  return end();
}

async function confirm(
  { api, deps, run }: Slice,
  candidate: Candidate,
  exported: Publication,
): Promise<void> {
  const [code] = exported.codes;
  if (code === undefined) return;
  const ofCode = run.tally.candidates.filter(({ hashes }) =>
    hashes.some((hash) => candidate.hashes.includes(hash)),
  );
  const taken = new Set(ofCode.map(({ id }) => id));
  for (let page = 1; page <= MAX_CODE_PAGES; page += 1) {
    const { publications } = await api.listPublications(page, { campaign: null, code });
    const found = publications.find(
      (each) => !taken.has(each.id) && isSameTime(exported, each) && each.codes.includes(code),
    );
    if (found === undefined) {
      if (publications.length < PAGE_SIZE) return;
      continue;
    }
    const [match] = await deps.history.find([found]);
    candidate.id = found.id;
    candidate.voucherIds = [...found.voucherIds];
    candidate.distribution = found.distribution;
    candidate.needsId = false;
    if (found.result === 'FAILURE') candidate.outcome = 'failed';
    else if (match !== undefined && match.by !== 'none') candidate.outcome = 'arrived';
    else if (isOfAnother(candidate.quarantinedIds, found.id)) candidate.outcome = null;
    return;
  }
}

function isSameTime(exported: Publication, listed: Publication): boolean {
  if (!exported.isWholeSecond) return exported.at === listed.at;
  return Math.floor(Date.parse(listed.at) / 1_000) === Date.parse(exported.at) / 1_000;
}

function toQuarantine({ run }: Slice, exportId: string | null, confirmed: number): Step {
  const hasOpen = run.tally.candidates.some(({ outcome }) => outcome === null);
  return hasOpen ? { name: 'quarantine', exportId, confirmed } : { name: 'end', exportId };
}

/** Compares what waits in quarantine with the candidates. */
async function searchQuarantine(
  slice: Slice,
  phase: Extract<Phase, { name: 'quarantine' }>,
): Promise<Step> {
  const { deps, run, held, hasTime } = slice;
  run.quarantined ??= 0;
  const byName = Map.groupBy(
    run.tally.candidates.flatMap((candidate) =>
      [candidate.id, ...candidate.hashes].map((name) => ({ name, candidate })),
    ),
    ({ name }) => name,
  );
  let emptyReceives = 0;
  while (emptyReceives < EMPTY_RECEIVES_BEFORE_STOP) {
    if (!hasTime() || held.length >= MAX_HELD_IN_SLICE) {
      return { name: 'later', phase, waitSeconds: 0 };
    }
    const messages = await deps.receiveQuarantined();
    emptyReceives = messages.length === 0 ? emptyReceives + 1 : 0;
    held.push(...messages.map(({ handle }) => handle));
    for (const { body } of messages) {
      run.quarantined += 1;
      const webhook = readQuarantined(body);
      if (webhook === null) continue;
      const texts = [...webhook.texts];
      const ids = texts.filter((text) => PUBLICATION_ID.test(text)).slice(0, MAX_IDS);
      const names = [...texts, ...(await deps.history.hashCodes(texts))];
      for (const { candidate } of names.flatMap((name) => byName.get(name) ?? [])) {
        // an older webhook was for an older publication
        const isOlder = webhook.receivedAtMs < Date.parse(candidate.at) - CLOCK_MARGIN_MS;
        const isDecided = candidate.outcome === 'arrived' || candidate.outcome === 'failed';
        if (isOlder || isDecided || isOfAnother(ids, candidate.id)) continue;
        candidate.outcome = 'quarantined';
        const allIds = new Set([...candidate.quarantinedIds, ...ids]);
        candidate.quarantinedIds = [...allIds].slice(0, MAX_IDS);
      }
    }
  }
  const { exportId, confirmed } = phase;
  return exportId === null
    ? { name: 'end', exportId }
    : { name: 'confirm', exportId, row: 0, confirmed, isSecond: true };
}

const PUBLICATION_ID = /^pub_\w{1,60}$/;
/** A webhook is about one publication, and few have one code. */
const MAX_IDS = 10;

/** Says whether a webhook that names these publications is about others than this one. */
function isOfAnother(ids: readonly string[], id: string | null): boolean {
  return id !== null && ids.length > 0 && !ids.includes(id);
}

const PUBLICATION_EVENTS = new Set(['publication.succeeded', 'voucher.published']);

/** Reads whether the webhooks of the project's settings are active. What cannot be read does not hide the rest. */
async function readWebhooks({ api, deps: { endpoint } }: Slice): Promise<WebhooksReport> {
  if (endpoint === null) return { state: 'not_checked', reason: 'no_endpoint' };
  try {
    const webhooks = await api.listWebhooks();
    if (webhooks === null) return { state: 'not_checked', reason: 'no_management_keys' };
    return {
      state: 'checked',
      webhooks: webhooks
        .filter(({ targetUrl }) => isSentTo(endpoint, targetUrl))
        .map(({ id, isActive, events }) => ({
          id,
          isActive,
          hasPublications: events.some((event) => PUBLICATION_EVENTS.has(event)),
        })),
    };
  } catch (error) {
    if (error instanceof ReconcileError) {
      return { state: 'not_checked', reason: 'failed', failure: error.report };
    }
    throw error;
  }
}

/** The URL of a mapping is the endpoint with its name at the end. */
function isSentTo(endpoint: string, targetUrl: string): boolean {
  const url = URL.parse(targetUrl);
  const own = URL.parse(endpoint);
  if (url === null || own === null || url.host !== own.host) return false;
  const path = own.pathname.replace(/\/$/, '');
  return url.pathname === path || url.pathname.startsWith(`${path}/`);
}

/** The file has codes. Voucherify does not document how long it keeps one. */
async function deleteExport({ api }: Slice, exportId: string | null): Promise<void> {
  if (exportId === null) return;
  try {
    await api.deleteExport(exportId);
  } catch (error) {
    // the result does not depend on it
    if (!(error instanceof ReconcileError) && !(error instanceof PauseError)) throw error;
  }
}

function toResult(
  { request, period, run, expectsAll }: Slice,
  webhooks: WebhooksReport,
): ReconcileResult {
  const { tally, hasMoreFailures, quarantined, calls } = run;
  const { counts, missing, elsewhere } = decideTally(tally, expectsAll);
  return {
    since: period.since.toISOString(),
    until: period.until.toISOString(),
    campaign: request.campaign,
    total: tally.total,
    counts,
    arrivedByTime: tally.arrivedByTime,
    hasMoreFailures,
    missing: missing.slice(0, MAX_LISTED).map((candidate) => toMissing(tally, candidate, request)),
    hasMoreMissing: counts.missing > Math.min(missing.length, MAX_LISTED),
    elsewhere: elsewhere.slice(0, MAX_LISTED_GROUPS),
    quarantinedCompared: quarantined,
    webhooks,
    calls,
  };
}

function toMissing(
  { groups }: Tally,
  { id, at, group, distribution, voucherIds, codes }: Candidate,
  { show }: ReconcileRequest,
): MissingPublication {
  return {
    publication: id,
    at,
    campaign: groups[group]?.campaign ?? null,
    distribution,
    vouchers: voucherIds,
    ...(show && { codes }),
  };
}
