import { request } from 'node:http';
import type { Page } from 'playwright-core';
import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { letAnswer, type OpenConsole, openConsole, sendSample } from './support/open-console.ts';

let opened: OpenConsole;
beforeAll(async () => {
  opened = await openConsole();
  const page = await opened.page();
  for (const sample of ['code-gift-card', 'unknown-shape', 'forged-signature', 'promotion']) {
    await sendSample(page, sample, { fresh: false });
    await page.locator('output', { hasText: /^\d{3}/ }).waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
  }
  await page.close();
});
afterAll(async () => {
  await opened.close();
});

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: unknown; readonly failureSummary?: string }[];
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const result = await page.evaluate<{ violations: Violation[] }>('axe.run()');
  return result.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${String(target)} ${failureSummary ?? ''}`),
  );
}

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test.each([360, 1_600])('axe-core finds nothing at %i pixels', async (width) => {
    const page = await opened.page({ colorScheme, width });
    expect(await violations(page)).toEqual([]);
    await page.locator('.row', { hasText: 'whs_gft' }).first().click();
    await page.getByRole('region', { name: 'The record' }).waitFor();
    await page.locator('.attempt summary').first().click();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Send' }).click();
    await page.getByRole('button', { name: 'Edit the body' }).click();
    await page.getByLabel('Body', { exact: true }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Try a mapping' }).click();
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  test('axe-core finds nothing while a destination is broken and a webhook not understood', async () => {
    const page = await opened.page({ colorScheme });
    await letAnswer(page, 'http', 'answers 500');
    await sendSample(page, 'promotion');
    await page.locator('.mark.waiting').first().waitFor();
    await page.locator('.row', { hasText: 'quarantined' }).first().click();
    await page.getByRole('region', { name: 'Issues' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await letAnswer(page, 'http', 'answers 200');
    await page.close();
  });
});

test.each([360, 1_600])('nothing is wider than a window of %i pixels', async (width) => {
  const page = await opened.page({ width });
  const wide = (): Promise<unknown> =>
    page.evaluate('document.documentElement.scrollWidth > window.innerWidth');
  expect(await wide()).toBe(false);
  await page.locator('.row', { hasText: 'whs_gft' }).first().click();
  await page.getByRole('region', { name: 'The record' }).waitFor();
  expect(await wide()).toBe(false);
  await page.close();
});

test('everything is done by keyboard: along the list, open, to the tabs, back', async () => {
  const page = await opened.page({ width: 360 });
  const focused = (): Promise<unknown> => page.evaluate('document.activeElement.ariaLabel');
  const rows = page.locator('.row');
  await rows.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect.poll(focused).toBe(await rows.nth(1).getAttribute('aria-label'));
  await page.keyboard.press('End');
  await expect.poll(focused).toBe(await rows.last().getAttribute('aria-label'));
  await page.keyboard.press('Enter');
  await page.getByRole('article').waitFor();
  await page.getByRole('tab', { name: 'Webhook' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('form', { name: 'Send a webhook' }).waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('form').isVisible()).toBe(false);
  await page.close();
});

describe('another site that is open in the same browser', () => {
  interface Asked {
    readonly status: number | undefined;
    readonly csp: string;
  }
  const ask = (path: string, headers: Record<string, string>, method = 'GET'): Promise<Asked> => {
    const { promise, resolve, reject } = Promise.withResolvers<Asked>();
    const call = request(opened.address + path, { method, headers }, (answer) => {
      answer.resume();
      const csp = String(answer.headers['content-security-policy']);
      resolve({ status: answer.statusCode, csp });
      call.destroy();
    });
    call.on('error', reject);
    call.end(method === 'POST' ? '{"speed":10}' : '');
    return promise;
  };
  const json = { 'content-type': 'application/json' };

  test('gets nothing by another name of this machine, whatever it asks for', async () => {
    for (const path of ['/', '/console/live', '/console/samples', '/console/app.js']) {
      expect((await ask(path, { host: 'evil.example' })).status, path).toBe(403);
      expect((await ask(path, { origin: 'http://evil.example' })).status, path).toBe(403);
    }
  });

  test('can do nothing, and neither can a form or a link', async () => {
    const own = { ...json, origin: opened.address };
    const path = '/console/speed';
    expect((await ask(path, own, 'POST')).status).toBe(200);
    expect((await ask(path, { ...own, origin: 'http://evil.example' }, 'POST')).status).toBe(403);
    expect((await ask(path, { ...own, origin: 'null' }, 'POST')).status).toBe(403);
    expect((await ask(path, json, 'POST')).status).toBe(403);
    expect((await ask(path, { ...own, 'content-type': 'text/plain' }, 'POST')).status).toBe(403);
    expect((await ask(path, { ...own, 'sec-fetch-site': 'cross-site' }, 'POST')).status).toBe(403);
    expect((await ask(path, {})).status).toBe(404);
  });

  test('finds no script or style inline, and no frame', async () => {
    const { csp } = await ask('/', {});
    expect(csp).toContain("default-src 'none'");
    expect(csp).toContain("frame-ancestors 'none'");
    expect(csp).not.toContain('unsafe');
  });
});
