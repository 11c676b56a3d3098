import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import * as v from 'valibot';
import { LOCAL_SECRET, WEBHOOK_PATH } from '../local/cli/paths.ts';
import { readWebhookSamples, type WebhookSample } from '../local/cli/samples.ts';
import { startLoopbackServer } from '../local/emulator/http/loopback-server.ts';
import {
  type ExecutionEnvironment,
  startExecutionEnvironment,
} from '../local/emulator/lambda/execution-environment.ts';
import { StartError } from '../local/emulator/start-error.ts';
import { findReleaseFaults } from '../operator/release-checks.ts';
import { toHttpApiEvent } from '../operator/test-webhook.ts';
import { LAMBDA_ENVIRONMENT, type PackagedFunction, toBundle } from './load-check.ts';
import { withUnpacked } from './zip-entries.ts';

/** What of a stage would change the response to a sample: its secret, its sender, the day. */
const LOCAL_SETTINGS = {
  WEBHOOK_SECRET: LOCAL_SECRET,
  WEBHOOK_SECRET_NAME: '',
  MAX_WEBHOOK_AGE_DAYS: 'off',
  SENDER_IP_CHECK: 'report',
  SENDER_REGION: '',
  SENDER_ADDRESSES: '',
};
/** As in lib/stack/service.yml. */
const TIMEOUT_SECONDS = 9;
const MEMORY_MB = 512;
const ALL_MS = 60_000;
/** Where a webhook is stored, by the status of its response: the path of the queue's URL. */
const QUEUES = { queued: '/000000000000/records', quarantined: '/000000000000/quarantine' };
const BAD_REQUEST = 400;
const LOCAL_IP = '127.0.0.1';

const ResponseSchema = v.object({ statusCode: v.number(), body: v.string() });
type Response = v.InferOutput<typeof ResponseSchema>;
const BodySchema = v.pipe(v.string(), v.parseJson(), v.object({ status: v.string() }));
const SendSchema = v.object({ QueueUrl: v.string(), MessageBody: v.string() });

/**
 * Sends the samples of events/, and the webhooks that a release is checked with, through receive as it was
 * packaged, on this machine: a release that would refuse or quarantine webhooks is not uploaded. Messages
 * go to a queue that only counts them. A sample for a mapping is left out: mappings are the project's own.
 * @param receive the packaged function, which loads without an error
 * @param folder the samples; without it only the webhooks of a release are sent
 * @returns one text for each webhook whose response, or stored message, is not the expected one
 */
export async function findSampleFaults(
  receive: PackagedFunction,
  folder: string,
): Promise<readonly string[]> {
  const sentTo: string[] = [];
  const queue = await startLoopbackServer(0, (request, response) => {
    void acceptMessage(request, response, sentTo);
  });
  const { file, exportName } = toBundle(receive.handler);
  try {
    const samples = existsSync(folder) ? await readWebhookSamples(folder) : [];
    return await withUnpacked(receive.archive, async (unpacked) => {
      const environment = startExecutionEnvironment(
        {
          bundleFile: join(unpacked, file),
          exportName,
          functionName: receive.name,
          functionArn: receive.name,
          memoryMb: MEMORY_MB,
        },
        {
          ...LAMBDA_ENVIRONMENT,
          ...receive.environment,
          ...LOCAL_SETTINGS,
          RECORDS_QUEUE_URL: queue.endpoint + QUEUES.queued,
          QUARANTINE_QUEUE_URL: queue.endpoint + QUEUES.quarantined,
          // whatever else it would call
          AWS_ENDPOINT_URL: queue.endpoint,
        },
        () => {},
      );
      try {
        return [
          ...(await checkSamples(environment, samples, sentTo)),
          ...(await checkRelease(environment)),
        ];
      } finally {
        await environment.kill();
      }
    });
  } catch (error) {
    // a file in events/ that is no sample
    if (error instanceof StartError) return [error.message];
    throw error;
  } finally {
    await queue.stop();
  }
}

/** The part of SQS that receive uses: takes every message, and notes its queue. */
async function acceptMessage(
  request: IncomingMessage,
  response: ServerResponse,
  sentTo: string[],
): Promise<void> {
  const message = v.safeParse(SendSchema, await json(request).catch(() => null));
  if (!message.success) {
    response.writeHead(BAD_REQUEST).end();
    return;
  }
  const { QueueUrl, MessageBody } = message.output;
  sentTo.push(new URL(QueueUrl).pathname);
  const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
  response.setHeader('content-type', 'application/x-amz-json-1.0');
  response.end(JSON.stringify({ MessageId: String(sentTo.length), MD5OfMessageBody }));
}

async function checkSamples(
  environment: ExecutionEnvironment,
  samples: readonly WebhookSample[],
  sentTo: readonly string[],
): Promise<readonly string[]> {
  const queues = new Map(Object.entries(QUEUES));
  const faults: string[] = [];
  for (const sample of samples) {
    const { name, rawPath, expect } = sample;
    if (rawPath !== WEBHOOK_PATH || expect === undefined) continue;
    const countBefore = sentTo.length;
    const response = await invoke(environment, sample);
    const stored = sentTo.slice(countBefore);
    const expected = describe(expect.httpStatus, expect.status);
    const actual =
      response === null ? 'no response' : describe(response.statusCode, toStatus(response));
    const queue = queues.get(expect.status ?? '') ?? '';
    if (actual !== expected) {
      faults.push(`receive responds to events/${name}.json with ${actual}, expected ${expected}.`);
    } else if (stored.join() !== queue) {
      faults.push(
        `receive responds to events/${name}.json with ${actual}, and stores it on ${stored.join(', ') || 'no queue'}, expected ${queue || 'no queue'}.`,
      );
    }
  }
  return faults;
}

async function checkRelease(environment: ExecutionEnvironment): Promise<readonly string[]> {
  const faults = await findReleaseFaults(
    async ({ id, body, signature }) => {
      const event = toHttpApiEvent(body, signature, { id, sourceIp: LOCAL_IP });
      const response = await invoke(environment, event);
      return response === null ? null : { status: response.statusCode, body: response.body };
    },
    LOCAL_SECRET,
    () => `whs_${randomBytes(16).toString('hex')}`,
    new Date(),
    AbortSignal.timeout(ALL_MS),
  );
  return faults.map((fault) => `receive does not pass the checks of a release. ${fault}.`);
}

/** Null when receive crashed, timed out, or returned no response. */
async function invoke(environment: ExecutionEnvironment, event: object): Promise<Response | null> {
  await environment.started;
  const deadlineMs = Date.now() + TIMEOUT_SECONDS * 1_000;
  const message = { requestId: 'sample', event: JSON.stringify(event), deadlineMs };
  const result = await environment.invoke(message, TIMEOUT_SECONDS);
  if (result.kind !== 'returned') return null;
  const response = v.safeParse(ResponseSchema, result.payload);
  return response.success ? response.output : null;
}

function toStatus({ body }: Response): string | null {
  const parsed = v.safeParse(BodySchema, body);
  return parsed.success ? parsed.output.status : null;
}

function describe(httpStatus: number, status: string | null): string {
  return status === null ? String(httpStatus) : `${httpStatus} ${status}`;
}
