import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { launchChromium } from './chromium.ts';
import { startPipeline } from '../emulator/emulator.ts';
import { EVENTS_FOLDER, MERCHANT_QUEUES, PROJECT_FOLDER } from '../cli/paths.ts';
import { bodyBytes, webhookHeaders } from '../cli/gateway-event.ts';
import { post } from '../cli/post.ts';
import { readWebhookSamples } from '../cli/samples.ts';
import { runTool } from '../cli/run-cli.ts';
import { createConsole } from '../console/console.ts';

// Takes the picture of the README again: every sample sent, one destination broken, one webhook open.

const PICTURE = fileURLToPath(new URL('../../../docs/console.png', import.meta.url));
const SIZE = { width: 1_360, height: 900 };
const OPENED = 'whs_pct';
/** The samples for which the destination `http` answers 500. */
const BROKEN_FOR = new Set(['promotion', 'project-voucher-published']);
const BETWEEN_MS = 120;
/** For the retries to be written down, and the page to have drawn everything. */
const SETTLED_MS = 1_500;

await runTool(async (say) => {
  const browser = await launchChromium(process.env);
  const page = await createConsole();
  const pipeline = await startPipeline({
    ...page.observer,
    projectFolder: PROJECT_FOLDER,
    consumers: MERCHANT_QUEUES,
    elsewhere: page.listener,
  });
  try {
    await page.watch(pipeline);
    for (const sample of await readWebhookSamples(EVENTS_FOLDER)) {
      const broken = BROKEN_FOR.has(sample.name);
      pipeline.sinks.behave('http', broken ? () => ({ kind: 'answer', status: 500 }) : undefined);
      const url = pipeline.httpEndpoint + sample.rawPath;
      await post(url, webhookHeaders(sample), bodyBytes(sample));
      await wait(BETWEEN_MS);
    }
    const tab = await browser.newPage({ viewport: SIZE, colorScheme: 'light' });
    await tab.goto(`${pipeline.httpEndpoint}/`);
    await tab.locator('.row', { hasText: OPENED }).last().click();
    await tab.getByRole('article').waitFor();
    await wait(SETTLED_MS);
    await tab.screenshot({ path: PICTURE });
    say('docs/console.png is taken anew.');
    return 0;
  } finally {
    page.stop();
    await pipeline.stop();
    await browser.close();
  }
});
