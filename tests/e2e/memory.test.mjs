// What the page takes of a phone's memory: a data set once, and not once more for each who reads it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipWithout } from './site.mjs';
import { COUNTED, count, counted, spoiled } from './spoiled.mjs';
import { DEVICES, openStudio } from './studio.mjs';

/** MNIST's pixels. */
const MNIST = 70_000 * 784;
/** A second copy would be more: packed files, PCA, the network and its states to fall back on have room beside one. */
const MOST = 2 * MNIST;

for (const [name, { launch, gpu, device }] of Object.entries(DEVICES)) {
  describe(`the memory of ${name}`, () => {
    let site, browser;
    before(async () => {
      site = await spoiled(COUNTED);
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
      await site?.close();
    });

    test('holds MNIST once', { skip: skipWithout('mnist') }, async (t) => {
      const studio = await openStudio(browser, site, gpu, '#/studio?v=1&data=mnist');
      await studio.until('device', (text) => device.test(text));
      await studio.press('Train');
      await studio.until('step', (text) => count(text) > 10);
      const { wasm } = await counted(studio.page);
      t.diagnostic(`${(wasm / 2 ** 20).toFixed(1)} MiB with MNIST, which has ${(MNIST / 2 ** 20).toFixed(1)}`);
      assert.ok(wasm > MNIST && wasm < MOST, `${wasm} bytes`);
      assert.deepEqual(studio.faults, []);
    });
  });
}
