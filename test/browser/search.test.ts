import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findViolations } from './support/find-violations.ts';
import { type OpenConsole, openConsole, sendSample, setResponse } from './support/open-console.ts';

const SOON = { timeout: 20_000 };
const SAMPLES = [
  'code-gift-card',
  'code-percent-discount',
  'message-segment-entered',
  'workflow-member-created',
  'code-missing',
  'forged-signature',
];

let relayConsole: OpenConsole;
let page: Page;
beforeAll(async () => {
  relayConsole = await openConsole();
  page = await relayConsole.page();
  for (const sample of SAMPLES) await sendSample(page, sample, { withNewId: false });
  await setResponse(page, 'http', 'responds 400');
  await sendSample(page, 'promotion', { withNewId: false });
  await page.locator('.delivery.dead').first().waitFor();
  await setResponse(page, 'http', 'responds 200');
  await page.close();
});
afterAll(async () => {
  await relayConsole.close();
});
beforeEach(async () => {
  page = await relayConsole.page();
});
afterEach(() => page.close());

const search = (text: string): Promise<void> => page.getByLabel('Search').fill(text);
const listed = (): Promise<string[]> => page.locator('.row-record').allInnerTexts();
const filterBy = async (name: string, value: string): Promise<void> => {
  const select = page.getByRole('group', { name: 'Filter' }).getByLabel(name);
  if (!(await select.isVisible())) await page.getByRole('button', { name: 'Filter' }).click();
  await select.selectOption(value);
};

describe('the search', () => {
  test.each([
    ['the e-mail address of a customer', 'lindqvist@'],
    ['the source id of a customer', 'shop-10442'],
    ['a whole code', 'HARBOUR-PCT7KD93'],
  ])('finds webhooks by %s, which the page does not have', async (_case, text) => {
    const requests: string[] = [];
    page.on('request', (request) => requests.push(decodeURIComponent(request.url())));
    await search(text);
    await expect.poll(async () => (await listed()).length, SOON).toBeLessThan(SAMPLES.length);
    expect((await listed()).length).toBeGreaterThan(0);
    expect(await page.content()).not.toContain(`>${text}`);
    expect(page.url()).not.toContain(text);
    expect(requests.filter((url) => url.includes(text))).toEqual([]);
    expect(requests.some((url) => url.endsWith('/console/search'))).toBe(true);
  });

  test('shows a webhook that arrives later, if it matches', async () => {
    await search('whs_gft');
    await expect.poll(listed, SOON).toEqual([expect.stringContaining('whs_gft')]);
    await sendSample(page, 'code-gift-card', { withNewId: false });
    await expect.poll(async () => (await listed()).length, SOON).toBe(2);
    await sendSample(page, 'promotion');
    await page
      .getByRole('status')
      .getByText(/^2 of /)
      .waitFor();
  });

  test('says that nothing matches, and is cleared', async () => {
    await search('nobody@example.com');
    await page.getByText('No webhook matches').waitFor();
    await page.getByRole('button', { name: 'Clear the search and the filter' }).click();
    await expect.poll(async () => (await listed()).length, SOON).toBeGreaterThan(5);
    expect(await page.getByLabel('Search').inputValue()).toBe('');
  });
});

describe('the filter', () => {
  test.each([
    ['dead', '.delivery.dead'],
    ['delivered', '.delivery.delivered'],
    ['quarantined', '.response.warn'],
    ['rejected', '.response.error'],
  ])('lists the webhooks in the state %s', async (state, mark) => {
    await filterBy('State', state);
    const rows = page.locator('.row');
    await page
      .getByRole('status')
      .getByText(/^\d+ of /)
      .waitFor();
    await expect
      .poll(
        async () =>
          (await rows.count()) === (await rows.filter({ has: page.locator(mark) }).count()),
        SOON,
      )
      .toBe(true);
    expect(await rows.count()).toBeGreaterThan(0);
  });

  test('by event and distribution is kept in the address, over a reload and an open webhook', async () => {
    const labels = page.getByRole('group', { name: 'Filter' }).getByLabel('Distribution');
    await page.getByRole('button', { name: 'Filter' }).click();
    const [, label = ''] = await labels.locator('option').allInnerTexts();
    await filterBy('Distribution', label);
    await filterBy('Event', 'manual_distribution_schedule');
    await expect.poll(async () => (await listed()).length, SOON).toBeLessThan(SAMPLES.length);
    const found = await listed();
    await page.locator('.row').first().click();
    await page.getByRole('article').waitFor();
    await page.reload();
    await page.getByRole('article').waitFor();
    await expect.poll(listed, SOON).toEqual(found);
    expect(await labels.inputValue()).toBe(label);
  });

  test.each([
    [1_280, 720, 'light'],
    [390, 844, 'dark'],
  ] as const)('leaves room for the list at %i x %i', async (width, height, colorScheme) => {
    await page.close();
    page = await relayConsole.page({ width, height, colorScheme });
    await search('e');
    await filterBy('State', 'delivered');
    const list = await page.locator('.rows').boundingBox();
    expect(list?.height).toBeGreaterThan(120);
    const isTooWide = 'document.documentElement.scrollWidth > window.innerWidth';
    expect(await page.evaluate(isTooWide)).toBe(false);
    expect(await findViolations(page)).toEqual([]);
  });
});
