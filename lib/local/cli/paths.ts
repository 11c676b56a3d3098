import { join } from 'node:path';
import { findProjectFolder } from '../../project/project-folder.ts';

/** The folder of serverless.yml: that of the project in which the command runs. */
export const PROJECT_FOLDER = findProjectFolder(process.cwd());
/** The folder of the project's sample events. */
export const EVENTS_FOLDER = join(PROJECT_FOLDER, 'events');

/** The webhooks that the console of `npm start` shows again after a restart. The folder is not in git. */
export const HISTORY_FILE = join(PROJECT_FOLDER, '.local/console-history.json');

/** The signing secret of the stage local. It is public, and used on this machine only. */
export const LOCAL_SECRET = 'local-secret';
/** The port of `npm start` without --port. */
export const DEFAULT_PORT = 3_000;
/** The path of the webhook endpoint in serverless.yml. */
export const WEBHOOK_PATH = '/webhooks/voucherify';

/** The queues that the merchant's own programs read: destination name and logical id. */
export const MERCHANT_QUEUES = { consumers: 'ConsumersQueue' } as const;
/** The logical ids of the queues for deliveries that were given up, and for webhooks that are not valid. */
export const DEAD_LETTERS_QUEUE = 'DeadLettersQueue';
export const QUARANTINE_QUEUE = 'QuarantineQueue';
