/** The account id in the emulators' queue URLs and ARNs. */
export const LOCAL_ACCOUNT = '000000000000';
/** The region of the emulators, unless serverless.yml sets another. */
export const LOCAL_REGION = 'eu-west-1';

/** The URL of a local queue in serverless.yml; the port is filled in when it is known. */
export const QUEUE_URL_PREFIX = `http://127.0.0.1/${LOCAL_ACCOUNT}/`;
/** The URL of a mock destination in serverless.yml; the port is filled in when it is known. */
export const MOCK_URL_PREFIX = 'http://127.0.0.1/mock/';

/** The URL of the endpoint in serverless.yml; the port is filled in where it is known. */
const ENDPOINT_URL = 'http://127.0.0.1/webhooks/voucherify';

/** The addresses of the emulators and mock destinations of a running local pipeline. */
export interface Endpoints {
  readonly sqsEndpoint: string;
  readonly dynamoEndpoint: string;
  readonly mockEndpoint: string;
  /** The URL of the endpoint; without it, `sls invoke local` runs alone. */
  readonly webhookUrl?: string;
}

/** Builds the URL of the endpoint of an HTTP API. */
export function buildWebhookUrl(httpEndpoint: string): string {
  return httpEndpoint + new URL(ENDPOINT_URL).pathname;
}

/** Builds the URL of a queue of the SQS emulator. */
export function buildQueueUrl(sqsEndpoint: string, queueName: string): string {
  return `${sqsEndpoint}/${LOCAL_ACCOUNT}/${queueName}`;
}

/**
 * Fills the ports into a URL of the stage local; returns any other text unchanged, and an empty text for the
 * endpoint whose port is not known.
 */
export function resolveLocalUrl(url: string, endpoints: Endpoints): string {
  if (url.startsWith(QUEUE_URL_PREFIX)) {
    return buildQueueUrl(endpoints.sqsEndpoint, url.slice(QUEUE_URL_PREFIX.length));
  }
  if (url.startsWith(MOCK_URL_PREFIX)) {
    return `${endpoints.mockEndpoint}/mock/${url.slice(MOCK_URL_PREFIX.length)}`;
  }
  return url === ENDPOINT_URL ? (endpoints.webhookUrl ?? '') : url;
}
