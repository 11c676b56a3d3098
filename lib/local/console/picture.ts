import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { launchChromium } from '../tools/chromium.ts';
import { startPipeline } from '../pipeline/pipeline.ts';
import { EVENTS_FOLDER, MERCHANT_QUEUES, PROJECT_FOLDER } from '../tools/project.ts';
import { bodyBytes, webhookHeaders } from '../tools/gateway-event-file.ts';
import { post } from '../tools/post.ts';
import { readWebhookSamples } from '../tools/samples.ts';
import { runTool } from '../tools/tool.ts';
import { createConsole } from './console.ts';

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
