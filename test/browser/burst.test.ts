import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SIGNATURE_HEADER, signatureOf } from '../../lib/voucherify/signature.ts';
import { LOCAL_SECRET, WEBHOOK_PATH } from '../../lib/local/cli/paths.ts';
import { type OpenConsole, openConsole } from './support/open-console.ts';

const WEBHOOKS = 5_000;
const AT_ONCE = 32;
const MANY_MINUTES = 240_000;
const MOST_HEAP_BYTES = 64 * 1_048_576;

let opened: OpenConsole;
beforeAll(async () => {
  opened = await openConsole();
});
afterAll(async () => {
  await opened.close();
});

async function burst(): Promise<void> {
  const sample = JSON.parse(await readFile('events/promotion.json', 'utf8')) as { body: string };
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const post = (number: number): Promise<number | undefined> => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    const body = sample.body.replace(/whs_\w+/, `whs_burst${number}`);
    const headers = {
      'content-type': 'application/json',
      [SIGNATURE_HEADER]: signatureOf(body, LOCAL_SECRET),
    };
    const url = opened.address + WEBHOOK_PATH;
    const call = request(url, { agent, method: 'POST', headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    });
    call.on('error', reject);
    call.end(body);
    return promise;
  };
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < WEBHOOKS) {
      const number = next;
      next += 1;
      expect(await post(number)).toBe(202);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  agent.destroy();
}

test(
  `the page goes on answering while ${WEBHOOKS} webhooks come in, and neither it nor its memory grows`,
  async () => {
    const page = await opened.page();
    const tools = await page.context().newCDPSession(page);
    const over = new AbortController();
    const coming = burst().finally(() => over.abort());
    let clicks = 0;
    await page.locator('.row').first().waitFor();
    while (!over.signal.aborted) {
      await page.getByRole('tab', { name: 'Send' }).click();
      await page.getByRole('form', { name: 'Send a webhook' }).waitFor();
      await page.getByRole('tab', { name: 'Try a mapping' }).click();
      await page.getByRole('form', { name: 'Try a mapping' }).waitFor();
      clicks += 1;
    }
    await coming;
    expect(clicks).toBeGreaterThan(5);

    const endpoint = page.getByRole('group', { name: 'Endpoint', exact: true });
    await expect.poll(() => endpoint.innerText(), { timeout: 60_000 }).toContain('5,000');
    const rows = page.locator('.rows li');
    expect(await rows.count()).toBeLessThan(60);
    expect(await rows.first().getAttribute('aria-setsize')).toBe('1000');
    await tools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await tools.send('Runtime.getHeapUsage');
    expect(usedSize).toBeLessThan(MOST_HEAP_BYTES);
    const nodes = await page.evaluate('document.querySelectorAll("*").length');
    expect(nodes).toBeLessThan(1_500);
  },
  MANY_MINUTES,
);
