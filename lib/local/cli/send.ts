import { sign, SIGNATURE_HEADER } from '../../voucherify/signature.ts';
import { findRunningLocalPipeline } from '../emulator/pid-file.ts';
import { StartError } from '../emulator/start-error.ts';
import { parseArguments } from './arguments.ts';
import { withNewId, createRandomId } from './new-webhook-id.ts';
import { post } from './post.ts';
import { DEFAULT_PORT, PROJECT_FOLDER, WEBHOOK_PATH } from './paths.ts';
import { SECRET_VARIABLE, readSigningSecret } from './signing-secret.ts';
import { runCli, UsageError } from './run-cli.ts';
import { readWebhookFile, toWebhookUrl } from './webhook-file.ts';

const USAGE = `Usage: npm run send -- FILE [--url URL] [--new-id]
  Signs a webhook and posts it.
  FILE      the body of a webhook, or an event in events/, which is posted to the path of its mapping
  --url     the endpoint; by default that of the running npm start.
            The signing secret of an endpoint on another machine is read from
            ${SECRET_VARIABLE}, or asked for.
  --new-id  replace the webhook's id, so that it is not a duplicate`;

await runCli(async (print) => {
  const { values, positionals } = parseArguments(
    {
      allowPositionals: true,
      options: { url: { type: 'string' }, 'new-id': { type: 'boolean', default: false } },
    },
    USAGE,
  );
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new UsageError(`Give one file.\n${USAGE}`);
  const endpoint = await resolveTargetUrl(values.url);

  const { body: original, path } = await readWebhookFile(file);
  const url = toWebhookUrl(endpoint, path);
  const body = values['new-id'] ? withNewId(original, createRandomId) : original;
  const signature = sign(body, await readSigningSecret(url, process.env));
  const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: signature };
  const response = await post(url.href, headers, body).catch(() => {
    throw new StartError(`No response from ${url.href}. Is npm start running?`);
  });
  print(`${response.status} ${response.statusText}\n${response.text}`);
  return response.status >= 200 && response.status < 300 ? 0 : 1;
});

async function resolveTargetUrl(option: string | undefined): Promise<URL> {
  const running = option === undefined ? await findRunningLocalPipeline(PROJECT_FOLDER) : null;
  const text = option ?? running?.webhookUrl ?? `http://127.0.0.1:${DEFAULT_PORT}${WEBHOOK_PATH}`;
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new UsageError(`${text} is not a URL. It must begin with http:// or https://.\n${USAGE}`);
}
