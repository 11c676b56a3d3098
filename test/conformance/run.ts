import * as v from 'valibot';
import { createReceive } from '../../lib/receive/receive.ts';
import { IssueSchema, RelayRecordSchema } from '../../lib/record/record.ts';
import { toSigningKey } from '../../lib/voucherify/signature.ts';
import { findLostValues } from './find-lost-values.ts';
import { LOCAL_SECRET } from '../../lib/local/cli/paths.ts';
import { createSignedEvent } from '../../lib/local/cli/sample-event.ts';

/** The forms in which one and the same data can come (vendor facts, section 2). */
export const FORMATS = ['distribution', 'project', 'bare'] as const;
type Format = (typeof FORMATS)[number];

export type ConformanceStatus = 'queued' | 'quarantined' | 'values lost' | 'error';

/** What became of an example, and where what was wrong stands. */
export interface ConformanceResult {
  readonly status: ConformanceStatus;
  readonly details: readonly string[];
}

const SENT_AT = '2026-01-01T00:00:00.000Z';

const ResponseSchema = v.object({
  status: v.string(),
  issues: v.optional(v.array(IssueSchema), []),
});

/**
 * Sends an example through receive, signed, and checks the record that came out leaf by leaf.
 * @param data what stands in a webhook's `data`
 */
export async function receiveExample(
  format: Format,
  event: string,
  data: unknown,
): Promise<ConformanceResult> {
  const queued: string[] = [];
  const receive = createReceive({
    signingKeys: async () => [toSigningKey(LOCAL_SECRET)],
    enqueueRecord: async (message) => void queued.push(message),
    enqueueQuarantine: async () => {},
    senderIpCheck: { region: null, mode: 'report' },
    normalise: { currency: null, mappings: new Map() },
    telemetry: { webhookReceived() {}, deliveryProcessed() {}, messageReplayed() {}, error() {} },
    now: () => new Date(),
  });
  const payload = buildPayload(format, event, data);
  const body = Buffer.from(JSON.stringify(payload));
  const response = await receive(
    createSignedEvent(`conformance-${event}`, body, new Date(SENT_AT)),
  );
  if (response.statusCode !== 202) {
    return { status: 'error', details: [`answered ${response.statusCode}`] };
  }
  const { status, issues } = v.parse(ResponseSchema, JSON.parse(response.body));
  if (status !== 'queued') {
    const details = issues.map(({ path, message }) => `${path || 'the body'}: ${message}`);
    return { status: 'quarantined', details };
  }
  const record = v.safeParse(RelayRecordSchema, JSON.parse(queued[0] ?? 'null'));
  if (!record.success) return { status: 'error', details: ['what was queued is no record'] };
  const lostPaths = findLostValues(payload, record.output);
  return lostPaths.length === 0
    ? { status: 'queued', details: [] }
    : { status: 'values lost', details: lostPaths.map((path) => `${path} is not in the record`) };
}

function buildPayload(format: Format, event: string, data: unknown): unknown {
  switch (format) {
    case 'distribution':
      return buildEnvelope(event, data, 'Conformance', { id: 'distr_c1', object: 'distribution' });
    case 'project':
      return buildEnvelope(event, data, event, { id: 'wh_c1', object: 'webhook' });
    case 'bare':
      return data;
  }
}

function buildEnvelope(event: string, data: unknown, type: string, source: object): unknown {
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
