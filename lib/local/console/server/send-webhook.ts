import type * as v from 'valibot';
import { SIGNATURE_HEADER, signatureOf } from '../../../voucherify/signature.ts';
import { StartError } from '../../emulator/start-error.ts';
import { freshWebhook, randomId } from '../../cli/new-webhook-id.ts';
import { bodyBytes, webhookHeaders } from '../../cli/gateway-event.ts';
import { post } from '../../cli/post.ts';
import { EVENTS_FOLDER, LOCAL_SECRET, WEBHOOK_PATH } from '../../cli/paths.ts';
import { readWebhookSamples, type WebhookSample } from '../../cli/samples.ts';
import type { Call } from '../state/request.ts';
import type { EditableSchema, Sample, Sending } from '../protocol.ts';

/** What is needed to post webhooks. */
export interface SendingDeps {
  readonly endpoint: () => string;
  /** A webhook that came in before. */
  readonly call: (key: string) => Call | null;
}

interface Outgoing {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const FORGED_WITH = 'not-the-secret';

/** The samples of events/, read anew each time: a person may just have added one. */
export async function sampleList(): Promise<Sample[]> {
  const samples = await readWebhookSamples(EVENTS_FOLDER);
  return samples.map(({ name, about, rawPath }) => ({ name, about, path: rawPath }));
}

/** A sample's or an earlier webhook's body for editing. @throws StartError when there is none */
export async function editable(
  deps: SendingDeps,
  wish: Pick<Sending, 'sample' | 'again'>,
): Promise<v.InferOutput<typeof EditableSchema>> {
  const { path, body } = await origin(deps, wish);
  const mapping = path.startsWith(`${WEBHOOK_PATH}/`) ? path.slice(WEBHOOK_PATH.length + 1) : null;
  return { body: body.toString('utf8'), mapping };
}

/**
 * Posts what a person asks for to the pipeline's own endpoint.
 * @returns the answers in words
 * @throws StartError when it cannot be sent as asked
 */
export async function sendAsAsked(deps: SendingDeps, wish: Sending): Promise<string> {
  const first = await origin(deps, wish);
  const edited = wish.body === null ? first.body : Buffer.from(wish.body, 'utf8');
  const body = wish.fresh ? freshWherePossible(edited) : edited;
  const path = wish.body === null ? first.path : pathOf(wish.mapping);
  const headers = { ...first.headers, ...signature(wish, body, first.headers) };
  const sent = Object.entries(headers).filter(([, value]) => value !== '');
  const answers: string[] = [];
  for (let time = 0; time < wish.times; time += 1) {
    const answer = await post(deps.endpoint() + path, Object.fromEntries(sent), body);
    answers.push([answer.status, answer.outcome, answer.id].filter(Boolean).join(' '));
  }
  return answers.join(', then ');
}

/** As another webhook; a body without an id stays the same one. */
function freshWherePossible(body: Buffer): Buffer {
  try {
    return freshWebhook(body, randomId);
  } catch (fault) {
    if (fault instanceof StartError) return body;
    throw fault;
  }
}

async function origin(
  { call }: SendingDeps,
  { sample, again }: Pick<Sending, 'sample' | 'again'>,
): Promise<Outgoing> {
  if (again !== null) {
    const found = call(again);
    if (found === null) throw new StartError('That webhook is not remembered any more.');
    if (found.cutOff > 0) throw new StartError('That webhook is too large to be kept whole.');
    return {
      path: found.path,
      headers: kept(found.headers),
      body: Buffer.from(found.body, 'utf8'),
    };
  }
  if (sample === null) return { path: WEBHOOK_PATH, headers: JSON_TYPE, body: Buffer.alloc(0) };
  const found = await sampleNamed(sample);
  return { path: found.rawPath, headers: webhookHeaders(found), body: bodyBytes(found) };
}

async function sampleNamed(name: string): Promise<WebhookSample> {
  const found = (await readWebhookSamples(EVENTS_FOLDER)).find((each) => each.name === name);
  if (found === undefined) throw new StartError(`There is no events/${name}.json.`);
  return found;
}

const JSON_TYPE = { 'content-type': 'application/json' };

function kept(headers: Readonly<Record<string, string>>): Record<string, string> {
  const names = ['content-type', SIGNATURE_HEADER];
  return Object.fromEntries(names.map((name) => [name, headers[name] ?? '']));
}

function pathOf(mapping: string | null): string {
  return mapping === null || mapping === ''
    ? WEBHOOK_PATH
    : `${WEBHOOK_PATH}/${encodeURIComponent(mapping)}`;
}

/** The signature's header; an empty one is not sent. */
function signature(
  wish: Sending,
  body: Buffer,
  before: Readonly<Record<string, string>>,
): Record<string, string> {
  switch (wish.signature) {
    case 'as-it-is':
      // a header that was right would not fit another body
      return wish.fresh && isSigned(before) ? signed(body, LOCAL_SECRET) : {};
    case 'signed':
      return signed(body, LOCAL_SECRET);
    case 'forged':
      return signed(body, FORGED_WITH);
    case 'none':
      return { [SIGNATURE_HEADER]: '' };
  }
}

function isSigned(headers: Readonly<Record<string, string>>): boolean {
  return headers[SIGNATURE_HEADER] !== undefined;
}

function signed(body: Buffer, secret: string): Record<string, string> {
  return { [SIGNATURE_HEADER]: signatureOf(body, secret) };
}
