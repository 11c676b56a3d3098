import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { launchChromium } from './chromium.ts';
import { startLocalPipeline } from '../emulator/local-pipeline.ts';
import { parseArguments } from '../cli/arguments.ts';
import { EVENTS_FOLDER, MERCHANT_QUEUES, PROJECT_FOLDER } from '../cli/paths.ts';
import { decodeEventBody, pickWebhookHeaders } from '../cli/gateway-event.ts';
import { post } from '../cli/post.ts';
import { readWebhookSamples } from '../cli/samples.ts';
import { runCli } from '../cli/run-cli.ts';
import { createConsole } from '../console/console.ts';

// Takes the screenshot of the README: every sample sent, one destination failing, one webhook open.

const SCREENSHOT_FILE = fileURLToPath(new URL('../../../docs/console.png', import.meta.url));
const VIEWPORT = { width: 1_360, height: 900 };
const OPENED_WEBHOOK_ID = 'whs_pct';
/** The samples for which the destination `http` responds with 500. */
const FAILING_SAMPLES = new Set(['promotion', 'project-voucher-published']);
const SEND_INTERVAL_MS = 120;
/** Time for the retries to be recorded and the page to be drawn. */
const SETTLE_MS = 1_500;

const USAGE = `Usage: npm run picture
  Writes docs/console.png, a screenshot of the console. It needs a Chromium.`;

await runCli(async (print) => {
  parseArguments({}, USAGE);
  const browser = await launchChromium(process.env);
  const relayConsole = await createConsole();
  const pipeline = await startLocalPipeline({
    ...relayConsole.observer,
    projectFolder: PROJECT_FOLDER,
    consumers: MERCHANT_QUEUES,
    fallback: relayConsole.listener,
  });
  try {
    await relayConsole.watch(pipeline);
    for (const sample of await readWebhookSamples(EVENTS_FOLDER)) {
      const isFailing = FAILING_SAMPLES.has(sample.name);
      pipeline.mockDestinations.setBehaviour(
        'http',
        isFailing ? () => ({ kind: 'respond', status: 500 }) : undefined,
      );
      const url = pipeline.httpEndpoint + sample.rawPath;
      await post(url, pickWebhookHeaders(sample), decodeEventBody(sample));
      await wait(SEND_INTERVAL_MS);
    }
    const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: 'light' });
    await page.goto(`${pipeline.httpEndpoint}/`);
    await page.locator('.row', { hasText: OPENED_WEBHOOK_ID }).last().click();
    await page.getByRole('article').waitFor();
    await wait(SETTLE_MS);
    await page.screenshot({ path: SCREENSHOT_FILE });
    print('Wrote docs/console.png.');
    return 0;
  } finally {
    await relayConsole.stop();
    await pipeline.stop();
    await browser.close();
  }
});
