import * as v from 'valibot';
import { type Class, CLASSES, type Match, PENDING_MS } from './compare.ts';
import type { Publication } from './publication.ts';

const CountSchema = v.pipe(v.number(), v.integer(), v.minValue(0));
const NullableTextSchema = v.nullable(v.string());

/** Publications that are sent alike: by one distribution, or of one campaign and channel. */
const GroupSchema = v.strictObject({
  campaign: NullableTextSchema,
  channel: NullableTextSchema,
  distribution: NullableTextSchema,
  arrived: CountSchema,
  /** How many did not come and are not in `candidates`. */
  unlisted: CountSchema,
});
type Group = v.InferOutput<typeof GroupSchema>;

/** A publication that did not come, until it is decided what that means. */
const CandidateSchema = v.strictObject({
  /** Its place in the file of the export; null when it was listed. */
  row: v.nullable(CountSchema),
  id: NullableTextSchema,
  at: v.string(),
  group: CountSchema,
  /** The distribution that published it, where that is not in its group. */
  distribution: NullableTextSchema,
  voucherIds: v.array(v.string()),
  /** The keyed hashes of its codes. */
  hashes: v.array(v.string()),
  /** Only where the request has `show`. */
  codes: v.array(v.string()),
  /** A webhook with its code came, and only its id can say for which publication. */
  needsId: v.boolean(),
  /** What was found about it later. */
  outcome: v.nullable(v.picklist(['arrived', 'failed', 'quarantined'])),
  /** The publications that the quarantined webhook with its code names. */
  quarantinedIds: v.array(v.string()),
});
export type Candidate = v.InferOutput<typeof CandidateSchema>;

/** What a run has found so far. It is as large as it gets with MAX_CANDIDATES and MAX_GROUPS, below 2 MB. */
export const TallySchema = v.strictObject({
  total: CountSchema,
  arrivedByTime: CountSchema,
  pending: CountSchema,
  failed: CountSchema,
  unclear: CountSchema,
  groups: v.array(GroupSchema),
  candidates: v.array(CandidateSchema),
  /** The distributions that sent webhooks of publications. */
  senders: v.array(v.string()),
  isReportedToProject: v.boolean(),
});
export type Tally = v.InferOutput<typeof TallySchema>;

/** Beyond it only counts are kept. */
export const MAX_CANDIDATES = 3_000;
/** So that one campaign that sends nothing here does not take all places. */
const MAX_CANDIDATES_OF_GROUP = 1_200;
/** Beyond it everything is one group. */
const MAX_GROUPS = 500;
const MAX_SENDERS = 500;

/** Creates a tally of nothing. */
export function createTally(): Tally {
  return {
    total: 0,
    arrivedByTime: 0,
    pending: 0,
    failed: 0,
    unclear: 0,
    groups: [],
    candidates: [],
    senders: [],
    isReportedToProject: false,
  };
}

/** A publication, how it was found, and what is to be kept of it. */
export interface Compared {
  readonly publication: Publication & { readonly row?: number };
  readonly match: Match;
  readonly hashes: readonly string[];
}

/** Adds publications of the period to the tally. @param show keeps codes of what did not come */
export function addToTally(
  tally: Tally,
  compared: readonly Compared[],
  now: Date,
  show: boolean,
): void {
  for (const each of compared) addOne(tally, each, now, show);
}

function addOne(
  tally: Tally,
  { publication, match, hashes }: Compared,
  now: Date,
  show: boolean,
): void {
  tally.total += 1;
  if (publication.result === 'FAILURE') {
    tally.failed += 1;
    return;
  }
  const groupIndex = findGroup(tally, publication);
  const group = tally.groups[groupIndex];
  if (group === undefined) return;
  if (match.by !== 'none') {
    group.arrived += 1;
    if (match.by === 'time') tally.arrivedByTime += 1;
    if (match.isReportedToProject) tally.isReportedToProject = true;
    addSender(tally, match.sender);
  } else if (now.getTime() - Date.parse(publication.at) < PENDING_MS) {
    tally.pending += 1;
  } else if (publication.codes.length === 0) {
    tally.unclear += 1;
  } else {
    // with its id it is certain that the webhook of its code was for another one
    const needsId = publication.id === null && match.hasCode;
    const ofGroup = tally.candidates.filter((candidate) => candidate.group === groupIndex).length;
    if (tally.candidates.length < MAX_CANDIDATES && ofGroup < MAX_CANDIDATES_OF_GROUP) {
      tally.candidates.push({
        row: publication.row ?? null,
        id: publication.id,
        at: publication.at,
        group: groupIndex,
        distribution: publication.distribution,
        voucherIds: [...publication.voucherIds],
        hashes: [...hashes],
        codes: show ? [...publication.codes] : [],
        needsId,
        outcome: null,
        quarantinedIds: [],
      });
    } else if (needsId) {
      tally.unclear += 1;
    } else {
      group.unlisted += 1;
    }
  }
}

function addSender(tally: Tally, sender: string | null): void {
  if (sender === null || tally.senders.includes(sender)) return;
  if (tally.senders.length < MAX_SENDERS) tally.senders.push(sender);
}

/** The group of a publication: that of its distribution, else that of its campaign and channel. */
function findGroup(tally: Tally, { campaign, channel, distribution }: Publication): number {
  const index = tally.groups.findIndex((group) =>
    distribution === null
      ? group.distribution === null && group.campaign === campaign && group.channel === channel
      : group.distribution === distribution,
  );
  const group = tally.groups[index];
  if (group !== undefined) {
    // Voucherify lists a publication of several vouchers without a campaign
    group.campaign ??= campaign;
    return index;
  }
  // the last group takes what has no other
  if (tally.groups.length >= MAX_GROUPS) return tally.groups.length - 1;
  const isLast = tally.groups.length === MAX_GROUPS - 1;
  const key = isLast
    ? { campaign: null, channel: null, distribution: null }
    : { campaign, channel, distribution };
  return tally.groups.push({ ...key, arrived: 0, unlisted: 0 }) - 1;
}

/** How many publications are of each class. They add up to `total`. */
export type Counts = { readonly [Name in Class]: number };

/** Decides what became of each publication. */
export interface Decision {
  readonly counts: Counts;
  readonly missing: readonly Candidate[];
  /** What nothing came of, by group, the largest first. */
  readonly elsewhere: readonly (Pick<Group, 'campaign' | 'channel' | 'distribution'> & {
    readonly count: number;
  })[];
}

/**
 * Decides a tally. Whether a webhook was to come is derived from what came: Voucherify's API does not say which
 * distribution sends what to whom.
 * @param expectsAll every publication of the run should come here: the operator says so
 */
export function decideTally(tally: Tally, expectsAll: boolean): Decision {
  const { pending, failed, unclear, groups } = tally;
  const counts: { [Name in Class]: number } = {
    arrived: groups.reduce((sum, { arrived }) => sum + arrived, 0),
    missing: 0,
    pending,
    failed,
    elsewhere: 0,
    quarantined: 0,
    unclear,
  };
  const missing: Candidate[] = [];
  const elsewhere = new Map<number, number>();
  const addElsewhere = (group: number, count: number): void => {
    counts.elsewhere += count;
    elsewhere.set(group, (elsewhere.get(group) ?? 0) + count);
  };

  const evidence = findEvidence(tally, expectsAll);
  for (const candidate of tally.candidates) {
    const found = classify(tally, evidence, candidate);
    if (found === 'elsewhere') addElsewhere(candidate.group, 1);
    else counts[found] += 1;
    if (found === 'missing') missing.push(candidate);
  }
  for (const [index, group] of groups.entries()) {
    if (group.unlisted === 0) continue;
    if (isExpected(evidence, index)) counts.missing += group.unlisted;
    else addElsewhere(index, group.unlisted);
  }
  return {
    counts,
    missing: missing.toSorted((one, other) => (one.at < other.at ? -1 : 1)),
    elsewhere: [...elsewhere]
      .toSorted(([, one], [, other]) => other - one)
      .flatMap(([index, count]) => {
        const group = groups[index];
        if (group === undefined) return [];
        const { campaign, channel, distribution } = group;
        return [{ campaign, channel, distribution, count }];
      }),
  };
}

/**
 * Lists the candidates of an export whose ids are needed: those that may be missing, by what is known so far,
 * those of one code, which only their ids tell apart, and quarantined ones, whose distribution sends here.
 */
export function listWithoutId(tally: Tally, expectsAll: boolean): readonly Candidate[] {
  const open = tally.candidates.filter(
    ({ id, outcome }) => id === null && (outcome === null || outcome === 'quarantined'),
  );
  const byHash = Map.groupBy(
    open.flatMap(({ hashes }) => hashes),
    (hash) => hash,
  );
  const evidence = findEvidence(tally, expectsAll);
  return open.filter(({ needsId, group, hashes }) => {
    const isShared = hashes.some((hash) => (byHash.get(hash)?.length ?? 0) > 1);
    return needsId || isShared || isExpected(evidence, group);
  });
}

function classify(tally: Tally, evidence: Evidence, candidate: Candidate): Class {
  const { outcome, needsId, distribution, group } = candidate;
  if (outcome !== null) return outcome;
  if (needsId) return 'unclear';
  if (!isExpected(evidence, group)) return 'elsewhere';
  if (evidence.isAll || distribution === null) return 'missing';
  // the group of an exported publication is its campaign and channel: several distributions may share them
  const isKnown = distribution === tally.groups[group]?.distribution;
  return isKnown || evidence.senders.has(distribution) ? 'missing' : 'unclear';
}

/** What says that webhooks of publications are sent here. */
interface Evidence {
  /** All are: the operator says so, or a webhook of the project's settings reported one. */
  readonly isAll: boolean;
  /** The groups of which a webhook came, or waits in quarantine. */
  readonly groups: ReadonlySet<number>;
  readonly senders: ReadonlySet<string | null>;
}

function findEvidence(tally: Tally, expectsAll: boolean): Evidence {
  const quarantined = tally.candidates.filter(({ outcome }) => outcome === 'quarantined');
  return {
    isAll: expectsAll || tally.isReportedToProject,
    groups: new Set([
      ...tally.groups.flatMap(({ arrived }, index) => (arrived > 0 ? [index] : [])),
      ...quarantined.map(({ group }) => group),
    ]),
    senders: new Set([...tally.senders, ...quarantined.map((each) => each.distribution)]),
  };
}

function isExpected({ isAll, groups }: Evidence, group: number): boolean {
  return isAll || groups.has(group);
}

/** Says whether counts add up. */
export function sumCounts(counts: Counts): number {
  return CLASSES.reduce((sum, name) => sum + counts[name], 0);
}
