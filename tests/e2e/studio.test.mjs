// The studio: draw a digit, train, look. On the three devices that a visitor may have.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chromium, firefox } from './browsers.mjs';
import { openStudio } from './studio.mjs';
import { serve } from './site.mjs';

const DEVICES = {
  'Chromium on software WebGPU': { launch: () => chromium({ webgpu: true }), gpu: 'software', device: /^WebGPU/ },
  'Chromium on the processor': { launch: () => chromium({ webgpu: false }), gpu: 'off', device: /^Processor/ },
  Firefox: { launch: firefox, gpu: null, device: /^(WebGPU|Processor)/ },
};

for (const [name, { launch, gpu, device }] of Object.entries(DEVICES)) {
  describe(name, () => {
    let site, browser, studio;
    before(async () => {
      site = await serve();
      browser = await launch();
      studio = await openStudio(browser, site, gpu);
    });
    after(async () => {
      await browser?.close();
      await site?.close();
    });

    test('says on which device it computes', async () => {
      assert.match(await studio.until('device', (text) => text !== ''), device);
    });

    test('a drawn digit is seen, reconstructed and measured', async () => {
      await studio.draw();
      const error = Number(await studio.until('reconstruction-error', isNumber));
      assert.ok(error >= 0 && error < 1, `reconstruction error ${error} of values between 0 and 1`);
      for (const picture of ['seen', 'reconstruction']) {
        assert.ok(await studio.hasInk(picture), `the picture "${picture}" has one colour only`);
      }
    });

    test('training makes steps, and the loss falls', async () => {
      await studio.press('Train');
      await studio.until('step', (text) => Number(text) >= 1);
      const first = Number(await studio.until('train-loss', isNumber));
      await studio.until('step', (text) => Number(text) >= 100);
      const later = Number(await studio.until('train-loss', (text) => Number(text) < 0.9 * first));
      assert.ok(later < first, `the loss went from ${first} to ${later}`);
    });

    test('pausing stops the steps', async () => {
      await studio.press('Pause');
      await studio.button('Train');
      // Steps in flight may still come in; after them nothing moves.
      await pause(1000);
      const stopped = await studio.text('step');
      await pause(1500);
      assert.equal(await studio.text('step'), stopped);
    });

    test('a single step is one step', async () => {
      const before = Number(await studio.text('step'));
      await studio.press('Step');
      await studio.until('step', (text) => Number(text) === before + 1);
    });

    test('resetting goes back to step 0', async () => {
      await studio.press('Reset');
      await studio.until('step', (text) => Number(text) === 0);
    });

    test('the link that is copied leads to this lesson and its version', async () => {
      await studio.press('Copy link');
      const link = await studio.copied();
      assert.ok(link.startsWith(site.address), `${link} is not on this site`);
      assert.match(link, /#\/studio(\?|$)/);
      assert.ok(link.length <= 2048, `${link.length} bytes`);
    });

    test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));
  });
}

function isNumber(text) {
  return text !== '' && Number.isFinite(Number(text));
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
