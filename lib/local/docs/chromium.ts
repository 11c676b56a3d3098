import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { StartError } from '../emulator/start-error.ts';

/** The environment variable with the path of a Chromium. */
const CHROMIUM_PATH_VARIABLE = 'CHROMIUM_PATH';
const DEFAULT_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];
/** Switches off the requests that Chromium makes by itself. */
const NO_NETWORK_FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

/**
 * Returns the path of this machine's Chromium.
 * @throws StartError that says how to install one
 */
export function findChromium(env: NodeJS.ProcessEnv): string {
  const given = env[CHROMIUM_PATH_VARIABLE];
  const found = given === undefined || given === '' ? DEFAULT_PATHS.find(existsSync) : given;
  if (found !== undefined && existsSync(found)) return found;
  throw new StartError(
    `No Chromium found. Install one (Debian: apt-get install chromium), or set ${CHROMIUM_PATH_VARIABLE} to its path.`,
  );
}

/** Starts this machine's Chromium headless, with an empty profile. @throws StartError when there is none */
export function launchChromium(env: NodeJS.ProcessEnv): Promise<Browser> {
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: findChromium(env),
    // Chromium's sandbox does not run as root, the user of most containers
    args: isRoot ? [...NO_NETWORK_FLAGS, '--no-sandbox'] : NO_NETWORK_FLAGS,
  });
}
