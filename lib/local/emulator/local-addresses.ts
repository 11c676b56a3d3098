/** The account number that the emulators put into queue addresses and ARNs. */
export const LOCAL_ACCOUNT = '000000000000';
/** Where everything local lives, unless serverless.yml says another. */
export const LOCAL_REGION = 'eu-west-1';

/** How serverless.yml writes the address of a local queue: the port is put in when it is known. */
export const QUEUE_URL_PREFIX = `http://127.0.0.1/${LOCAL_ACCOUNT}/`;
/** How serverless.yml writes the address of a local HTTP mock destination. */
export const MOCK_URL_PREFIX = 'http://127.0.0.1/mock/';

/** Where the services of one running pipeline listen. */
export interface Endpoints {
  readonly sqsEndpoint: string;
  readonly dynamoEndpoint: string;
  readonly mockEndpoint: string;
}

/** The address of a queue at the SQS emulator. */
export function buildQueueUrl(sqsEndpoint: string, queueName: string): string {
  return `${sqsEndpoint}/${LOCAL_ACCOUNT}/${queueName}`;
}

/** Puts the ports into an address of the stage local; any other text is left as it is. */
export function resolveLocalUrl(url: string, endpoints: Endpoints): string {
  if (url.startsWith(QUEUE_URL_PREFIX)) {
    return buildQueueUrl(endpoints.sqsEndpoint, url.slice(QUEUE_URL_PREFIX.length));
  }
  if (url.startsWith(MOCK_URL_PREFIX)) {
    return `${endpoints.mockEndpoint}/mock/${url.slice(MOCK_URL_PREFIX.length)}`;
  }
  return url;
}
