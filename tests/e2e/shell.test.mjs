// The site as a host serves it, before anything is known of what the page does.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium, eventually, firefox, newPage, started } from './browsers.mjs';
import { DIST, hasData, serve, skipWithout } from './site.mjs';

const BROWSERS = {
  'Chromium with WebGPU': () => chromium({ webgpu: true }),
  'Chromium without WebGPU': () => chromium({ webgpu: false }),
  Firefox: firefox,
};

test('every address in the page is relative, and code and style carry a hash', () => {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  const addresses = [...html.matchAll(/\s(?:href|src)="?([^"\s>]+)/g)].map(([, address]) => address);
  assert.ok(addresses.length >= 4, `only ${addresses.length} addresses in the page`);
  for (const address of addresses) {
    assert.doesNotMatch(address, /^(\/|https?:)/, 'an address that ties the site to one place');
    if (/\.(js|css|wasm)$/.test(address)) assert.match(address, /-[0-9a-f]{12,}(_bg)?\.\w+$/);
  }
});

for (const set of ['mnist', 'ecg5000']) {
  test(`${set} is in the site`, { skip: skipWithout(set) }, () => {
    assert.ok(hasData(set), `dist/data/catalogue.json lists no ${set}, and REQUIRE_DATA=1`);
  });
}

for (const [name, launch] of Object.entries(BROWSERS)) {
  describe(name, () => {
    let site, browser;
    before(async () => {
      site = await serve();
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
      await site?.close();
    });

    test('starts under a sub-path with no error and no request to another origin', async () => {
      const { page, faults } = await newPage(browser, site);
      await page.goto(site.address);
      await started(page);
      assert.deepEqual(faults, []);
      await page.close();
    });

    test('paints text before the wasm arrives', async () => {
      const { page, faults } = await newPage(browser, site);
      const release = site.hold('.wasm');
      try {
        await page.goto(site.address, { waitUntil: 'domcontentloaded' });
        await eventually(page, () => performance.getEntriesByName('first-contentful-paint').length > 0);
        const { text, running } = await page.evaluate(() => ({
          text: document.body.innerText.trim(),
          running: 'wasmBindings' in window,
        }));
        assert.equal(running, false, 'the wasm was there before it was sent');
        assert.ok(text.length >= 20, `the page shows ${JSON.stringify(text)}`);
      } finally {
        release();
      }
      await started(page);
      assert.deepEqual(faults, []);
      await page.close();
    });

    test('its policy comes first and blocks inline scripts and styles', async () => {
      const { page } = await newPage(browser, site);
      await page.goto(site.address);
      await started(page);
      const seen = await page.evaluate(() => {
        const first = document.head.firstElementChild;
        const script = document.createElement('script');
        script.textContent = 'window.inlineRan = true';
        const box = document.createElement('p');
        box.setAttribute('style', 'position: fixed');
        document.body.append(script, box);
        const position = getComputedStyle(box).position;
        return { policy: first.httpEquiv, text: first.content, inlineRan: 'inlineRan' in window, position };
      });
      assert.equal(seen.policy.toLowerCase(), 'content-security-policy');
      assert.match(seen.text, /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:;/);
      assert.equal(seen.inlineRan, false, 'an inline script ran');
      assert.equal(seen.position, 'static', 'an inline style was taken');
      await page.close();
    });

    test('a worker of the page may load its module and wasm, and no other origin', async () => {
      const { page, faults } = await newPage(browser, site);
      await page.goto(site.address);
      await started(page);
      const said = await page.evaluate(async () => {
        const address = (selector) => document.querySelector(selector).href;
        const source = `
          import init from '${address('link[rel=modulepreload]')}';
          await init({ module_or_path: '${address('link[rel=preload][as=fetch]')}' });
          const away = await fetch('http://127.0.0.1:9/', { mode: 'no-cors' }).then(() => 'went out', String);
          self.postMessage('up; ' + away);`;
        const blob = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
        const worker = new Worker(blob, { type: 'module' });
        return new Promise((done) => {
          worker.onmessage = ({ data }) => typeof data === 'string' && data.startsWith('up') && done(data);
          worker.onerror = (event) => done(`error: ${event.message}`);
        });
      });
      assert.match(said, /^up; TypeError/);
      // The worker's fetch was refused by the page's policy, and never became a request.
      assert.deepEqual(faults.filter((fault) => fault.startsWith('another origin')), []);
      await page.close();
    });
  });
}
