import type * as v from 'valibot';
import { stripJsonWhitespace } from '../../../voucherify/json-whitespace.ts';
import {
  SIGNATURE_HEADER,
  sign,
  toSigningKey,
  verifySignature,
} from '../../../voucherify/signature.ts';
import { StartError } from '../../emulator/start-error.ts';
import { withNewId, createRandomId } from '../../cli/new-webhook-id.ts';
import { decodeEventBody, pickWebhookHeaders } from '../../cli/gateway-event.ts';
import { post } from '../../cli/post.ts';
import { EVENTS_FOLDER, LOCAL_SECRET, WEBHOOK_PATH } from '../../cli/paths.ts';
import { readWebhookSamples, type WebhookSample } from '../../cli/samples.ts';
import { prettyPrintJson } from '../presentation/format-json.ts';
import type { ReceivedWebhook } from '../state/received-webhook.ts';
import type { EditableBodySchema, Sample, SendRequest } from '../commands.ts';

/** The dependencies for sending webhooks. */
export interface SendDeps {
  /** The URL of the pipeline, without a path. */
  readonly endpoint: () => string;
  /** Finds a webhook that was received before. */
  readonly getWebhook: (key: string) => ReceivedWebhook | null;
}

interface OutgoingRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** It shows what a repetition does, so another one has to come before it. */
  readonly isRepetition: boolean;
}

const FORGED_SECRET = 'not-the-secret';
const LOCAL_KEY = toSigningKey(LOCAL_SECRET);

/** Lists the samples of events/. It reads the folder at each call, so that a new file appears. */
export async function listSamples(): Promise<Sample[]> {
  const samples = await readWebhookSamples(EVENTS_FOLDER);
  return samples.map(({ name, about, rawPath, expect }) => ({
    name,
    about,
    path: rawPath,
    isRepetition: expect?.duplicateOf !== undefined,
  }));
}

/**
 * Loads the body of a sample or of a received webhook, with one line for each value, and the mapping in its path.
 * @throws StartError when there is no such sample or webhook
 */
export async function loadEditableBody(
  deps: SendDeps,
  request: Pick<SendRequest, 'sample' | 'webhookKey'>,
): Promise<v.InferOutput<typeof EditableBodySchema>> {
  const { path, body } = await loadSource(deps, request);
  const mapping = path.startsWith(`${WEBHOOK_PATH}/`) ? path.slice(WEBHOOK_PATH.length + 1) : null;
  return { body: prettyPrintJson(body.toString('utf8')), mapping };
}

/**
 * Posts a webhook to the pipeline, once or twice. A sample that shows a repetition is posted once more under its
 * new id, which nothing has come with yet.
 * @returns the responses in one line
 * @throws StartError when there is no such sample or webhook
 */
export async function sendWebhook(deps: SendDeps, request: SendRequest): Promise<string> {
  const source = await loadSource(deps, request);
  const requestedBody = request.body === null ? source.body : Buffer.from(request.body, 'utf8');
  const body = request.withNewId ? assignNewId(requestedBody) : requestedBody;
  const path = request.body === null ? source.path : toPath(request.mapping);
  const headers = { ...source.headers, ...createSignatureHeader(request, body, source) };
  const sentHeaders = Object.entries(headers).filter(([, value]) => value !== '');
  const needsFirst = source.isRepetition && request.withNewId && request.body === null;
  const count = request.count + (needsFirst ? 1 : 0);
  const responses: string[] = [];
  for (let sendIndex = 0; sendIndex < count; sendIndex += 1) {
    const response = await post(deps.endpoint() + path, Object.fromEntries(sentHeaders), body);
    responses.push(
      [response.status, response.webhookStatus, response.id].filter(Boolean).join(' '),
    );
  }
  return responses.join(', then ');
}

/** Replaces the webhook's id. A body without an id stays as it is. */
function assignNewId(body: Buffer): Buffer {
  try {
    return withNewId(body, createRandomId);
  } catch (error) {
    if (error instanceof StartError) return body;
    throw error;
  }
}

async function loadSource(
  { getWebhook }: SendDeps,
  { sample, webhookKey }: Pick<SendRequest, 'sample' | 'webhookKey'>,
): Promise<OutgoingRequest> {
  if (webhookKey !== null) {
    const found = getWebhook(webhookKey);
    if (found === null)
      throw new StartError(
        'The console does not store this webhook any more. Send a sample instead.',
      );
    if (found.truncatedCharacters > 0)
      throw new StartError(
        'This webhook is too large: the console stores only the start of its body. Send a sample instead.',
      );
    return {
      path: found.path,
      headers: pickHeaders(found.headers),
      body: Buffer.from(found.body, 'utf8'),
      isRepetition: false,
    };
  }
  if (sample === null)
    return {
      path: WEBHOOK_PATH,
      headers: JSON_HEADERS,
      body: Buffer.alloc(0),
      isRepetition: false,
    };
  const found = await loadSample(sample);
  return {
    path: found.rawPath,
    headers: pickWebhookHeaders(found),
    body: decodeEventBody(found),
    isRepetition: found.expect?.duplicateOf !== undefined,
  };
}

async function loadSample(name: string): Promise<WebhookSample> {
  const found = (await readWebhookSamples(EVENTS_FOLDER)).find((each) => each.name === name);
  if (found === undefined)
    throw new StartError(`There is no sample events/${name}.json. Choose one from the list.`);
  return found;
}

const JSON_HEADERS = { 'content-type': 'application/json' };

/** Picks the headers that belong to a webhook; one that it did not have is empty. */
export function pickHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const names = ['content-type', SIGNATURE_HEADER];
  return Object.fromEntries(names.map((name) => [name, headers[name] ?? '']));
}

function toPath(mapping: string | null): string {
  return mapping === null || mapping === ''
    ? WEBHOOK_PATH
    : `${WEBHOOK_PATH}/${encodeURIComponent(mapping)}`;
}

/** Creates the signature header. An empty header is not sent. */
function createSignatureHeader(
  request: SendRequest,
  body: Buffer,
  source: OutgoingRequest,
): Record<string, string> {
  switch (request.signature) {
    case 'original':
      return request.withNewId ? signAsOriginal(source, body) : {};
    case 'signed':
      return signHeader(body, LOCAL_SECRET);
    case 'forged':
      return signHeader(body, FORGED_SECRET);
    case 'none':
      return { [SIGNATURE_HEADER]: '' };
  }
}

/**
 * Signs a body with a new id as the original was signed: with the local secret or with another one, over all
 * bytes or over those without white space. A header that is missing or malformed stays as it is.
 */
function signAsOriginal(original: OutgoingRequest, body: Buffer): Record<string, string> {
  const header = original.headers[SIGNATURE_HEADER];
  const verification = verifySignature(original.body, header, [LOCAL_KEY]);
  if (verification.valid) {
    const isCompact = verification.variant === 'compact';
    return signHeader(isCompact ? stripJsonWhitespace(body) : body, LOCAL_SECRET);
  }
  return verification.reason === 'mismatch' ? signHeader(body, FORGED_SECRET) : {};
}

function signHeader(body: Uint8Array, secret: string): Record<string, string> {
  return { [SIGNATURE_HEADER]: sign(body, secret) };
}
