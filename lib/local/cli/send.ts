import { signatureOf, SIGNATURE_HEADER } from '../../voucherify/signature.ts';
import { findRunning } from '../emulator/pid-file.ts';
import { StartError } from '../emulator/start-error.ts';
import { readArguments } from './arguments.ts';
import { freshWebhook, randomId } from './new-webhook-id.ts';
import { post } from './post.ts';
import { DEFAULT_PORT, PROJECT_FOLDER, WEBHOOK_PATH } from './paths.ts';
import { SECRET_VARIABLE, signingSecret } from './signing-secret.ts';
import { runTool, UsageError } from './run-cli.ts';
import { readWebhookFile } from './webhook-file.ts';

const USAGE = `Usage: npm run send -- FILE [--url URL] [--fresh]
  FILE     a webhook's body, or an event of events/
  --url    where to; without it, the pipeline that npm start runs.
           The secret of another machine comes from ${SECRET_VARIABLE}, or is asked for.
  --fresh  as a new webhook: with another id`;

await runTool(async (say) => {
  const { values, positionals } = readArguments(
    {
      allowPositionals: true,
      options: { url: { type: 'string' }, fresh: { type: 'boolean', default: false } },
    },
    USAGE,
  );
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new UsageError(`Name one file.\n${USAGE}`);
  const url = await targetUrl(values.url);

  const original = await readWebhookFile(file);
  const body = values.fresh ? freshWebhook(original, randomId) : original;
  const signature = signatureOf(body, await signingSecret(url, process.env));
  const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: signature };
  const answer = await post(url.href, headers, body).catch(() => {
    throw new StartError(`Nothing answers at ${url.href}. Is npm start running?`);
  });
  say(`${answer.status} ${answer.statusText}\n${answer.text}`);
  return answer.status >= 200 && answer.status < 300 ? 0 : 1;
});

async function targetUrl(given: string | undefined): Promise<URL> {
  const running = given === undefined ? await findRunning(PROJECT_FOLDER) : null;
  const text = given ?? running?.webhookUrl ?? `http://127.0.0.1:${DEFAULT_PORT}${WEBHOOK_PATH}`;
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new UsageError(`${text} is no URL of the web.\n${USAGE}`);
}
