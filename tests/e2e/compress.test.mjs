// Compress: networks with several widths of z, rated beside PCA; and a file of codes, out of the page and into it again.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { eventually } from './browsers.mjs';
import { DEVICES, visit } from './studio.mjs';

// Digits by formula and a small network: the same on every machine, and quick.
const LESSON = '#/compress?v=1&data=strokes&enc=32&z=4';

for (const [name, device] of Object.entries(DEVICES)) {
  describe(`compress, ${name}`, () => {
    let studio, page;
    const folder = mkdtempSync(join(tmpdir(), 'hourglass-compress-'));
    after(() => rmSync(folder, { recursive: true, force: true }));
    visit(device, async (opened) => {
      studio = opened;
      page = studio.page;
      await page.setViewport({ width: 1366, height: 768 });
    });

    /** The table of the chosen network, once it is as wished: a row for each number of bits. */
    const table = (wished = () => true) =>
      eventually(
        page,
        () =>
          [...document.querySelectorAll('[data-testid="rated"] tr')]
            .slice(1)
            .map((row) => [...row.children].map((cell) => cell.textContent.trim())),
        null,
        (rows) => rows.length === 4 && wished(rows),
      );

    test('the network at hand is rated at once', async () => {
      await studio.follow(LESSON);
      await studio.until('chosen', (text) => text === 'z = 4, the network at hand');
      const rows = await table();
      assert.deepEqual(rows.map(([bits, bytes]) => [bits, bytes]), [
        ['float', '16'],
        ['8 bits', '4'],
        ['4 bits', '2'],
        ['2 bits', '1'],
      ]);
      assert.equal(rows[1][2], '196×');
      for (const [, , , png, mse, noise, pcaMse, pcaNoise] of rows) {
        assert.ok(parseFloat(png) > 10, png);
        // PSNR is said of the same error.
        assert.ok(Math.abs(Number(noise) + 10 * Math.log10(Number(mse))) < 0.02, `${mse} and ${noise} dB`);
        assert.ok(Math.abs(Number(pcaNoise) + 10 * Math.log10(Number(pcaMse))) < 0.02, `${pcaMse} and ${pcaNoise} dB`);
      }
    });

    test('a sweep is stopped, goes on and is kept', async () => {
      await studio.type('Widths of z to train', '2, 99');
      await studio.complaint((words) => words.includes('99'));
      await studio.type('Widths of z to train', '8,2');
      await studio.type('Epochs of each network of the sweep', '40');
      await studio.press('Train one for each z');
      await eventually(page, () => Number(document.querySelector('.sweep-row progress').value), null, (done) => done > 0.02);
      await studio.press('Stop the sweep');
      await studio.until('sweep', (text) => text === 'Train one for each z' || text.startsWith('Go on'));
      await studio.type('Epochs of each network of the sweep', '2');
      await studio.press('Train one for each z');
      await studio.until('sweep', (text) => text === 'All are trained');
      const names = () => [...document.querySelectorAll('button.look-name')].map((button) => button.textContent);
      assert.deepEqual(await eventually(page, names, null, (all) => all.length === 3), ['2', '4*', '8']);
      // They stay when the lesson is left.
      await studio.follow('#/studio');
      await studio.follow(LESSON);
      await studio.type('Epochs of each network of the sweep', '2');
      assert.deepEqual(await eventually(page, names, null, (all) => all.length === 3), ['2', '4*', '8']);
    });

    test('the dial and the bits choose what is shown', async () => {
      await studio.slide('Bottleneck', '2');
      await studio.until('chosen-z', (text) => text === '8');
      await studio.until('chosen-bytes', (text) => text === '8 bytes each');
      await studio.repainted('rates', (print) => print !== 0);
      const before = await studio.fingerprint('rates');
      await studio.press('2 bits');
      await studio.until('chosen-bytes', (text) => text === '2 bytes each');
      await studio.repainted('rates', (print) => print !== before);
      const rows = await table((rows) => rows[3][1] === '2');
      assert.ok(Number(rows[3][4]) > Number(rows[1][4]), 'fewer bits, more error');
      // What comes back is looked at: the column of z = 8 has ink.
      const ink = () => {
        const canvas = document.querySelector('[data-testid="looks"] .look:last-child canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
      };
      await eventually(page, ink, null, (colours) => colours > 10);
    });

    test('a file of codes is written, and decodes again', async () => {
      await studio.press('8 bits');
      await page.evaluate(() => {
        const create = URL.createObjectURL;
        URL.createObjectURL = (blob) => create((window.lastBlob = blob));
      });
      await studio.press('Download 1,000 digits compressed');
      const file = await studio.handedOver();
      assert.equal(file.name, 'strokes-z8-8bit.hgc');
      const said = await studio.until('packed', (text) => text.includes('strokes-z8-8bit.hgc has'));
      assert.ok(said.includes(`has ${file.bytes.toLocaleString('en')} bytes: 8,000 of codes, 8 for each`), said);
      const bytes = await page.evaluate(async () => [...new Uint8Array(await window.lastBlob.arrayBuffer())]);
      assert.equal(bytes.length, file.bytes);
      const upload = async (name, bytes) => {
        const path = join(folder, name);
        writeFileSync(path, Uint8Array.from(bytes));
        await (await page.$('input[aria-label="A compressed file"]')).uploadFile(path);
      };
      await upload('mine.hgc', bytes);
      const words = await studio.until('unpacked', (text) => text.startsWith('mine.hgc'));
      assert.match(words, /^mine\.hgc: 1000 inputs of strokes, z = 8, 8 bits a value/);
      // The file is of the network that the table is about: with its decoder in f16 to a hundredth of a decibel.
      const noise = Number(/PSNR ([\d.]+) dB/.exec(words)[1]);
      assert.ok(Math.abs(noise - Number((await table())[1][5])) < 0.5, `${noise} dB of the first 1,000`);
      assert.ok(await studio.hasInk('sheet'));
      bytes[200] ^= 1;
      await upload('damaged.hgc', bytes);
      await studio.news((text) => text.includes('damaged.hgc: the file’s checksum') || text.includes("the file's checksum"));
      await upload('short.hgc', bytes.slice(0, 5000));
      await studio.news((text) => /short\.hgc: the file ends after 5000 of \d+ bytes/.test(text));
    });

    test('all that was rated is a table of its own', async () => {
      await studio.press('Save rate-distortion.csv');
      const { name, text } = await studio.handedOver();
      assert.equal(name, 'rate-distortion.csv');
      const lines = text.trim().split('\n');
      assert.equal(lines.length, 1 + 3 * 2 * 4);
      const [header, ...rows] = lines.map((line) => line.split(','));
      const of = (row, column) => row[header.indexOf(column)];
      for (const row of rows) {
        assert.equal(Number(of(row, 'bytes')), (Number(of(row, 'z')) * Number(of(row, 'bits'))) / 8);
        assert.ok(Math.abs(Number(of(row, 'psnr_db')) + 10 * Math.log10(Number(of(row, 'mse')))) < 1e-3);
      }
      assert.deepEqual(studio.faults, []);
    });
  });
}
