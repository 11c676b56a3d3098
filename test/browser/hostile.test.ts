import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SIGNATURE_HEADER, sign } from '../../lib/voucherify/signature.ts';
import { LOCAL_SECRET, WEBHOOK_PATH } from '../../lib/local/cli/paths.ts';
import { readWebhookSamples } from '../../lib/local/cli/samples.ts';
import { type OpenConsole, openConsole } from './support/open-console.ts';

const CHARACTERS = 100_000;
/** The mask was quadratic: 12.8 s for such a text. */
const SOON_MS = 2_000;

let relayConsole: OpenConsole;
let page: Page;
beforeAll(async () => {
  relayConsole = await openConsole();
  page = await relayConsole.page();
});
afterAll(async () => {
  await relayConsole.close();
});

const sample = (await readWebhookSamples('events')).find(({ name }) => name === 'promotion');
const newestRow = (): Locator => page.locator('.row').first();

/** Posts the sample with another id, and perhaps another name of its campaign. */
async function post(
  id: string,
  change: (body: string) => string = (body) => body,
): Promise<number> {
  const body = change((sample?.body ?? '').replace(/"whs_\w+"/, JSON.stringify(id)));
  const response = await fetch(relayConsole.address + WEBHOOK_PATH, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [SIGNATURE_HEADER]: sign(body, LOCAL_SECRET),
    },
    body,
  });
  return response.status;
}

test('a webhook with a text of 100,000 characters opens, and the pipeline goes on meanwhile', async () => {
  // each character could begin an e-mail address
  const long = 'a.'.repeat(CHARACTERS / 2);
  expect(await post('whs_long', (body) => body.replace('Rainy days', long))).toBe(202);
  await newestRow().getByText('whs_long').waitFor();
  await newestRow().click();
  const startedAt = Date.now();
  expect(await post('whs_next')).toBe(202);
  await page.getByRole('region', { name: 'Formatted body' }).waitFor();
  expect(Date.now() - startedAt).toBeLessThan(SOON_MS);
});

test('an id with a line break and a character that reverses text is delivered, and stays on its line', async () => {
  expect(await post('whs_one\ntwo\u202ethree')).toBe(202);
  await newestRow().locator('.delivery.delivered', { hasText: 'http' }).waitFor();
  expect((await newestRow().locator('.row-record').boundingBox())?.height).toBeLessThan(24);
  const direction = 'getComputedStyle(document.querySelector(".row-record")).unicodeBidi';
  expect(await page.evaluate(direction)).toBe('isolate');
  await newestRow().click();
  const body = page.getByRole('region', { name: 'Formatted body' });
  await body.getByText(String.raw`whs_one\ntwo\u202ethree`).waitFor();
  const printed = relayConsole.output().split(/^curl .*$/m)[1] ?? '';
  expect(printed).toMatch(/^[\d:]+ {2}delivery hash_\w+ -> http delivered 200/m);
  expect(printed.split('\n').filter((line) => !/^$|^\d\d:\d\d:\d\d {2}/.test(line))).toEqual([]);
});

test('a wrong path gets a response that names the right one', async () => {
  const response = await fetch(`${relayConsole.address}/webhooks/voucherfy`, { method: 'POST' });
  expect(response.status).toBe(404);
  expect(await response.text()).toContain('Webhooks go to POST /webhooks/voucherify');
});

test('when npm start does not run any more, the page says so, and what to do', async () => {
  await relayConsole.stop();
  await page.getByText('not connected', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Send again' }).click();
  await page
    .locator('output')
    .getByText('npm start does not respond. Is it still running?')
    .waitFor();
});
