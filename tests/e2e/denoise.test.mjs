// Denoise: noise on digits, two networks that learn beside each other, and what is measured of them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from './browsers.mjs';
import { DEVICES, visit } from './studio.mjs';

const SMALL = 'data=strokes&enc=16&z=8&batch=400&epochs=1';
const METHODS = ['noisy', 'plain', 'denoising', 'pca', 'median'];

for (const [name, device] of Object.entries(DEVICES)) {
  describe(`denoise, ${name}`, () => {
    let studio, page;
    visit(device, async (opened) => {
      studio = opened;
      page = studio.page;
      await page.setViewport({ width: 1366, height: 768 });
    });

    test('noise is put on yours and on the test set, PCA and the median filter take some off', async () => {
      await studio.follow(`#/denoise?v=1&${SMALL}`);
      const noisy = await row('noisy', (cells) => cells.length === 8 && cells.slice(0, 7).every(Number));
      assert.ok(noisy.slice(0, 7).every((cell) => Math.abs(cell - 6.02) < 1), `${noisy}`);
      for (const method of ['pca', 'median']) {
        const cells = await row(method, (cells) => cells.slice(0, 7).every(Number));
        assert.ok(cells.slice(0, 7).every((cell, i) => Number(cell) > Number(noisy[i]) + 2), `${method}: ${cells}`);
      }
      assert.deepEqual(new Set(await row('plain', () => true)), new Set(['–']), 'nothing has learned yet');
    });

    test('the strength and the kind of the noise act at once', async () => {
      await studio.slide('Strength of the noise', '0');
      await row('noisy', (cells) => cells.slice(0, 7).every((cell) => cell === '∞'));
      assert.equal(await studio.text('noise'), 'sd 0.00');
      await page.select('select[aria-label="Kind of noise"]', 'block');
      // A block may fall on nothing but paper.
      await row('noisy', (cells) => cells.slice(1, 7).every((cell) => cell === '∞' || Number(cell) > 7));
      assert.equal(await studio.text('noise'), '8 × 8');
      await page.select('select[aria-label="Kind of noise"]', 'gauss');
      await row('noisy', (cells) => cells.slice(0, 7).every((cell) => Math.abs(cell - 6.02) < 1));
    });

    test('the brush paints noise where it goes, and keys can do without it', async () => {
      await studio.press('Wipe off');
      await row('noisy', ([own, test]) => own === '∞' && Math.abs(test - 6.02) < 1);
      const before = await studio.fingerprint('noisy-own');
      const at = await studio.place('[data-testid="noisy-own"]');
      await page.mouse.move(...at(0.2, 0.5));
      await page.mouse.down();
      await page.mouse.move(...at(0.8, 0.5), { steps: 6 });
      await page.mouse.up();
      // One dab is little; a stroke is more.
      await row('noisy', ([own]) => Number(own) > 7 && Number(own) < 20);
      await studio.repainted('noisy-own', (print) => print !== before);
      await studio.press('everywhere');
      await row('noisy', ([own]) => Math.abs(own - 6.02) < 1);
    });

    test('both learn at one press, with the noise that was chosen, and the link says so', async () => {
      await page.select('select[aria-label="Kind of noise"]', 'salt');
      await studio.press('Train both');
      await studio.until('denoise-epoch', (text) => text === '1.0 / 1');
      for (const method of ['plain', 'denoising']) await row(method, (cells) => cells.slice(0, 7).every(Number));
      const both = await Promise.all(['plain', 'denoising'].map((method) => row(method, () => true)));
      assert.notDeepEqual(both[0], both[1], 'noise made no difference');
      assert.match(await studio.text('denoise-losses'), /^loss: plain 0\.\d+, denoising 0\.\d+ \(salt and pepper, 20 %\)$/);
      assert.match(await page.evaluate(() => location.hash), /noise=salt:0\.2/);
    });

    test('the curve over the test set, and the table that says the same', async () => {
      await studio.press('Measure on the test set');
      await studio.until('denoise-words', (text) => text.includes('Best'));
      await studio.button('Measure on the test set');
      const words = await studio.text('denoise-words');
      assert.match(words, /^With salt and pepper, 20 % \([\d.]+ dB\): plain autoencoder [\d.]+, .*Best: [a-zA-Z ]+\.$/);
      await studio.press('denoise.csv');
      const { text } = await studio.handedOver();
      const [head, ...lines] = text.trimEnd().split('\n').map((line) => line.split(','));
      assert.deepEqual(head.slice(0, 7), ['noise', 'strength', ...METHODS]);
      assert.deepEqual(lines.map(([, strength]) => Number(strength)), [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]);
      const chosen = lines.find(([, strength]) => strength === '0.2');
      for (const [i, method] of METHODS.entries()) {
        const cells = await row(method, () => true);
        assert.equal(cells.at(-1), Number(chosen[2 + i]).toFixed(1), method);
      }
      assert.ok(await studio.hasInk('denoise-curve'));
    });

    test('exported pictures have the decibels that the page shows', async () => {
      await page.evaluate(() => {
        const create = URL.createObjectURL;
        URL.createObjectURL = (blob) => {
          window.archive = blob.arrayBuffer();
          return create.call(URL, blob);
        };
      });
      await studio.press('pictures.npz');
      const words = await studio.until('exported', (text) => text.startsWith('the first 1000 with'));
      const files = unpacked(Buffer.from(await page.evaluate(async () => {
        const bytes = new Uint8Array(await window.archive);
        let text = '';
        for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
        return btoa(text);
      }), 'base64'));
      const arrays = Object.fromEntries(['clean', ...METHODS].map((name) => [name, npy(files[`${name}.npy`])]));
      for (const method of METHODS) {
        assert.equal(arrays[method].length, 784_000, method);
        const error = arrays[method].reduce((sum, y, i) => sum + (y - arrays.clean[i]) ** 2, 0) / 784_000;
        const shown = Number(words.match(new RegExp(`${method} ([\\d.]+)`))[1]);
        assert.ok(Math.abs(-10 * Math.log10(error) - shown) < 0.01, `${method}: ${-10 * Math.log10(error)}, ${shown}`);
      }
      assert.match(files['figures.csv'].toString(), /^method,psnr,psnr_clipped\nnoisy,/);
    });

    test('what was learned here is here when one comes back', async () => {
      await studio.follow('#/studio');
      await studio.button('Train');
      await studio.follow('#/denoise');
      await row('denoising', (cells) => cells.length === 8 && cells.slice(0, 7).every(Number));
      await studio.button('Train both again');
    });

    test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));

    /** The figures of a method's row, yours first and all of the test set last, once they are as wished. */
    function row(method, wished) {
      const cells = (method) =>
        [...document.querySelectorAll(`[data-testid="row-${method}"] > td`)].map((cell) => cell.textContent.trim());
      return eventually(page, cells, method, wished);
    }
  });
}

describe('denoise by a link that keeps its noise and z', () => {
  let studio, page;
  visit(DEVICES['Chromium without WebGPU'], async (opened) => {
    studio = opened;
    page = studio.page;
    await studio.follow(`#/denoise?v=1&${SMALL}&lock=noise,z`);
  });

  test('both learn with the noise that was chosen here, and the link stays as it is', async () => {
    await studio.until('noise', (text) => text === 'sd 0.50');
    await page.select('select[aria-label="Kind of noise"]', 'salt');
    await studio.press('Train both');
    await studio.until('denoise-epoch', (text) => text === '1.0 / 1');
    await studio.button('Train both again');
    assert.match(await studio.text('denoise-losses'), /\(salt and pepper, 20 %\)$/);
    assert.doesNotMatch(await page.evaluate(() => location.hash), /noise=/);
  });

  test('what it does not let be tried takes nothing that was learned', async () => {
    const losses = await studio.text('denoise-losses');
    await studio.press('squeeze z to 4, and train both');
    await studio.news((text) => text.includes('keeps a part of the recipe as it is'));
    await studio.button('Train both again');
    assert.equal(await studio.text('denoise-losses'), losses);
  });

  test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));
});

describe('denoise on a phone', () => {
  let studio;
  visit(DEVICES['Chromium without WebGPU'], async (opened) => {
    studio = opened;
    await studio.page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
    await studio.follow(`#/denoise?v=1&${SMALL}`);
  });

  test('nothing is wider than the screen', async () => {
    await studio.until('noise', (text) => text === 'sd 0.50');
    assert.ok((await studio.page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
  });

  test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));
});

/** The files of a zip archive without packing, by name. */
function unpacked(bytes) {
  const files = {};
  for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50; ) {
    const size = bytes.readUInt32LE(at + 18);
    const start = at + 30 + bytes.readUInt16LE(at + 26);
    files[bytes.toString('latin1', at + 30, start)] = bytes.subarray(start, start + size);
    at = start + size;
  }
  return files;
}

/** The values of a `.npy` file of 32-bit floats. */
function npy(bytes) {
  const start = 10 + bytes.readUInt16LE(8);
  assert.match(bytes.toString('latin1', 10, start), /'descr': '<f4', 'fortran_order': False/);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
}
