import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findViolations } from './support/find-violations.ts';
import { type OpenConsole, openConsole, sendSample, setResponse } from './support/open-console.ts';
import { readTwelveDestinations } from './support/read-twelve-destinations.ts';

const SOON = { timeout: 20_000 };
const DESTINATIONS = 12;

let receiver: Server;
let relayConsole: OpenConsole;
beforeAll(async () => {
  receiver = createServer((request, response) => {
    request.resume();
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end('{"contact":{"id":"c-77","email":"mara.lindqvist@example.com"}}');
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const address = receiver.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  relayConsole = await openConsole(await readTwelveDestinations(`http://127.0.0.1:${port}/v1`));
});
afterAll(async () => {
  await relayConsole.close();
  receiver.close();
});

const openQueues = (page: Page): Promise<void> => page.getByRole('tab', { name: 'Queues' }).click();
const queueOf = (page: Page, name: string): Locator =>
  page.getByRole('group', { name: `Queue of ${name}`, exact: true });
const readFact = (page: Page, destination: string, fact: string): Promise<string> =>
  queueOf(page, destination)
    .locator('.queue-facts div', { has: page.locator('dt', { hasText: fact }) })
    .locator('dd')
    .innerText();
async function setPaused(page: Page, name: string, isPaused: boolean): Promise<void> {
  const [before, after] = isPaused ? ['Pause', 'Resume'] : ['Resume', 'Pause'];
  await page.getByRole('button', { name: `${before} ${name}`, exact: true }).click();
  await page.getByRole('button', { name: `${after} ${name}`, exact: true }).waitFor();
}

describe.each([
  [1_280, 720],
  [390, 844],
])('with twelve destinations at %i x %i', (width, height) => {
  test('the flow is capped and scrolls to the last destination, and the webhooks keep their height', async () => {
    const page = await relayConsole.page({ width, height });
    const flow = page.getByRole('region', { name: 'Pipeline' });
    const last = page.getByRole('group', { name: 'Destination sms', exact: true });
    expect((await flow.boundingBox())?.height).toBeLessThan(height * 0.62);
    const isScrolled =
      '(flow => flow.scrollHeight > flow.clientHeight)(document.querySelector(".flow"))';
    expect(await page.evaluate(isScrolled)).toBe(true);
    for (const name of ['Quarantine', 'Dead letters']) {
      const [flowArea, node] = [
        await flow.boundingBox(),
        await page.getByRole('group', { name, exact: true }).boundingBox(),
      ];
      if (flowArea === null || node === null) throw new Error('not drawn');
      expect(node.y + node.height).toBeLessThanOrEqual(flowArea.y + flowArea.height);
    }
    await last.scrollIntoViewIfNeeded();
    const [flowBox, lastBox] = [await flow.boundingBox(), await last.boundingBox()];
    if (flowBox === null || lastBox === null) throw new Error('not drawn');
    expect(lastBox.y).toBeGreaterThanOrEqual(flowBox.y);
    expect(lastBox.y + lastBox.height).toBeLessThanOrEqual(flowBox.y + flowBox.height);
    const list = await page.getByRole('region', { name: 'Webhooks' }).boundingBox();
    expect(list?.height).toBeGreaterThanOrEqual(240);
    await page.close();
  });

  test('nothing is wider than the window, in the flow, the queues and a webhook', async () => {
    const page = await relayConsole.page({ width, height });
    const findTooWide = (): Promise<unknown> =>
      page.evaluate(`[...document.querySelectorAll('main *, header *')]
        .filter((each) => each.checkVisibility() && each.closest('pre, .document, svg, .visually-hidden') === null)
        .filter((each) => each.getBoundingClientRect().right > window.innerWidth)
        .map((each) => each.className)`);
    expect(await findTooWide()).toEqual([]);
    await page.getByRole('button', { name: 'http', exact: true }).click();
    await queueOf(page, 'wallet-passes-of-the-mobile-app').waitFor();
    expect(await page.locator('.queue').count()).toBe(DESTINATIONS);
    expect(await findTooWide()).toEqual([]);
    await page.close();
  });
});

test('a paused destination is marked, its backlog grows, and drains when it is resumed', async () => {
  const page = await relayConsole.page();
  await openQueues(page);
  await setPaused(page, 'crm', true);
  await page.getByText('crm is paused. What arrives for it waits in its queue.').waitFor();
  for (const sample of ['promotion', 'code-gift-card', 'promotion']) await sendSample(page, sample);
  await openQueues(page);
  await expect.poll(() => readFact(page, 'crm', 'waiting'), SOON).toBe('3');
  await expect.poll(() => readFact(page, 'warehouse', 'waiting'), SOON).toBe('0');
  expect(await readFact(page, 'crm', 'oldest')).toMatch(/^\d+ s$/);
  expect(await queueOf(page, 'crm').innerText()).toContain(
    'SQS deletes the oldest delivery in 14.0 days.',
  );
  expect(await findViolations(page)).toEqual([]);
  const node = page.getByRole('group', { name: 'Destination crm', exact: true });
  expect(await node.innerText()).toMatch(/paused\s+3 waiting\s+0/);
  // of twelve deliveries the row shows three: what waits is among them
  await page.locator('.row').first().locator('.delivery.waiting', { hasText: 'crm' }).waitFor();

  await setPaused(page, 'crm', false);
  await expect.poll(() => readFact(page, 'crm', 'waiting'), SOON).toBe('0');
  await expect.poll(() => node.innerText(), SOON).toMatch(/^crm\s+3/);
  await page.close();
});

test('a reload of the code and of the page keeps a pause', async () => {
  const page = await relayConsole.page();
  await openQueues(page);
  await setPaused(page, 'sms', true);
  const file = join(relayConsole.project.folder, 'functions/destinations.ts');
  const source = await readFile(file, 'utf8');
  await writeFile(file, source.replace('who: data', 'recipient: data'));
  await page.getByText(/fanOut.* reloaded/).waitFor();
  // with what has just been reported the header still has one line
  await page.setViewportSize({ width: 1_280, height: 720 });
  expect((await page.getByRole('banner').boundingBox())?.height).toBeLessThan(60);
  await sendSample(page, 'promotion');
  await page.reload();
  await openQueues(page);
  await expect.poll(() => readFact(page, 'sms', 'waiting'), SOON).toBe('1');
  await queueOf(page, 'sms').getByText('Paused since').waitFor();
  await setPaused(page, 'sms', false);
  await expect.poll(() => readFact(page, 'sms', 'waiting'), SOON).toBe('0');
  await page.close();
});

test('each queue says its kind and its pace', async () => {
  const page = await relayConsole.page();
  await openQueues(page);
  const rows = { http: 'http', orders: 'SQS queue', cards: 'SNS topic', shop: 'EventBridge bus' };
  for (const [name, kind] of Object.entries(rows))
    expect(await queueOf(page, name).locator('.muted').innerText()).toBe(kind);
  expect(await readFact(page, 'http', 'pace')).toBe('75/s, 700/min, batches of 56');
  expect(await readFact(page, 'bulk', 'pace')).toBe('no limit, 100 records a request');
  expect(await readFact(page, 'crm', 'pace')).toBe('no limit');
  await page.close();
});

describe('what was sent and answered', () => {
  let page: Page;
  beforeAll(async () => {
    page = await relayConsole.page();
    await sendSample(page, 'code-percent-discount');
    await page.locator('.row').first().click();
    for (const name of ['consumers', 'bulk', 'sandbox', 'orders', 'ledger', 'cards', 'shop'])
      await attemptAt(name).locator('summary').click();
  });
  afterAll(() => page.close());

  const attemptAt = (name: string): Locator =>
    page.locator('.attempt', { has: page.locator('.attempt-name', { hasText: name }) }).first();
  const read = async (name: string, region: string): Promise<string> =>
    attemptAt(name).getByRole('region', { name: region, exact: true }).innerText();

  test.each([
    ['orders', /^SendMessage(Batch)? to orders/],
    ['consumers', /^SendMessage(Batch)? to voucher-relay-local-consumers/],
    [
      'ledger',
      /^SendMessage(Batch)? to ledger\.fifo[^]*MessageGroupId: cust_[^]*MessageDeduplicationId: whs_/,
    ],
    ['cards', /^Publish(Batch)? to cards[^]*purpose: code/],
  ])('is shown for the destination %s of AWS', async (name, head) => {
    expect(await read(name, 'Request headers')).toMatch(head);
    expect(await read(name, 'Request body')).toContain('"purpose": "code"');
    expect(await read(name, 'Response headers')).toMatch(/^200/);
  });

  test('is shown for an event bus, which has no emulator', async () => {
    expect(await read('shop', 'Request headers')).toMatch(/^PutEvents to shop[^]*DetailType:/);
    expect(await read('shop', 'Response headers')).toMatch(/^4\d\d/);
  });

  test('is shown for one request with many records', async () => {
    expect(await read('bulk', 'Request headers')).toContain('POST /mock/bulk');
    expect(await read('bulk', 'Request body')).toContain('"profiles"');
    expect(await read('bulk', 'Response headers')).toMatch(/^200/);
  });

  test('is shown for a receiver of the developer, without its key and personal values', async () => {
    const [head, body] = [
      await read('sandbox', 'Request headers'),
      await read('sandbox', 'Request body'),
    ];
    expect(head).toContain('POST /v1/contacts');
    expect(head).toContain('authorization: ••••••');
    expect(body).toContain('"contact"');
    expect(await read('sandbox', 'Response headers')).toMatch(/^201/);
    const response = await read('sandbox', 'Response body');
    expect(response).toContain('"contact"');
    for (const text of [head, body, response]) expect(text).not.toMatch(/@example|sandbox-key/);
    await page.getByRole('button', { name: 'Unmask values' }).click();
    await expect.poll(() => read('sandbox', 'Response body'), SOON).toContain('@example.com');
    await expect.poll(() => read('sandbox', 'Request headers')).toContain('Bearer sandbox-key');
  });
});

test('with an open circuit nothing is stuck at "600 x faster"', async () => {
  const page = await relayConsole.page();
  await setResponse(page, 'warehouse', 'responds 500');
  await openQueues(page);
  await setPaused(page, 'warehouse', true);
  for (let sent = 0; sent < 6; sent += 1) await sendSample(page, 'promotion');
  await openQueues(page);
  await setPaused(page, 'warehouse', false);
  await expect.poll(() => readFact(page, 'warehouse', 'circuit'), SOON).toBe('open');
  await setResponse(page, 'warehouse', 'responds 200');
  await page.getByLabel('Retry speed').selectOption({ label: '600 × faster' });
  // in real time a circuit stays open for 15 s at least
  const inTime = { timeout: 10_000 };
  await expect.poll(() => readFact(page, 'warehouse', 'waiting'), inTime).toBe('0');
  await expect.poll(() => readFact(page, 'warehouse', 'in progress'), inTime).toBe('0');
  await expect.poll(() => readFact(page, 'warehouse', 'circuit'), inTime).toBe('closed');
  await page.getByLabel('Retry speed').selectOption({ label: 'real time' });
  await page.close();
});
