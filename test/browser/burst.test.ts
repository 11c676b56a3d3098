import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SIGNATURE_HEADER, sign } from '../../lib/voucherify/signature.ts';
import { LOCAL_SECRET, WEBHOOK_PATH } from '../../lib/local/cli/paths.ts';
import { type OpenConsole, openConsole } from './support/open-console.ts';

/** More than the console keeps. */
const WEBHOOKS = 1_200;
const CONCURRENCY = 32;
const TIMEOUT_MS = 240_000;
const MAX_HEAP_BYTES = 64 * 1_048_576;

let relayConsole: OpenConsole;
beforeAll(async () => {
  relayConsole = await openConsole();
});
afterAll(async () => {
  await relayConsole.close();
});

async function sendBurst(): Promise<void> {
  const sample = JSON.parse(await readFile('events/promotion.json', 'utf8')) as { body: string };
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const post = (number: number): Promise<number | undefined> => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    const body = sample.body.replace(/whs_\w+/, `whs_burst${number}`);
    const headers = {
      'content-type': 'application/json',
      [SIGNATURE_HEADER]: sign(body, LOCAL_SECRET),
    };
    const url = relayConsole.address + WEBHOOK_PATH;
    const call = request(url, { agent, method: 'POST', headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    call.on('error', reject);
    call.end(body);
    return promise;
  };
  let next = 0;
  const sendNext = async (): Promise<void> => {
    while (next < WEBHOOKS) {
      const number = next;
      next += 1;
      expect(await post(number)).toBe(202);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sendNext));
  agent.destroy();
}

test(
  `the page stays responsive while ${WEBHOOKS} webhooks arrive, and its DOM and memory stay small`,
  async () => {
    const page = await relayConsole.page();
    const devTools = await page.context().newCDPSession(page);
    const finished = new AbortController();
    const sending = sendBurst().finally(() => finished.abort());
    let clicks = 0;
    await page.locator('.row').first().waitFor();
    while (!finished.signal.aborted) {
      await page.getByRole('tab', { name: 'Send' }).click();
      await page.getByRole('form', { name: 'Send a webhook' }).waitFor();
      await page.getByRole('tab', { name: 'Try a mapping' }).click();
      await page.getByRole('form', { name: 'Try a mapping' }).waitFor();
      clicks += 1;
    }
    await sending;
    expect(clicks).toBeGreaterThan(5);

    const endpoint = page.getByRole('group', { name: 'Endpoint', exact: true });
    await expect
      .poll(() => endpoint.innerText(), { timeout: 60_000 })
      .toContain(WEBHOOKS.toLocaleString('en'));
    const rows = page.locator('.rows li');
    expect(await rows.count()).toBeLessThan(60);
    expect(await rows.first().getAttribute('aria-setsize')).toBe('1000');
    await devTools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devTools.send('Runtime.getHeapUsage');
    expect(usedSize).toBeLessThan(MAX_HEAP_BYTES);
    const nodes = await page.evaluate('document.querySelectorAll("*").length');
    expect(nodes).toBeLessThan(1_500);
  },
  TIMEOUT_MS,
);
