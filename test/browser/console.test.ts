import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  countOf,
  letAnswer,
  type OpenConsole,
  openConsole,
  sendSample,
} from './support/open-console.ts';

const SOON = { timeout: 20_000 };

let opened: OpenConsole;
let page: Page;
beforeAll(async () => {
  opened = await openConsole();
});
afterAll(async () => {
  await opened.close();
});
beforeEach(async () => {
  page = await opened.page();
});
afterEach(async () => {
  await letAnswer(page, 'http', 'answers 200');
  await page.close();
});

const newest = (): Locator => page.locator('.row').first();
const mark = (destination: string): Locator => newest().locator('.mark', { hasText: destination });
const station = (name: string): Locator => page.getByRole('group', { name, exact: true });
const countAt = (name: string): Promise<number> => countOf(page, name);
const text = (locator: Locator): Promise<string> => locator.innerText();

test('a sample that is sent arrives at every destination, without a reload', async () => {
  const before = await countAt('Destination consumers');
  await sendSample(page, 'code-gift-card');
  await mark('consumers').and(page.locator('.delivered')).waitFor();
  await mark('http').and(page.locator('.delivered')).waitFor();
  await expect.poll(() => countAt('Destination consumers'), SOON).toBe(before + 1);
  expect(await text(newest())).toContain('202 queued');
});

test('its way is followed through the picture, from the endpoint to the destinations', async () => {
  await sendSample(page, 'promotion');
  await mark('http').and(page.locator('.delivered')).waitFor();
  await newest().click();
  for (const name of ['Endpoint', 'Records', 'fanOut', 'Destination http']) {
    await expect.poll(() => station(name).getAttribute('class'), SOON).toContain('on');
    expect(await text(station(name))).toMatch(/\+[\d.]+ m?s/);
  }
  expect(await station('Dead letters').getAttribute('class')).not.toContain(' on');
});

test('the webhook that is open shows body, signature, record, rest, and each attempt', async () => {
  await sendSample(page, 'indented-body', { fresh: false });
  await mark('http').and(page.locator('.delivered')).waitFor();
  await newest().click();
  const article = page.getByRole('article');
  await article.getByText('matches the body without its white space').waitFor();
  await article.getByRole('region', { name: 'The body, line by line' }).waitFor();
  expect(await text(article.getByRole('region', { name: 'The record' }))).toContain('"purpose"');
  expect(await text(article.getByRole('region', { name: 'What went to rest' }))).toContain('{');
  expect(await article.locator('.rest-mark').count()).toBeGreaterThan(0);

  await article.locator('summary', { hasText: 'http' }).click();
  const request = article.getByRole('region', { name: 'Request headers' }).last();
  expect(await text(request)).toContain('POST /sink/http');
  expect(await text(article.getByRole('region', { name: 'The answer' }).last())).toContain('200');
  await article.getByRole('button', { name: 'As it came' }).click();
  expect(await text(article.getByRole('region', { name: 'The body as it came' }))).toMatch(/^\{\s/);
});

test('a destination that breaks is tried again, and recovers when it comes back', async () => {
  await letAnswer(page, 'http', 'answers 500');
  await sendSample(page, 'code-percent-discount');
  await mark('http').and(page.locator('.waiting')).waitFor();
  expect(await text(mark('http'))).toMatch(/in \d+ s|now/);
  await mark('consumers').and(page.locator('.delivered')).waitFor();
  expect(await countAt('Retries')).toBe(1);

  await letAnswer(page, 'http', 'answers 200');
  await page.getByLabel('Retries wait').selectOption({ label: '10 × faster' });
  await mark('http').and(page.locator('.delivered')).waitFor();
  await expect.poll(() => countAt('Retries'), SOON).toBe(0);
  await newest().click();
  const attempts = page.getByRole('region', { name: 'Deliveries' });
  await attempts.getByText('http_500').waitFor();
  await attempts.getByText('attempt 2').waitFor();
  await page.getByLabel('Retries wait').selectOption({ label: 'real time' });
});

test('a 429 waits as long as the destination asks, and no longer with a faster time', async () => {
  await letAnswer(page, 'http', '429, after 20 s');
  await sendSample(page, 'promotion');
  await mark('http').and(page.locator('.waiting')).waitFor();
  expect(await text(mark('http'))).toMatch(/in (?:1\d|2\d) s/);
  await letAnswer(page, 'http', 'answers 200');
  await page.getByLabel('Retries wait').selectOption({ label: '60 × faster' });
  await mark('http').and(page.locator('.delivered')).waitFor();
  await page.getByLabel('Retries wait').selectOption({ label: 'real time' });
});

test('a destination that hangs is shown as it is asked, and then as it waits', async () => {
  await letAnswer(page, 'http', 'hangs');
  await sendSample(page, 'promotion');
  await mark('http').and(page.locator('.sending')).waitFor();
  await mark('http').and(page.locator('.waiting')).waitFor();
  await newest().click();
  const attempts = page.getByRole('region', { name: 'Deliveries' });
  await attempts.locator('summary', { hasText: 'time_limit' }).click();
  const answer = attempts.getByRole('region', { name: 'The answer' }).last();
  expect(await text(answer)).toContain('no answer');
});

test('dead letters are put back, and delivered', async () => {
  await letAnswer(page, 'http', 'answers 400');
  await sendSample(page, 'code-amount-discount');
  await mark('http').and(page.locator('.rejected')).waitFor();
  await expect.poll(() => countAt('Dead letters'), SOON).toBe(1);
  await letAnswer(page, 'http', 'answers 200');
  await station('Dead letters').getByRole('button', { name: 'Put back' }).click();
  await page.getByText('From dead-letters: 1 put back').waitFor();
  await mark('http').and(page.locator('.delivered')).waitFor();
  await expect.poll(() => countAt('Dead letters'), SOON).toBe(0);
});

test('what is not understood waits in quarantine, and goes on once a mapping is written', async () => {
  await sendSample(page, 'mapping-unknown');
  await newest().getByText('quarantined').waitFor();
  await expect.poll(() => countAt('Quarantine'), SOON).toBe(1);
  await newest().click();
  await page.getByRole('region', { name: 'Issues' }).getByText('No mapping of this name').waitFor();

  const path = await text(page.locator('.opened-head p'));
  const name = /voucherify\/([\w-]+)/.exec(path)?.[1] ?? '';
  const file = join(opened.project.folder, 'functions/mappings.ts');
  const source = await readFile(file, 'utf8');
  const mapping = `'${name}': v.pipe(v.looseObject({}), v.transform(() => ({ customer: { email: 'a@example.com' } }))),`;
  await writeFile(file, source.replace("'renamed-keys':", `${mapping}\n  'renamed-keys':`));
  await page.getByText(/receive.* reloaded/).waitFor();
  await page.getByRole('tab', { name: 'Try a mapping' }).click();
  await page.getByRole('option', { name, exact: true }).waitFor({ state: 'attached' });

  await station('Quarantine').getByRole('button', { name: 'Put back' }).click();
  await page.getByText('From quarantine: 1 put back').waitFor();
  await newest().getByText('replayed').waitFor();
  await mark('consumers').and(page.locator('.delivered')).waitFor();
});

test('a forged signature is refused, and so is none at all', async () => {
  await sendSample(page, 'promotion', { signature: 'forged' });
  await newest().getByText('401').waitFor();
  await newest().click();
  await page.getByText('does not match the body: forged, or another secret').waitFor();
  await sendSample(page, 'promotion', { signature: 'none' });
  await expect.poll(() => text(newest()), SOON).toContain('signature_missing');
});

test('sent twice, it is delivered once', async () => {
  const before = await countAt('Destination http');
  await sendSample(page, 'promotion', { button: 'Send twice' });
  await newest().getByText('repeat').waitFor();
  await mark('http').and(page.locator('.delivered')).waitFor();
  await newest().click();
  await page
    .getByRole('region', { name: 'Deliveries' })
    .getByText(/has it already|claimed_elsewhere/)
    .first()
    .waitFor();
  expect(await countAt('Destination http')).toBe(before + 1);
});

test('what happens to a webhook while it is open shows at once', async () => {
  await sendSample(page, 'promotion');
  await mark('http').and(page.locator('.delivered')).waitFor();
  await mark('consumers').and(page.locator('.delivered')).waitFor();
  await newest().click();
  const deliveries = page.getByRole('region', { name: 'Deliveries' });
  await deliveries.getByText('delivered 200').waitFor();
  await page.getByRole('button', { name: 'Send again' }).click();
  await deliveries.getByText('has it already').first().waitFor();
});

test('a body can be edited and sent, signed anew', async () => {
  await page.getByRole('tab', { name: 'Send' }).click();
  await page.getByLabel('Sample of events/').selectOption('promotion');
  await page.getByRole('button', { name: 'Edit the body' }).click();
  const body = page.getByLabel('Body', { exact: true });
  const edited = (await body.inputValue())
    .replace('Rainy days', 'Windy days')
    .replace(/whs_\w+/, 'whs_edited');
  await body.fill(edited);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await newest().getByText('whs_edited').waitFor();
  await newest().click();
  await page.getByRole('region', { name: 'The record' }).getByText('"Windy days"').waitFor();
});

test('a warning stands at the line that it concerns', async () => {
  await page.getByRole('tab', { name: 'Send' }).click();
  await page.getByLabel('Sample of events/').selectOption('promotion');
  await page.getByRole('button', { name: 'Edit the body' }).click();
  const body = page.getByLabel('Body', { exact: true });
  const edited = (await body.inputValue())
    .replace(/whs_\w+/, 'whs_odd')
    .replace('"start_date":null', '"start_date":"soon"');
  await body.fill(edited);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await newest().getByText('whs_odd').waitFor();
  await newest().click();
  const line = page.locator('.line.remarked');
  await line.first().waitFor();
  expect(await text(line.first())).toContain('"start_date"');
});

describe('what is personal', () => {
  test('is masked everywhere until a person asks, and then shown', async () => {
    await sendSample(page, 'code-percent-discount');
    await mark('http').and(page.locator('.delivered')).waitFor();
    await newest().click();
    await page.getByRole('region', { name: 'The record' }).waitFor();
    for (const summary of await page.locator('.attempt summary').all()) await summary.click();
    const personal = /HARBOUR-PCT|Lindqvist|@example\.com/;
    expect(await text(page.locator('body'))).not.toMatch(personal);
    expect(await page.content()).not.toMatch(personal);
    await page.getByRole('button', { name: 'Show codes and names' }).click();
    await page.getByText('Mara Lindqvist').first().waitFor();
    expect(await text(page.locator('body'))).toMatch(/HARBOUR-PCT/);
    await page.getByRole('button', { name: 'Show codes and names' }).click();
    await expect.poll(() => text(page.locator('body')), SOON).not.toMatch(personal);
  });
});

test('a mapping is tried against a pasted body', async () => {
  await page.getByRole('tab', { name: 'Try a mapping' }).click();
  const form = page.getByRole('form', { name: 'Try a mapping' });
  await form.getByLabel('Mapping of functions/mappings.ts').selectOption('written-mail');
  await form
    .getByLabel('Body', { exact: true })
    .fill('{"To":"mara@example.com","Subject":"Ahoy","Body":"Coffee"}');
  await form.getByRole('button', { name: 'Try' }).click();
  await form.getByRole('region', { name: 'Left in rest' }).getByText('Subject = "Ahoy"').waitFor();
  expect(await text(form)).not.toContain('mara@example.com');
  await form.getByLabel('Body', { exact: true }).fill('{"To":"nobody"}');
  await form.getByRole('button', { name: 'Try' }).click();
  await form.getByText('Not understood; it would wait in quarantine').waitFor();
});
