// The visitor's own data: pictures of every kind, chosen or dropped, looked at, used, and taken through every lesson.

import assert from 'node:assert/strict';
import { mkdtemp, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { eventually } from './browsers.mjs';
import { dismiss } from './spoiled.mjs';
import { DEVICES, visit } from './studio.mjs';

const ROWS = 12;
const COLUMNS = 20;
const CLASSES = 3;

/** A picture of a class: a bar that lies, one that stands, or a square, somewhere. */
function picture(i) {
  const [kind, left, top] = [i % CLASSES, 2 + ((i * 7) % 9), 2 + ((i * 5) % 4)];
  const [wide, high] = [[8, 3], [3, 6], [5, 5]][kind];
  return Array.from({ length: ROWS * COLUMNS }, (_, at) => {
    const [x, y] = [(at % COLUMNS) - left, Math.floor(at / COLUMNS) - top];
    return x >= 0 && x < wide && y >= 0 && y < high ? 255 - (i % 50) : 0;
  });
}

function idx(sizes, values) {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.set([0, 0, 8, sizes.length]);
  sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, Buffer.from(values)]);
}

/** 90 pictures as IDX, packed, and their labels: 4, 7 and 9. */
function pair() {
  const images = Array.from({ length: 90 }, (_, i) => picture(i)).flat();
  const labels = Array.from({ length: 90 }, (_, i) => [4, 7, 9][i % CLASSES]);
  return [['shapes-images.gz', gzipSync(idx([90, ROWS, COLUMNS], images))], ['shapes-labels', idx([90], labels)]];
}

/** As PNG wants it; Node has its own only from 20.15 on. */
function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

function png(wide, high, pixel) {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(wide, 0);
  header.writeUInt32BE(high, 4);
  header.set([8, 0], 8);
  const lines = Array.from({ length: high }, (_, y) => [0, ...Array.from({ length: wide }, (_, x) => pixel(x, y))]);
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([magic, chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.from(lines.flat()))), chunk('IEND', Buffer.alloc(0))]);
}

/** 4 × 5 pictures on a sheet, dark on light. */
function sheet() {
  return png(5 * COLUMNS, 4 * ROWS, (x, y) => {
    const tile = Math.floor(y / ROWS) * 5 + Math.floor(x / COLUMNS);
    return 255 - picture(tile)[(y % ROWS) * COLUMNS + (x % COLUMNS)];
  });
}

/** Rows of a class and 64 whole numbers. */
function squares() {
  const row = (i) => [i % 2, ...Array.from({ length: 64 }, (_, at) => (i * at * 37) % 256)].join();
  return Array.from({ length: 40 }, (_, i) => row(i)).join('\n');
}

/** As the CSV files of MNIST that are passed around: names first, then a class and 784 whole numbers to a row; 78 MB. */
function large() {
  const names = ['label', ...Array.from({ length: 784 }, (_, at) => `pixel${at}`)].join();
  const rows = Array.from({ length: 100 }, (_, i) => [i % 10, ...Array.from({ length: 784 }, (_, at) => (at * 37 + i) % 256)].join());
  return [names, ...Array.from({ length: 28_000 }, (_, i) => rows[i % rows.length])].join('\n');
}

for (const [name, device] of Object.entries(DEVICES)) {
  describe(`own data, ${name}`, () => {
    let studio, page;
    visit(device, async (opened) => {
      studio = opened;
      page = studio.page;
      await studio.follow('#/files');
      await studio.until('own-state', () => true);
    });

    /** Chooses files of these names, with these bytes, or with so many of zero. */
    const choose = async (...files) => {
      const folder = await mkdtemp(join(tmpdir(), 'hourglass-'));
      const paths = files.map(([name]) => join(folder, name));
      await Promise.all(files.map(async ([, bytes], i) => {
        const many = typeof bytes === 'number';
        await writeFile(paths[i], many ? '' : bytes);
        if (many) await truncate(paths[i], bytes);
      }));
      await (await page.$('input[aria-label="Your own data"]')).uploadFile(...paths);
    };
    /** Presses what may have gone by itself: these runs are over in a second. */
    const calm = (name) =>
      page.evaluate((name) => [...document.querySelectorAll('button')].find((button) => button.textContent.trim() === name)?.click(), name);
    const isChecked = (words) =>
      page.$$eval('.own-preview label', (labels, words) => labels.find((label) => label.textContent.includes(words))?.querySelector('input').checked, words);
    const check = (words) =>
      page.$$eval('.own-preview label', (labels, words) => labels.find((label) => label.textContent.includes(words)).querySelector('input').click(), words);

    test('what is no data is refused in words, and nothing is lost', async () => {
      const before = await studio.text('epoch');
      for (const [file, bytes, says] of [
        ['cut-images', idx([9, 4, 4], [1, 2, 3]), /cut-images: the file ends after 19 of 160 bytes/],
        ['words.csv', 'a,b\n0.5,1\n2,x\n', /words\.csv: row 3, column 2: "x" is not a number/],
        ['photo.jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), /photo\.jpg: this is a JPEG picture/],
      ]) {
        await choose([file, bytes]);
        const said = await studio.news((news) => news.includes(file));
        assert.match(said, says);
      }
      assert.equal(await page.$('.own-preview'), null);
      assert.equal(await studio.text('epoch'), before);
    });

    test('a sheet is cut as the visitor says, and inverted', async () => {
      await choose(['sheet.png', sheet()]);
      await studio.news((news) => /sheet\.png: the sheet has 48 × 100 pixels/.test(news));
      await studio.type('Rows of a tile', String(ROWS));
      await studio.news((news) => /no whole number of tiles of 12 × 28/.test(news));
      await studio.type('Columns of a tile', String(COLUMNS));
      const figures = await studio.until('own-figures', (text) => text !== '');
      assert.equal(figures, '12 × 20 pixels · 14 to learn from, 6 to test · values from 0 to 255');
      assert.match(await studio.text('own'), /Dark ink on light paper \(mean \d+ of 255\): inverted/);
      assert.ok(await studio.hasInk('own-pictures'));
      assert.equal(await isChecked('Invert'), true);
      await page.focus('.own-preview input');
      await page.keyboard.press('Space');
      await studio.until('own', (text) => /not inverted, as you wish/.test(text));
      assert.ok(await page.evaluate(() => document.activeElement.matches('.own-preview input')), 'the box lost the focus');
      assert.equal(await isChecked('Invert'), false);
      await studio.press('Not this one');
      assert.equal(await eventually(page, () => document.querySelector('.own-preview') === null), true);
    });

    test('whole numbers are pictures, or series if that is wished', async () => {
      await choose(['squares.csv', squares()]);
      await studio.until('own-figures', (text) => text.startsWith('8 × 8 pixels · 28 to learn from, 12 to test'));
      await check('Rows are series');
      await studio.until('own-figures', (text) => text.startsWith('64 values · 28 to learn from'));
      assert.equal(await isChecked('Invert'), undefined);
    });

    // Files are read alike on every device, and these take their time: where there is no GPU.
    if (device.gpu === null) test('a large file is read, a larger one is not', async (t) => {
      const begun = Date.now();
      await choose(['digits.csv', large()]);
      await studio.until('own-figures', (text) => text === '28 × 28 pixels · 19,600 to learn from, 8,400 to test · values from 0 to 255');
      t.diagnostic(`read after ${Date.now() - begun} ms`);
      assert.match(await studio.text('own'), /28,000 pictures of 28 × 28 pixels\. .* 10 classes, by their column\..*78,\d{3} KB, read in this browser/);
      await studio.press('Not this one');
      await choose(['four-times.csv', 300e6]);
      await studio.news((news) => news.includes('four-times.csv has 300 MB, and at most 268 MB are read: take fewer rows or fewer files.'));
      await dismiss(page);
    });

    test('what is dropped anywhere is looked at, and only used when that is said', async () => {
      await studio.follow('#/studio');
      await eventually(page, () => document.querySelector('.hero') !== null);
      const files = pair().map(([name, bytes]) => [name, bytes.toString('base64')]);
      await page.evaluate((files) => {
        const transfer = new DataTransfer();
        for (const [name, base64] of files) {
          transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
        }
        const drop = new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
        document.querySelector('.hero').dispatchEvent(drop);
        if (!drop.defaultPrevented) throw new Error('the browser would show the file in place of the page');
      }, files);
      await studio.until('own-figures', (text) => text.startsWith('12 × 20 pixels · 63 to learn from, 27 to test'));
      assert.equal(await studio.text('own-classes'), '4 21 + 97 21 + 99 21 + 9');
      assert.match(await studio.text('own'), /90 pictures of 12 × 20 pixels\. 3 classes, by the labels\..* sent nowhere/);
      const network = () => page.$eval('.run-bar .network', (words) => words.textContent);
      assert.match(await network(), /784 on|–784/);
      await studio.press('Use it');
      await eventually(page, () => document.querySelector('.run-bar .network').textContent, null, (text) => text === '240–80–30–10–30–80–240 on shapes-images.gz');
    });

    test('it is learned from, and a digit on the pad becomes as large as a picture', async () => {
      await studio.follow('#/studio');
      await eventually(page, () => document.querySelector('.hero') !== null);
      const data = await page.$eval('.fields select', (menu) => menu.selectedOptions[0].textContent);
      assert.equal(data, 'shapes-images.gz · 63');
      await studio.press('Train');
      await studio.until('step', (text) => Number(text.replaceAll(/\D/g, '')) > 60);
      await calm('Pause');
      await studio.draw();
      await eventually(page, () => {
        const canvas = document.querySelector('[data-testid="seen"]');
        return `${canvas.width} × ${canvas.height}`;
      }, null, (size) => size === '20 × 12');
      assert.ok(await studio.hasInk('seen'));
    });

    // Each lesson: what is pressed there, and what it then says.
    for (const [lesson, pressed, says] of [
      ['latent', [], /○ ?4.*▮ ?7.*▲ ?9/],
      ['neighbours', ['Reveal the labels', 'Ask the whole test set'], /of 9 say [479].*27 of 27 asked.*27 of 27 asked/],
      ['denoise', ['Train both'], /all 27.*epoch [1-9]/],
      ['compress', [], /240.*Download 27 pictures compressed/],
      ['worlds', ['Train both'], /What both say.*[479].*classifier: step [1-9]/],
      ['siamese', ['Same'], /1 pairs? answered.*27 test inputs among 63/],
      ['kernels', [], /dense, layer 1.*× 240 × 80/],
      ['files', ['Weights'], /hourglass\.safetensors: after [\d,]+ steps, test loss 0\.\d+ over 27 inputs/],
    ]) {
      test(`${lesson} takes it as it is`, async () => {
        await studio.follow(`#/${lesson}`);
        for (const name of pressed) await studio.press(name);
        const words = () => document.querySelector('main')?.textContent.replaceAll(/\s+/g, ' ') ?? '';
        const parts = says.source.split('.*').map((part) => new RegExp(part));
        await eventually(page, words, null, (text) => parts.every((part) => part.test(text)));
        // Who goes on training keeps the next lesson waiting.
        if (lesson === 'worlds') await calm('Pause both');
        const troubles = await page.$$eval('.notices .trouble p', (all) => all.map((one) => one.textContent));
        assert.deepEqual(troubles.filter((text) => !/^(photo|words|cut-images|sheet)/.test(text)), []);
      });
    }

    test('on a phone nothing is wider than the screen', async () => {
      await page.setViewport({ width: 390, height: 844 });
      await choose(...pair());
      await studio.until('own-figures', (text) => text.startsWith('12 × 20 pixels'));
      await eventually(page, () => document.documentElement.scrollWidth - innerWidth, null, (over) => over <= 0);
      await page.setViewport({ width: 1280, height: 900 });
    });

    test('after a reload its run asks for the file, and goes on when that is there', async () => {
      await studio.follow('#/files');
      await page.reload();
      await studio.news((text) => text.includes('Your last run is still here: your file “shapes-images…”'));
      await studio.press('Go on where you were');
      await studio.news((text) => text.includes('your own file “shapes-images…”, which is not kept: bring that file again'));
      await choose(...pair());
      await studio.press('Use it');
      await eventually(page, () => document.querySelector('.run-bar .network').textContent, null, (text) => text.startsWith('240–'));
      await studio.press('Go on');
      await studio.until('epoch', (text) => Number(text) > 0);
      assert.match(await page.$eval('.run-bar .network', (words) => words.textContent), /on shapes-images\.gz$/);
    });

    test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));
  });
}

describe('own data of the size of those before', () => {
  let studio, page;
  visit(DEVICES['Chromium without WebGPU'], (opened) => {
    studio = opened;
    page = studio.page;
  });

  test('a test digit stays on the pad, and is none of theirs', async () => {
    const near = () => document.querySelectorAll('[data-testid=near-codes] li:not([hidden])').length;
    await studio.follow('#/neighbours?v=1&data=strokes');
    await eventually(page, near, null, (count) => count === 9);
    // A cleared pad has no neighbours: those that come then are the new digit's, which hid the labels as it came.
    await studio.press('Clear');
    await eventually(page, near, null, (count) => count === 0);
    await studio.press('From the test set');
    await eventually(page, near, null, (count) => count === 9);
    await studio.press('Reveal the labels');
    await studio.until('truth', (text) => /^the test set says: \d$/.test(text));
    await studio.follow('#/files');
    const row = (i) => [i % 2, ...Array.from({ length: 784 }, (_, at) => (i * at * 37) % 256)].join();
    const path = join(await mkdtemp(join(tmpdir(), 'hourglass-')), 'noise.csv');
    await writeFile(path, Array.from({ length: 40 }, (_, i) => row(i)).join('\n'));
    await eventually(page, () => document.querySelector('input[aria-label="Your own data"]') !== null);
    await (await page.$('input[aria-label="Your own data"]')).uploadFile(path);
    await studio.until('own-figures', (text) => text.startsWith('28 × 28 pixels'));
    await studio.press('Use it');
    await eventually(page, () => document.querySelector('.run-bar .network').textContent, null, (text) => text.endsWith('noise.csv'));
    await studio.follow('#/neighbours');
    await studio.press('Reveal the labels');
    await studio.until('vote-codes', (text) => /say [01]/.test(text));
    assert.equal(await studio.text('truth'), '');
    assert.ok(await page.$eval('canvas.pad', (pad) => new Set(new Uint32Array(pad.getContext('2d').getImageData(0, 0, pad.width, pad.height).data.buffer)).size > 1));
  });

  test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));
});
