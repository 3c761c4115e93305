// The first screen held to Lighthouse, as search engines and browsers' developer tools hold it. Accessibility and best
// practices always; speed, which depends on what else this machine does, by hand: SPEED=1 on an idle machine.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import lighthouse, { desktopConfig } from 'lighthouse';
import { chromium, eventually, started } from './browsers.mjs';
import { serve } from './site.mjs';

const SPEED = process.env.SPEED === '1';
const LEAST = 0.95;

describe('Lighthouse', () => {
  let site, browser;
  before(async () => {
    // As hosts send pages: most of them compress text and code, and a good line has 10 Mbit/s. From this very machine all
    // code is there before the first frame, and Lighthouse takes it for what that frame had waited for.
    site = await serve({ compressed: true, rate: 1.25e6 });
    browser = await chromium({ webgpu: true });
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  for (const [name, config] of [['a phone', undefined], ['a desktop', desktopConfig]]) {
    test(`on ${name}`, async (t) => {
      const port = Number(new URL(browser.wsEndpoint()).port);
      const onlyCategories = ['accessibility', 'best-practices', ...(SPEED ? ['performance'] : [])];
      const { lhr } = await lighthouse(site.address, { port, logLevel: 'error', onlyCategories }, config);
      const found = [];
      for (const { id, score, auditRefs } of Object.values(lhr.categories)) {
        t.diagnostic(`${id} ${Math.round(100 * score)}`);
        if (score >= LEAST) continue;
        const bad = auditRefs.map((audit) => ({ ...audit, ...lhr.audits[audit.id] })).filter(({ weight, score }) => weight > 0 && score !== null && score < 0.9);
        found.push(`${id} ${score}: ${bad.map(({ title, displayValue = '' }) => `${title} ${displayValue}`).join('; ')}`);
      }
      for (const id of SPEED ? ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift', 'speed-index'] : []) {
        t.diagnostic(`${lhr.audits[id].title} ${lhr.audits[id].displayValue}`);
      }
      assert.deepEqual(found, []);
    });
  }

  test('the largest of the first picture is there before the wasm', async () => {
    // A visitor who has never been here.
    const visitor = await browser.createBrowserContext();
    const page = await visitor.newPage();
    const release = site.hold('.wasm');
    await page.evaluateOnNewDocument(() => {
      window.largest = [];
      new PerformanceObserver((list) => largest.push(...list.getEntries().map(({ element, size, startTime }) => ({ of: element?.className ?? '', size, startTime })))).observe({ type: 'largest-contentful-paint', buffered: true });
    });
    await page.goto(site.address, { waitUntil: 'domcontentloaded' });
    const paints = () => page.evaluate(() => largest);
    await eventually(page, () => largest.length > 0);
    const shell = await paints();
    release();
    await started(page);
    await eventually(page, () => document.querySelector('[data-testid=device]')?.textContent);
    // Whatever comes later has had its frames.
    await new Promise((done) => setTimeout(done, 500));
    const all = await paints();
    assert.equal(shell.at(-1)?.of, 'welcome');
    assert.deepEqual(all, shell, 'the page itself paints something larger than its first picture');
    await visitor.close();
  });
});
