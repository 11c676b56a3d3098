import * as v from 'valibot';
import { createReceive } from '../../lib/receive/receive.ts';
import { IssueSchema, RelayRecordSchema } from '../../lib/record/record.ts';
import { toSigningKey } from '../../lib/voucherify/signature.ts';
import { isJsonObject } from '../../lib/voucherify/json.ts';
import { findLostValues } from './find-lost-values.ts';
import { LOCAL_SECRET } from '../../lib/local/cli/paths.ts';
import { createSignedEvent } from '../../lib/local/cli/sample-event.ts';
import { aSenderIpCheck } from '../support/sender-ip-check.ts';

/** The formats in which the same data can be sent (vendor facts, section 2; of workflows, section 2). */
const PLAIN_FORMATS = ['distribution', 'project', 'bare'] as const;
const WORKFLOW_FORMATS = ['workflow, trigger', 'workflow, bare'] as const;
/** Every format. `whole`: the example has its envelope already. */
export const FORMATS = [...PLAIN_FORMATS, ...WORKFLOW_FORMATS, 'whole'] as const;
export type Format = (typeof FORMATS)[number];

/** Returns the formats in which an example can be sent. */
export function getFormats(event: string, example: unknown): readonly Format[] {
  if (isJsonObject(example) && isJsonObject(example['source'])) return ['whole'];
  return isWorkflowEvent(event) ? WORKFLOW_FORMATS : PLAIN_FORMATS;
}

/** Transactions are upper-case words, activities begin with `vl.`; those to come will, too. */
function isWorkflowEvent(event: string): boolean {
  return /^(?:vl\..*|[A-Z_]+)$/.test(event);
}

export type ConformanceStatus = 'queued' | 'quarantined' | 'values lost' | 'error';

/** The result for an example, with the path of everything that is wrong. */
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
 * Sends a signed example through receive, and checks every value of the record.
 * @param data the `data` of a webhook, or in the format `whole` its body
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
    senderIpCheck: aSenderIpCheck(),
    normalise: { currency: null, maxWebhookAgeDays: null, mappings: new Map() },
    telemetry: {
      webhookReceived() {},
      deliveryProcessed() {},
      attemptMade() {},
      batchDelivered() {},
      messageReplayed() {},
      error() {},
    },
    now: () => new Date(),
  });
  const payload = buildPayload(format, event, data);
  const body = Buffer.from(JSON.stringify(payload));
  const response = await receive(
    createSignedEvent(`conformance-${event}`, body, new Date(SENT_AT)),
  );
  if (response.statusCode !== 202) {
    return { status: 'error', details: [`expected status 202, got ${response.statusCode}`] };
  }
  const { status, issues } = v.parse(ResponseSchema, JSON.parse(response.body));
  if (status !== 'queued') {
    const details = issues.map(({ path, message }) => `${path || 'the body'}: ${message}`);
    return { status: 'quarantined', details };
  }
  const record = v.safeParse(RelayRecordSchema, JSON.parse(queued[0] ?? 'null'));
  if (!record.success) return { status: 'error', details: ['the queued message is not a record'] };
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
    case 'whole':
      return data;
    case 'workflow, trigger':
      return buildEnvelope(event, { trigger: toTrigger(event, data) }, event, {
        id: 'wfdef_c1',
        object: 'workflow',
        workflow: {
          id: 'wfdef_c1',
          version: 1,
          node: 'exwfnod_c1',
          run: 'wfrun_c1',
          step: 'wfrnstp_c1',
        },
      });
    case 'workflow, bare':
      return buildEnvelope(event, data, event, {
        id: 'wfdef_c1-wfrnstp_c1',
        object: 'workflow',
      });
  }
}

/** What started the workflow: a transaction, or an activity with the data inside. */
function toTrigger(event: string, data: unknown): unknown {
  if (isJsonObject(data) && isJsonObject(data['transaction'])) return data;
  const activity = { id: 'lambr_c1', type: event, group_id: 'i-c1', created_at: SENT_AT, data };
  return { activity };
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
