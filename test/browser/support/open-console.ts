import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../../lib/local/docs/chromium.ts';
import { copyProject, type ProjectCopy } from '../../local/support/project-copy.ts';

/** A running `npm start` in a copy of the project, and a browser. */
export interface OpenConsole {
  readonly project: ProjectCopy;
  readonly browser: Browser;
  /** The console's address, without a slash at its end. */
  readonly address: string;
  /** A new page that shows the console. */
  page(options?: PageOptions): Promise<Page>;
  /** What `npm start` has printed so far. */
  output(): string;
  /** Ends `npm start` as Ctrl-C does. */
  stop(): Promise<void>;
  /** Starts it again at the same address. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface PageOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

const ADDRESS = /^console (http:\/\/127\.0\.0\.1:\d+)\/ /m;

/** @param destinations a file that takes the place of functions/destinations.ts */
export async function openConsole(destinations?: string): Promise<OpenConsole> {
  const [project, browser] = [await copyProject(), await launchChromium(process.env)];
  if (destinations !== undefined)
    await writeFile(join(project.folder, 'functions/destinations.ts'), destinations);
  let output = '';
  let child: ChildProcess | null = null;
  const start = async (port: string): Promise<string> => {
    child = project.start('lib/local/start.ts', '--port', port);
    const append = (chunk: unknown): void => void (output += String(chunk));
    child.stdout?.on('data', append);
    child.stderr?.on('data', append);
    return readAddress(child);
  };
  const address = await start('0').catch(async (error: unknown) => {
    await browser.close();
    await project.remove();
    throw error;
  });
  return {
    project,
    browser,
    address,
    async page({ colorScheme = 'light', width = 1_600, height = 1_000 } = {}) {
      const page = await browser.newPage({
        colorScheme,
        viewport: { width, height },
        // an endless animation costs a core where there is no graphics card
        reducedMotion: 'reduce',
      });
      await page.goto(`${address}/`);
      await page.getByText('live', { exact: true }).waitFor();
      return page;
    },
    output: () => output,
    async stop() {
      if (child === null) return;
      const ended = once(child, 'close');
      child.kill('SIGINT');
      await ended;
      child = null;
    },
    async restart() {
      await start(new URL(address).port);
    },
    async close() {
      await browser.close();
      await project.remove();
    },
  };
}

/** Reads the address that `npm start` prints. Rejects when the process ends before. */
function readAddress(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let output = '';
  const read = (chunk: unknown): void => {
    output += String(chunk);
    const address = ADDRESS.exec(output)?.[1];
    if (address !== undefined) resolve(address);
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  child.on('close', () => reject(new Error(`npm start has ended: ${output}`)));
  return promise;
}

/** Reads the count of a node of the flow. */
export async function readCount(page: Page, nodeName: string): Promise<number> {
  const group = page.getByRole('group', { name: nodeName, exact: true });
  return Number((await group.locator('strong').innerText()).replaceAll(',', ''));
}

/** Sends a sample with the form, and waits until the endpoint has counted it. */
export async function sendSample(
  page: Page,
  sample: string,
  { signature = 'original', withNewId = true, button = 'Send' } = {},
): Promise<void> {
  await page.getByRole('tab', { name: 'Send' }).click();
  const before = await readCount(page, 'Endpoint');
  const form = page.getByRole('form', { name: 'Send a webhook' });
  await form.getByLabel('Sample from events/').selectOption(sample);
  await form.getByRole('radio', { name: signature, exact: true }).check();
  await form.getByLabel('New webhook id').setChecked(withNewId);
  await form.getByRole('button', { name: button, exact: true }).click();
  const after = before + (button === 'Send twice' ? 2 : 1);
  const endpoint = page.getByRole('group', { name: 'Endpoint', exact: true });
  await endpoint.locator('strong').getByText(String(after), { exact: true }).waitFor();
}

/** Selects the response of a mock destination by its label. */
export async function setResponse(
  page: Page,
  destination: string,
  response: string,
): Promise<void> {
  await page.getByLabel(`Response of ${destination}`).selectOption({ label: response });
}
