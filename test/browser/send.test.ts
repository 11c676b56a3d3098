import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readWebhookSamples } from '../../lib/local/cli/samples.ts';
import { type OpenConsole, openConsole, sendSample } from './support/open-console.ts';

const SOON = { timeout: 20_000 };

let relayConsole: OpenConsole;
let page: Page;
beforeAll(async () => {
  relayConsole = await openConsole();
});
afterAll(async () => {
  await relayConsole.close();
});
beforeEach(async () => {
  page = await relayConsole.page();
});
afterEach(() => page.close());

const newestRow = (): Locator => page.locator('.row').first();
const toast = (): Locator => page.locator('output');
const form = (): Locator => page.getByRole('form', { name: 'Send a webhook' });
const editor = (): Locator => form().getByLabel('Body', { exact: true });

const samples = await readWebhookSamples('events');

test('every sample gets, as the form sends it, the response that its file expects', async () => {
  await page.getByRole('tab', { name: 'Send' }).click();
  const undelivered: string[] = [];
  let rows = 0;
  for (const { name, expect: expected } of samples) {
    if (expected === undefined) continue;
    await form().getByLabel('Sample from events/').selectOption(name);
    await form().getByRole('button', { name: 'Send', exact: true }).click();
    const response = [expected.httpStatus, expected.status].filter(Boolean).join(' ');
    await toast().getByText(response).waitFor();
    const sent = (await toast().innerText()).split(', then ');
    const isRepetition = expected.duplicateOf !== undefined;
    expect(sent.length, name).toBe(isRepetition ? 2 : 1);
    rows += sent.length;
    await page.locator(`.rows li[aria-setsize="${rows}"]`).first().waitFor();
    for (const destination of expected.delivered)
      await newestRow().locator('.delivery.delivered', { hasText: destination }).waitFor();
    if (expected.delivered.length === 0) undelivered.push(`${rows}`);
    await page.getByRole('button', { name: 'Dismiss' }).click();
  }
  expect(undelivered.length).toBeGreaterThan(5);
  for (const number of undelivered) {
    const position = rows - Number(number) + 1;
    const row = page.locator(`.rows li[aria-posinset="${position}"]`);
    await page.evaluate(`document.querySelector('.rows').scrollTop = ${(position - 1) * 56}`);
    await row.waitFor();
    expect(await row.locator('.delivery.delivered').count(), `row ${position}`).toBe(0);
  }
});

describe.each([
  [1_280, 720],
  [390, 844],
])('at %i x %i', (width, height) => {
  test('a notice covers no control, and goes away by itself', async () => {
    await page.setViewportSize({ width, height });
    if (width < 1_000) await page.getByRole('button', { name: 'Send a webhook' }).click();
    await page.getByRole('tab', { name: 'Send' }).click();
    await form().getByRole('button', { name: 'Edit the body' }).click();
    await editor().waitFor();
    const send = form().getByRole('button', { name: 'Send', exact: true });
    await send.click();
    await toast().getByText('202 queued').waitFor();
    await send.scrollIntoViewIfNeeded();
    const [noticeBox, panelBox, sendBox] = [
      await toast().boundingBox(),
      await page.getByRole('tabpanel').boundingBox(),
      await send.boundingBox(),
    ];
    if (noticeBox === null || panelBox === null || sendBox === null) throw new Error('not drawn');
    expect(panelBox.y + panelBox.height).toBeLessThanOrEqual(noticeBox.y + 0.5);
    expect(sendBox.y + sendBox.height).toBeLessThanOrEqual(noticeBox.y + 0.5);
    expect(noticeBox.y + noticeBox.height).toBeLessThanOrEqual(height + 0.5);
    await expect.poll(() => toast().innerText(), SOON).toBe('');
  });
});

describe('a webhook that is edited and sent', () => {
  beforeEach(async () => {
    await sendSample(page, 'code-percent-discount');
    await newestRow().locator('.delivery.delivered', { hasText: 'http' }).waitFor();
    await newestRow().click();
    await page.getByRole('button', { name: 'Edit and send' }).click();
    await editor().waitFor();
  });

  test('gets a new id by default, and is delivered', async () => {
    const before = await newestRow().locator('.row-record').innerText();
    await form().getByRole('button', { name: 'Send', exact: true }).click();
    await expect.poll(() => newestRow().locator('.row-record').innerText(), SOON).not.toBe(before);
    await newestRow().locator('.delivery.delivered', { hasText: 'http' }).waitFor();
    expect(await newestRow().getByText('duplicate', { exact: true }).count()).toBe(0);
  });

  test('is marked as a repetition when it keeps its id, at each delivery, too', async () => {
    await form().getByLabel('New webhook id').uncheck();
    await form().getByRole('button', { name: 'Send', exact: true }).click();
    await newestRow().locator('.tag', { hasText: 'duplicate' }).waitFor();
    await newestRow().locator('.delivery.duplicate', { hasText: 'http' }).waitFor();
    expect(await newestRow().locator('.delivery.delivered').count()).toBe(0);
    await page.locator('.row').nth(1).locator('.delivery.delivered').first().waitFor();
  });

  test('is edited with one line for each value, in a monospaced font, and kept while another tab is open', async () => {
    const body = await editor().inputValue();
    expect(body).toMatch(/^\{\n {2}"/);
    const sample = await readFile(
      join(relayConsole.project.folder, 'events/code-percent-discount.json'),
      'utf8',
    );
    const sent = JSON.parse((JSON.parse(sample) as { body: string }).body) as object;
    expect({ ...(JSON.parse(body) as object), id: '' }).toEqual({ ...sent, id: '' });
    expect(
      await page.evaluate(
        'getComputedStyle(document.querySelector("#panel textarea")).fontFamily.endsWith("monospace")',
      ),
    ).toBe(true);
    await editor().fill('{"edited": true}');
    await page.getByRole('tab', { name: 'Queues' }).click();
    await page.getByRole('tab', { name: 'Send' }).click();
    expect(await editor().inputValue()).toBe('{"edited": true}');
  });
});

test('a body to try with a mapping is kept while another tab is open', async () => {
  const tried = page
    .getByRole('form', { name: 'Try a mapping' })
    .getByLabel('Body', { exact: true });
  await page.getByRole('tab', { name: 'Try a mapping' }).click();
  await tried.fill('{"To": "nobody"}');
  await page.getByRole('tab', { name: 'Queues' }).click();
  await page.getByRole('tab', { name: 'Try a mapping' }).click();
  expect(await tried.inputValue()).toBe('{"To": "nobody"}');
});
