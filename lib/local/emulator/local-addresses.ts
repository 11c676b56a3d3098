/** The account number that the emulators put into queue addresses and ARNs. */
export const LOCAL_ACCOUNT = '000000000000';
/** Where everything local lives, unless serverless.yml says another. */
export const LOCAL_REGION = 'eu-west-1';

/** How serverless.yml writes the address of a local queue: the port is put in when it is known. */
export const QUEUE_ADDRESS_PREFIX = `http://127.0.0.1/${LOCAL_ACCOUNT}/`;
/** How serverless.yml writes the address of a local HTTP sink. */
export const SINK_ADDRESS_PREFIX = 'http://127.0.0.1/sink/';

/** Where the services of one running pipeline listen. */
export interface Endpoints {
  readonly sqsEndpoint: string;
  readonly dynamoEndpoint: string;
  readonly sinkEndpoint: string;
}

/** The address of a queue at the SQS emulator. */
export function queueUrl(sqsEndpoint: string, queueName: string): string {
  return `${sqsEndpoint}/${LOCAL_ACCOUNT}/${queueName}`;
}

/** Puts the ports into an address of the stage local; any other text is left as it is. */
export function withPort(text: string, endpoints: Endpoints): string {
  if (text.startsWith(QUEUE_ADDRESS_PREFIX)) {
    return queueUrl(endpoints.sqsEndpoint, text.slice(QUEUE_ADDRESS_PREFIX.length));
  }
  if (text.startsWith(SINK_ADDRESS_PREFIX)) {
    return `${endpoints.sinkEndpoint}/sink/${text.slice(SINK_ADDRESS_PREFIX.length)}`;
  }
  return text;
}
