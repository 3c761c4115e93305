// Without a network: what was visited once goes on working when the host is gone, and another version of the page is
// used when the visitor says so.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium, eventually, firefox, started } from './browsers.mjs';
import { DIST, serve, skipWithout } from './site.mjs';
import { LESSONS, lessonOpen, openStudio } from './studio.mjs';

/** The version of the page that runs. */
const build = () => document.querySelector('meta[name=build]').content;

/** Names of the files in the caches of this kind, below the site; over all builds. */
async function kept(kind) {
  const names = (await caches.keys()).filter((name) => name.includes(` ${kind}`));
  const addresses = async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url);
  const all = (await Promise.all(names.map(addresses))).flat();
  return { caches: names, files: all.map((url) => url.slice(document.baseURI.split('#')[0].split('?')[0].length)) };
}

/** The same site as another build: its page says so, and its service worker knows that page. */
function secondBuild() {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8').replace(/(name="build" content=")\w+/, '$1second');
  const sum = createHash('sha256').update(html).digest('base64');
  const worker = readFileSync(join(DIST, 'service.js'), 'utf8')
    .replace(/^const BUILD = '\w+';/, "const BUILD = 'second';")
    .replace(/'index.html': '[^']+'/, `'index.html': 'sha256-${sum}'`);
  return new Map([['index.html', html], ['service.js', worker]]);
}

for (const [name, launch] of Object.entries({ Chromium: () => chromium({ webgpu: false }), Firefox: firefox })) {
  describe(`without a network, ${name}`, () => {
    let site, browser, studio, page;
    before(async () => {
      site = await serve();
      browser = await launch();
      studio = await openStudio(browser, site, 'off');
      page = studio.page;
    });
    after(async () => {
      await browser?.close();
      await site?.close();
    });

    test('one visit brings the whole page', async () => {
      await eventually(page, () => document.documentElement.dataset.offline === 'ready');
      const { caches, files } = await page.evaluate(kept, 'page');
      assert.equal(caches.length, 1);
      for (const file of [/^index\.html$/, /^bench\.html$/, /^app-\w+\.js$/, /^app-\w+_bg\.wasm$/, /^later-pages-/, /^style-/, /^models\/mnist-z10\./]) {
        assert.ok(files.some((name) => file.test(name)), `${file} is not among ${files.join(', ')}`);
      }
    });

    test('the page asks for what is kept now and then, and not because it was told', async () => {
      await studio.follow('#/files');
      await lessonOpen(page, 'files');
      await page.evaluate(() => {
        window.told = 0;
        addEventListener('offline-state', () => told++);
      });
      await eventually(page, () => told);
      const soon = await page.evaluate(() => new Promise((done) => setTimeout(() => done(told), 5000)));
      assert.ok(soon <= 6, `told ${soon} times in 5 s`);
      await studio.follow('#/studio');
    });

    test('data sets stay once they were fetched, and small ones come along', { skip: skipWithout('mnist') }, async () => {
      const data = await eventually(page, kept, 'data', ({ files }) => files.length >= 6);
      const sets = new Set(data.files.map((file) => file.split('/')[1]));
      assert.deepEqual([...sets].sort(), ['ecg5000', 'mnist'], 'nobody asked for more');
    });

    test('another version waits until the visitor says so', async () => {
      const first = await page.evaluate(build);
      for (const [file, text] of secondBuild()) site.replaced.set(file, text);
      await page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration()).update()));
      await studio.news((text) => text.includes('A new version of this page is there'));
      // It is all here by now, and nothing of it is used: not even by who opens the page anew.
      await page.reload();
      await started(page);
      await studio.news((text) => text.includes('A new version of this page is there'));
      assert.equal(await page.evaluate(build), first);
      await Promise.all([page.waitForNavigation(), studio.press('Use it')]);
      await started(page);
      assert.equal(await page.evaluate(build), 'second');
      await eventually(page, kept, 'page', ({ caches }) => caches.length === 1 && caches[0].endsWith(' second'));
    });

    test('with the host gone every lesson opens, and the network trains', { skip: skipWithout('mnist') }, async () => {
      await site.close();
      await page.reload();
      await started(page);
      await studio.until('device', (text) => text.startsWith('Processor'));
      // What a browser says that knows of it: this one only sees that nobody answers.
      await page.evaluate(() => {
        Object.defineProperty(navigator, 'onLine', { value: false });
        dispatchEvent(new Event('offline'));
      });
      await studio.until('cut-off', (text) => text === 'No network: everything here goes on working.');
      for (const lesson of LESSONS) {
        await studio.follow(`#/${lesson}`);
        await lessonOpen(page, lesson);
        const trouble = await page.evaluate(() => document.querySelector('.notice.trouble')?.textContent ?? '');
        assert.equal(trouble, '', `in ${lesson}`);
      }
      await studio.follow('#/studio?v=1&seed=9');
      await studio.press('Train');
      await studio.until('step', (text) => Number(text) >= 5);
      await studio.press('Pause');
      assert.match(await page.$eval('.fields select', (menu) => menu.value), /^mnist$/);
      await page.goto(`${site.address}bench.html`);
      await eventually(page, () => document.querySelector('main.bench button') !== null);
    });

    test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));
  });
}
