import * as v from 'valibot';
import { createReceive } from '../../lib/receive/receive.ts';
import { IssueSchema, RelayRecordSchema } from '../../lib/record/record.ts';
import { signingKey } from '../../lib/voucherify/signature.ts';
import { lostLeaves } from './find-lost-values.ts';
import { LOCAL_SECRET } from '../../lib/local/cli/paths.ts';
import { signedEvent } from '../../lib/local/cli/sample-event.ts';

/** The forms in which one and the same data can come (vendor facts, section 2). */
export const FORMS = ['distribution', 'project', 'bare'] as const;
type Form = (typeof FORMS)[number];

export type Verdict = 'queued' | 'quarantined' | 'leaves lost' | 'error';

/** What became of an example, and where what was wrong stands. */
export interface Result {
  readonly verdict: Verdict;
  readonly details: readonly string[];
}

const SENT_AT = '2026-01-01T00:00:00.000Z';

const AnswerSchema = v.object({
  status: v.string(),
  issues: v.optional(v.array(IssueSchema), []),
});

/**
 * Sends an example through receive, signed, and checks the record that came out leaf by leaf.
 * @param data what stands in a webhook's `data`
 */
export async function receiveExample(form: Form, event: string, data: unknown): Promise<Result> {
  const queued: string[] = [];
  const receive = createReceive({
    signingKeys: async () => [signingKey(LOCAL_SECRET)],
    queueRecord: async (message) => void queued.push(message),
    quarantine: async () => {},
    sender: { region: null, elsewhere: 'count' },
    reader: { currency: null, mappings: new Map() },
    journal: { webhook() {}, delivery() {}, replay() {}, trouble() {} },
    now: () => new Date(),
  });
  const payload = payloadOf(form, event, data);
  const body = Buffer.from(JSON.stringify(payload));
  const answer = await receive(signedEvent(`conformance-${event}`, body, new Date(SENT_AT)));
  if (answer.statusCode !== 202) {
    return { verdict: 'error', details: [`answered ${answer.statusCode}`] };
  }
  const { status, issues } = v.parse(AnswerSchema, JSON.parse(answer.body));
  if (status !== 'queued') {
    const details = issues.map(({ path, message }) => `${path || 'the body'}: ${message}`);
    return { verdict: 'quarantined', details };
  }
  const record = v.safeParse(RelayRecordSchema, JSON.parse(queued[0] ?? 'null'));
  if (!record.success) return { verdict: 'error', details: ['what was queued is no record'] };
  const lost = lostLeaves(payload, record.output);
  return lost.length === 0
    ? { verdict: 'queued', details: [] }
    : { verdict: 'leaves lost', details: lost.map((path) => `${path} is not in the record`) };
}

function payloadOf(form: Form, event: string, data: unknown): unknown {
  switch (form) {
    case 'distribution':
      return envelope(event, data, 'Conformance', { id: 'distr_c1', object: 'distribution' });
    case 'project':
      return envelope(event, data, event, { id: 'wh_c1', object: 'webhook' });
    case 'bare':
      return data;
  }
}

function envelope(event: string, data: unknown, type: string, source: object): unknown {
  return {
    id: 'whs_c1',
    project_id: 'proj_c1',
    created_at: SENT_AT,
    type,
    data,
    source: { ...source, target_url: 'https://merchant.example/webhooks/voucherify' },
    event: {
      id: 'ev_c1',
      type: event,
      created_at: SENT_AT,
      group_id: 'v-c1',
      event_source: { channel: 'API' },
    },
  };
}
