import { fileURLToPath } from 'node:url';

/** The folder in which serverless.yml stands. */
export const PROJECT_FOLDER = fileURLToPath(new URL('../../../', import.meta.url));
/** The folder of the sample events. */
export const EVENTS_FOLDER = fileURLToPath(new URL('../../../events/', import.meta.url));

/** The signing secret of the stage local: no secret at all, and only good for this machine. */
export const LOCAL_SECRET = 'local-secret';
/** Where `npm start` listens unless it is told otherwise. */
export const DEFAULT_PORT = 3_000;
/** The path of the endpoint in serverless.yml. */
export const WEBHOOK_PATH = '/webhooks/voucherify';

/** The queues that the merchant's own programs read: what an arrival is called, and the logical id. */
export const MERCHANT_QUEUES = { consumers: 'ConsumersQueue' } as const;
/** Where a person looks at what was given up, and at what was not understood. */
export const DEAD_LETTERS_QUEUE = 'DeadLettersQueue';
export const QUARANTINE_QUEUE = 'QuarantineQueue';
