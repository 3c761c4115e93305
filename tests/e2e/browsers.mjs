// The browsers that the page is tested in, and pages in them whose every fault is kept.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { hasData } from './site.mjs';

/** How long to wait for anything, in ms: loaded machines without a GPU are slow, and this only ends what hangs. */
export const PATIENCE = 300_000;

const QUIET = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Chromium; `webgpu` says whether it has an adapter, which is SwiftShader where there is no GPU; `folder` is where its
 * profile lies, if it is to outlive the browser; `more` are switches of its own.
 */
export function chromium({ webgpu, folder, more = [] }) {
  // Chromium's sandbox does not start as root, which containers run as.
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return puppeteer.launch({
    browser: 'chrome',
    executablePath: program('CHROMIUM', ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']),
    headless: true,
    userDataDir: folder,
    args: [...QUIET, ...root, ...(webgpu ? ['--enable-unsafe-webgpu'] : []), ...more],
    timeout: PATIENCE,
    protocolTimeout: 2 * PATIENCE,
  });
}

/** Firefox with WebGPU allowed, on whatever Vulkan driver there is. */
export async function firefox() {
  // A home of its own: Firefox refuses another user's, and wants a folder for its sockets.
  const home = mkdtempSync(join(tmpdir(), 'hourglass-firefox-'));
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: program('FIREFOX', ['firefox-esr', 'firefox']),
    headless: true,
    env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home },
    extraPrefsFirefox: { 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true },
    timeout: PATIENCE,
    protocolTimeout: 2 * PATIENCE,
  });
  const close = browser.close.bind(browser);
  browser.close = async () => {
    await close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  return browser;
}

function program(variable, names) {
  if (process.env[variable]) return process.env[variable];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
  if (!found) throw new Error(`none of ${names.join(', ')} is in the PATH: set ${variable} to the program`);
  return found;
}

/** What Firefox says when a page is left while its service worker answers a request of it, with no address because nobody
 * waits for it any more. A request that fails for a page that stands is said with its address. */
const GIVEN_UP = 'Failed to load ‘’. A ServiceWorker intercepted the request and encountered an unexpected error.';

/**
 * A new page and the list of everything that went wrong in it: errors in the console, exceptions, answers that are
 * errors, breaches of the policy, requests to other origins. A test ends with an empty list.
 */
export async function newPage(browser, site) {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.setDefaultNavigationTimeout(PATIENCE);
  const faults = [];
  const missingData = (address) => !hasData() && address.startsWith(`${site.address}data/`);
  page.on('pageerror', (error) => {
    const message = `${error.message ?? error}`;
    if (message !== GIVEN_UP) faults.push(`exception: ${message}`);
  });
  page.on('console', (message) => {
    const { url = '' } = message.location() ?? {};
    if (message.type() === 'error' && !missingData(url)) faults.push(`console: ${message.text()} (${url})`);
    const policy = message.text().match(/^policy: .*/);
    if (policy) faults.push(policy[0]);
  });
  page.on('response', (response) => {
    if (response.status() >= 400 && !missingData(response.url())) faults.push(`${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== site.origin) faults.push(`another origin: ${request.url()}`);
  });
  // Firefox keeps breaches of the policy out of the page's console.
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.info(`policy: ${event.effectiveDirective} blocked ${event.blockedURI} ${event.sample}`);
    });
  });
  return { page, faults };
}

/**
 * Asks the page until it answers something that `good` likes, and returns that. From out here: functions that a test
 * leaves behind in the page to wait there are made with eval, which the page's policy blocks.
 */
export async function eventually(page, question, argument, good = Boolean, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await page.evaluate(question, argument);
    if (good(answer)) return answer;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(answer)} after ${patience / 1000} s: ${question}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Resolves when the page's wasm runs. */
export function started(page) {
  // The page comes some tasks after its wasm, its first lesson in several.
  return eventually(page, () => 'wasmBindings' in window && document.querySelector('#shell, .studio:not(:has(.side))') === null);
}
