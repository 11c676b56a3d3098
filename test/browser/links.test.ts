import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type OpenConsole, openConsole, sendSample } from './support/open-console.ts';

const SOON = { timeout: 20_000 };

let relayConsole: OpenConsole;
let page: Page;
beforeAll(async () => {
  relayConsole = await openConsole();
  page = await relayConsole.page();
  for (const sample of ['code-gift-card', 'promotion'])
    await sendSample(page, sample, { withNewId: false });
  await page.close();
});
afterAll(async () => {
  await relayConsole.close();
});
beforeEach(async () => {
  page = await relayConsole.page();
});
afterEach(() => page.close());

const isSelected = (tab: string): Promise<string | null> =>
  page.getByRole('tab', { name: tab, exact: true }).getAttribute('aria-selected');

test('a reload shows the open webhook again, and the back button the one before', async () => {
  await page.locator('.row', { hasText: 'whs_gft' }).click();
  const record = page.locator('h3 code');
  await record.getByText('whs_gft').waitFor();
  const giftCard = page.url();
  expect(giftCard).toMatch(/#\/webhooks\/.+/);
  await page.locator('.row').first().click();
  await expect.poll(() => page.url()).not.toBe(giftCard);
  const newest = await page.locator('.row').first().locator('.row-record').innerText();
  await record.getByText(newest).waitFor();
  await page.reload();
  await record.getByText(newest).waitFor();
  await page.goBack();
  await record.getByText('whs_gft').waitFor();
  expect(page.url()).toBe(giftCard);
});

test('the id of a record, as a log line has it, opens its webhook', async () => {
  const id = await page.locator('.row', { hasText: 'whs_gft' }).locator('.row-record').innerText();
  await page.goto(`${relayConsole.address}/#/webhooks/${id}`);
  await page.locator('h3 code').getByText(id).waitFor();
  await page.locator('.row.open', { hasText: 'whs_gft' }).waitFor();
});

test.each([
  ['Queues', '#/queues'],
  ['Dead letters', '#/dead-letters'],
  ['Quarantine', '#/quarantine'],
  ['Send', '#/send'],
  ['Try a mapping', '#/mapping'],
])('the tab %s has an address of its own, which a reload keeps', async (tab, hash) => {
  await page.getByRole('tab', { name: tab, exact: true }).click();
  expect(new URL(page.url()).hash).toBe(hash);
  await page.reload();
  await expect.poll(() => isSelected(tab), SOON).toBe('true');
});

test('on a phone the back button closes the panel', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.locator('.row', { hasText: 'whs_gft' }).click();
  await page.getByRole('article').waitFor();
  await page.goBack();
  await expect.poll(() => page.getByRole('article').isVisible(), SOON).toBe(false);
});

test('a link to a webhook that is no longer stored says so', async () => {
  await page.goto(`${relayConsole.address}/#/webhooks/whs_gone`);
  await page.locator('output').getByText('does not store this webhook any more').waitFor();
});
