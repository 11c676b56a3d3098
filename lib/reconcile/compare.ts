import type { IndexEntry } from '../deliveries/index-rows.ts';
import { EVENTS, WORKFLOW_PREFIX } from '../voucherify/event-catalogue.ts';
import type { Publication } from './publication.ts';

/** What became of publications. docs/reconcile.md has the same list; a test compares them. */
export const CLASSES = [
  'arrived',
  'missing',
  'pending',
  'failed',
  'elsewhere',
  'quarantined',
  'unclear',
] as const;
export type Class = (typeof CLASSES)[number];

/** The meaning of each class. */
export const CLASS_MEANINGS: { readonly [Name in Class]: string } = {
  arrived: 'its webhook came',
  missing: 'its webhook should have come, and did not',
  pending: 'it did not come, and is younger than 26 hours: Voucherify still tries',
  failed: 'Voucherify could not publish it, so there is no webhook',
  elsewhere:
    'it did not come, and nothing of its campaign, channel and distribution came in the period: either nothing sends them here, or all are missing',
  quarantined: 'a webhook with its id or code waits in quarantine',
  unclear:
    'what we know is not enough: a webhook with its code came, perhaps for another publication of the code; or another distribution sent what came of its campaign; or it has no code',
};

/** As long as Voucherify tries, and a margin (vendor facts, section 1). */
export const PENDING_MS = 26 * 3_600_000;
/** The clocks of Voucherify and AWS may differ. */
export const CLOCK_MARGIN_MS = 300_000;

/** How a publication was found: by its id or its exact time, or only by its code and about when it came. */
export type Match =
  | {
      readonly by: 'publication' | 'time';
      /** What of Voucherify's settings sent its webhook: the id of a distribution or of a webhook. */
      readonly sender: string | null;
      /** A webhook of the project's settings reported it, and so reports each publication. */
      readonly isReportedToProject: boolean;
    }
  | { readonly by: 'none'; readonly hasCode: boolean };

/** Finds among the index rows of a code those of publications, as the rows are read. */
export interface Matcher {
  /** Takes rows. @returns whether every publication is found by its id or exact time */
  readonly add: (entries: readonly IndexEntry[]) => boolean;
  /** How each publication was found, in their order. */
  readonly finish: () => readonly Match[];
}

/**
 * Creates a matcher for the publications of one code. A webhook that names its publication counts for that one
 * only: two publications of a code are two, and each needs a webhook. One of a mapped body, which names none,
 * counts for one publication within the 26 hours before it.
 */
export function createMatcher(wanted: readonly Publication[]): Matcher {
  const found: (Match | null)[] = wanted.map(() => null);
  const usedPublications = new Set<string>();
  const anonymous = new Map<string, IndexEntry>();
  let left = wanted.length;
  let hasRows = false;

  const add = (entry: IndexEntry): void => {
    hasRows = true;
    const { publication, rowId, event } = entry;
    const id = publication?.id ?? null;
    if (publication === null || id === null) {
      if (canReportPublication(event)) anonymous.set(rowId, entry);
      return;
    }
    if (usedPublications.has(id)) return;
    const index = wanted.findIndex(
      (each, n) => found[n] === null && isSamePublication(each, publication),
    );
    if (index === -1) {
      // it may be one whose time is not known
      if (publication.at === null) anonymous.set(rowId, entry);
      return;
    }
    usedPublications.add(id);
    found[index] = toMatch('publication', entry);
    left -= 1;
  };

  return {
    add(entries) {
      for (const entry of entries) add(entry);
      return left === 0;
    },

    finish() {
      const rows = [...anonymous.values()].toSorted((one, other) =>
        one.webhookAt < other.webhookAt ? -1 : 1,
      );
      return wanted.map((publication, n) => {
        const match = found[n];
        if (match !== null && match !== undefined) return match;
        const index = rows.findIndex((entry) => canBeItsWebhook(publication, entry));
        const [entry] = index === -1 ? [] : rows.splice(index, 1);
        if (entry === undefined) return { by: 'none', hasCode: hasRows };
        return toMatch('time', entry);
      });
    },
  };
}

/** The events of the project's settings that report each publication (vendor facts, section 3). */
const PROJECT_EVENTS: ReadonlySet<string> = new Set([
  'voucherify.publication.succeeded',
  'voucherify.voucher.published',
]);

function toMatch(by: 'publication' | 'time', { event, publication }: IndexEntry): Match {
  return {
    by,
    sender: publication?.sender ?? null,
    isReportedToProject: PROJECT_EVENTS.has(event),
  };
}

type Indexed = NonNullable<IndexEntry['publication']>;

function isSamePublication({ id, at, isWholeSecond }: Publication, indexed: Indexed): boolean {
  if (id !== null) return id === indexed.id;
  if (indexed.at === null) return false;
  const ms = Date.parse(indexed.at);
  return (isWholeSecond ? Math.floor(ms / 1_000) * 1_000 : ms) === Date.parse(at);
}

function canBeItsWebhook(
  publication: Publication,
  { webhookAt, publication: indexed }: IndexEntry,
) {
  // the id of the webhook's publication is known, and it is another one
  if (publication.id !== null && indexed !== null && indexed.id !== null) return false;
  const ageMs = Date.parse(webhookAt) - Date.parse(publication.at);
  return ageMs >= -CLOCK_MARGIN_MS && ageMs <= PENDING_MS;
}

const EVENT_PREFIX = 'voucherify.';

/** Says whether an event can hand out a code: one of its documented ones with a publication, or one of a mapping. */
function canReportPublication(event: string): boolean {
  const name = event.startsWith(EVENT_PREFIX) ? event.slice(EVENT_PREFIX.length) : event;
  const definition = EVENTS.get(name);
  if (definition === undefined) return !name.startsWith(WORKFLOW_PREFIX);
  return definition.carriesContent || definition.fields.includes('publication');
}
