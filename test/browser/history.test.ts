import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findViolations } from './support/find-violations.ts';
import { type OpenConsole, openConsole, sendSample, setResponse } from './support/open-console.ts';

const SOON = { timeout: 20_000 };

let relayConsole: OpenConsole;
let page: Page;
beforeAll(async () => {
  relayConsole = await openConsole();
  page = await relayConsole.page();
});
afterAll(async () => {
  await relayConsole.close();
});

const row = (text: string): Locator => page.locator('.row', { hasText: text }).first();
const historyFile = (): string => join(relayConsole.project.folder, '.local/console-history.json');

async function restart(): Promise<void> {
  await relayConsole.stop();
  await page.getByText('not connected', { exact: true }).waitFor();
  await relayConsole.restart();
  await page.getByText('live', { exact: true }).waitFor();
}

test('after a restart the webhooks and their timelines are there again, and nothing of them waits', async () => {
  await setResponse(page, 'http', 'responds 400');
  await sendSample(page, 'code-percent-discount', { withNewId: false });
  await row('whs_pct').locator('.delivery.dead', { hasText: 'http' }).waitFor();
  await setResponse(page, 'http', 'responds 500');
  await sendSample(page, 'code-gift-card', { withNewId: false });
  await row('whs_gft').locator('.delivery.waiting', { hasText: 'http' }).waitFor();
  await sendSample(page, 'code-missing', { withNewId: false });
  await row('whs_gft').click();
  const record = page.getByRole('region', { name: 'Formatted record' });
  await record.waitFor();
  const link = page.url();
  const recordText = await record.innerText();
  await restart();

  // the link of before still shows it
  expect(page.url()).toBe(link);
  await page.locator('.details-head').getByText('earlier run').waitFor();
  expect(await record.innerText()).toBe(recordText);
  await page.getByRole('region', { name: 'Timeline' }).getByText('ended: npm start was').waitFor();
  const open = page.getByRole('list', { name: 'Not delivered' });
  await open.getByText('ended by a restart, http_status 500').waitFor();
  expect(await open.getByRole('button').count()).toBe(0);
  await row('whs_gft').locator('.delivery.ended', { hasText: 'http' }).waitFor();
  await row('whs_gft').locator('.delivery.delivered', { hasText: 'consumers' }).waitFor();
  expect(await page.locator('.delivery.waiting').count()).toBe(0);
  await row('whs_pct').locator('.delivery.dead', { hasText: 'http' }).waitFor();
  expect(await page.locator('.row', { hasText: 'earlier run' }).count()).toBe(3);
  expect(await findViolations(page)).toEqual([]);

  await page.locator('.row', { hasText: 'quarantined' }).click();
  await page.getByRole('region', { name: 'Issues' }).waitFor();
  expect(await page.getByRole('article').getByRole('button', { name: 'Replay' }).count()).toBe(0);
});

test('the same webhook is delivered anew, because its table is empty, and is no repetition', async () => {
  await sendSample(page, 'code-gift-card', { withNewId: false });
  await row('whs_gft').locator('.delivery.delivered', { hasText: 'http' }).waitFor();
  expect(await row('whs_gft').innerText()).not.toMatch(/duplicate|earlier run/);
});

test('what is searched is found in the earlier run, too', async () => {
  await page.getByLabel('Search').fill('HARBOUR-PCT7KD93');
  await expect.poll(() => page.locator('.row').count(), SOON).toBe(1);
  await page.getByLabel('Search').fill('');
});

test('"Clear list" removes all of it, also after a restart', async () => {
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('button', { name: 'Clear list' }).click();
  await page.getByText('No webhooks yet').waitFor();
  await restart();
  await page.getByText('No webhooks yet').waitFor();
  await expect(readFile(historyFile())).rejects.toThrow('ENOENT');
});

test('a history of another release is ignored', async () => {
  await sendSample(page, 'promotion');
  await relayConsole.stop();
  const text = await readFile(historyFile(), 'utf8');
  await writeFile(historyFile(), text.replace('"version":1', '"version":0'));
  await relayConsole.restart();
  await page.getByText('live', { exact: true }).waitFor();
  await page.getByText('No webhooks yet').waitFor();
});
