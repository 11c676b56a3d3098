import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findViolations } from './support/find-violations.ts';
import {
  type OpenConsole,
  openConsole,
  readCount,
  sendSample,
  setResponse,
} from './support/open-console.ts';

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
const deliveryTo = (destination: string): Locator =>
  newestRow().locator('.delivery', { hasText: destination });
const openList = (node: string): Promise<void> =>
  page
    .getByRole('group', { name: node, exact: true })
    .getByRole('button', { name: node, exact: true })
    .click();
const messages = (): Locator => page.locator('.messages li');
const notDelivered = (): Locator => page.getByRole('list', { name: 'Not delivered' });

async function makeDeadLetters(...samples: readonly string[]): Promise<string[]> {
  await setResponse(page, 'http', 'responds 400');
  const ids: string[] = [];
  for (const sample of samples) {
    await sendSample(page, sample);
    await deliveryTo('http').and(page.locator('.dead')).waitFor();
    ids.unshift(await newestRow().locator('.row-record').innerText());
  }
  await setResponse(page, 'http', 'responds 200');
  return ids;
}

describe('behind the node of the dead letters', () => {
  test('is a list with id, destination, reason and time, and each is replayed by itself', async () => {
    const ids = await makeDeadLetters('promotion', 'code-gift-card');
    await openList('Dead letters');
    await expect.poll(() => messages().locator('code').allInnerTexts(), SOON).toEqual(ids);
    expect(new URL(page.url()).hash).toBe('#/dead-letters');
    const text = await messages().first().innerText();
    expect(text).toMatch(/http\b/);
    expect(text).toContain('a further attempt would fail in the same way');
    expect(text).toContain('an HTTP status other than 2xx (400)');
    expect(text).toMatch(/since \d\d:\d\d:\d\d, \d+ s/);
    expect(await findViolations(page)).toEqual([]);

    await messages().last().getByRole('button', { name: 'Replay' }).click();
    await page.locator('output').getByText(`${ids[1]} is replayed from dead-letters`).waitFor();
    await expect
      .poll(() => messages().locator('code').allInnerTexts(), SOON)
      .toEqual(ids.slice(0, 1));
    await page
      .locator('.row', { hasText: ids[1] ?? '' })
      .locator('.delivery.delivered', { hasText: 'http' })
      .waitFor();
    await messages()
      .first()
      .getByRole('button', { name: ids[0] ?? '' })
      .click();
    await page
      .locator('h3 code')
      .getByText(ids[0] ?? '')
      .waitFor();

    await openList('Dead letters');
    await page.getByRole('button', { name: 'Replay all' }).click();
    await page.getByText('No dead letters.').waitFor();
    await expect.poll(() => readCount(page, 'Dead letters'), SOON).toBe(0);
  });

  test('a delivery that was given up is replayed from its webhook, too', async () => {
    await makeDeadLetters('promotion');
    await newestRow().click();
    await notDelivered().getByText('dead letter, rejected http_status 400').waitFor();
    await notDelivered().getByRole('button', { name: 'Replay' }).click();
    await deliveryTo('http').and(page.locator('.delivered')).waitFor();
    await notDelivered().waitFor({ state: 'detached' });
  });
});

describe('behind the node of quarantine', () => {
  test('is a list with the issues, and one that is still not valid says why it is not replayed', async () => {
    await sendSample(page, 'code-missing');
    await sendSample(page, 'unknown-shape');
    await openList('Quarantine');
    await expect.poll(() => messages().count(), SOON).toBe(2);
    const row = page.locator('.row', { hasText: 'quarantined' }).last();
    const id = await messages().last().locator('code').innerText();
    expect(await row.innerText()).toContain('quarantined');
    expect(await messages().last().innerText()).toMatch(/code/);
    expect(await findViolations(page)).toEqual([]);
    await messages().last().getByRole('button', { name: 'Replay' }).click();
    await page
      .locator('output')
      .getByText(`${id} is not replayed. It is still not valid:`)
      .waitFor();
    await page.getByText('No dead letters.').waitFor({ state: 'detached' });
    expect(await messages().count()).toBe(2);
  });

  test('a quarantined webhook has the same button', async () => {
    await sendSample(page, 'code-missing');
    await newestRow().click();
    const article = page.getByRole('article');
    await article.getByRole('button', { name: 'Replay' }).click();
    await page.locator('output').getByText('It is still not valid:').waitFor();
  });
});

test('nothing is wider than a phone, in the lists', async () => {
  await makeDeadLetters('promotion');
  await sendSample(page, 'unknown-shape');
  await page.setViewportSize({ width: 390, height: 844 });
  for (const node of ['Quarantine', 'Dead letters']) {
    await page.goto(`${relayConsole.address}/#/`);
    await openList(node);
    await messages().first().waitFor();
    const tooWide = `[...document.querySelectorAll('.panel *')]
      .filter((each) => each.getBoundingClientRect().right > window.innerWidth).map((each) => each.outerHTML)`;
    expect(await page.evaluate(tooWide)).toEqual([]);
  }
});

describe('a delivery that waits', () => {
  test('is attempted at once by "Retry now", and no other one is', async () => {
    await setResponse(page, 'http', 'responds 500');
    await sendSample(page, 'promotion');
    await deliveryTo('http').and(page.locator('.waiting')).waitFor();
    await sendSample(page, 'code-gift-card');
    await deliveryTo('http').and(page.locator('.waiting')).waitFor();
    await expect.poll(() => deliveryTo('http').innerText(), SOON).toMatch(/in \d+ s/);
    await setResponse(page, 'http', 'responds 200');
    const other = page.locator('.row').nth(1).locator('.delivery', { hasText: 'http' });
    await newestRow().click();
    const retry = notDelivered().getByRole('button', { name: 'Retry now: http' });
    expect(await other.getAttribute('class')).toContain('waiting');
    await retry.click();
    await page.locator('output').getByText('The delivery to http is attempted now.').waitFor();
    await deliveryTo('http').and(page.locator('.delivered')).waitFor({ timeout: 3_000 });
    expect(await findViolations(page)).toEqual([]);
    await other.and(page.locator('.delivered')).waitFor();
  });

  test('at a paused destination is not attempted, and the notice says so', async () => {
    await setResponse(page, 'http', 'responds 500');
    await sendSample(page, 'promotion');
    await expect.poll(() => deliveryTo('http').innerText(), SOON).toMatch(/in \d+ s/);
    await page.getByRole('tab', { name: 'Queues' }).click();
    await page.getByRole('button', { name: 'Pause http' }).click();
    await page.getByRole('button', { name: 'Resume http' }).waitFor();
    await newestRow().click();
    await notDelivered().getByRole('button', { name: 'Retry now: http' }).click();
    await page.locator('output').getByText('http is paused. Resume it').waitFor();
    await page.getByRole('tab', { name: 'Queues' }).click();
    await page.getByRole('button', { name: 'Resume http' }).click();
    await setResponse(page, 'http', 'responds 200');
    await deliveryTo('http').and(page.locator('.delivered')).waitFor();
  });
});
