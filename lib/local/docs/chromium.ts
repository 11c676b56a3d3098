import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { StartError } from '../emulator/start-error.ts';

/** The variable that says where a Chromium is. */
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
/** It looks for nothing on the network. */
const NO_NETWORK_FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

/**
 * Where this machine has a Chromium.
 * @throws StartError that says in one line how to get one
 */
export function findChromium(env: NodeJS.ProcessEnv): string {
  const given = env[CHROMIUM_PATH_VARIABLE];
  const found = given === undefined || given === '' ? DEFAULT_PATHS.find(existsSync) : given;
  if (found !== undefined && existsSync(found)) return found;
  throw new StartError(
    `No Chromium is here: install one (Debian: apt-get install chromium), or set ${CHROMIUM_PATH_VARIABLE} to one.`,
  );
}

/** Starts this machine's Chromium without a window, with an empty profile. @throws StartError as above */
export function launchChromium(env: NodeJS.ProcessEnv): Promise<Browser> {
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: findChromium(env),
    // Chromium's sandbox refuses to run as root, as which containers run
    args: isRoot ? [...NO_NETWORK_FLAGS, '--no-sandbox'] : NO_NETWORK_FLAGS,
  });
}
