// The visitor's files: weights out and in again, a curve, a notebook.

import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { chromium } from './browsers.mjs';
import { serve } from './site.mjs';
import { BROWSERS, openStudio, visit } from './studio.mjs';

for (const [name, device] of Object.entries(BROWSERS)) {
  describe(`files, ${name}`, () => {
    let studio, page, weights, loss;
    visit(device, async (opened) => {
      studio = opened;
      page = studio.page;
    });

    test('weights leave as safetensors', async () => {
      await studio.follow('#/files');
      await studio.press('Train');
      await studio.until('epoch', (text) => Number(text) >= 0.02);
      await studio.press('Pause');
      await studio.press('Weights');
      await studio.until('files', (text) => text.startsWith('hourglass.safetensors: after'));
      loss = (await studio.text('files')).match(/test loss ([\d.]+)/)[1];
      const file = await studio.handedOver();
      assert.equal(file.name, 'hourglass.safetensors');
      weights = Buffer.from(file.base64, 'base64');
      const header = JSON.parse(weights.subarray(8, 8 + weights.readUInt32LE(0)).toString());
      assert.deepEqual(header['encoder.0.weight'].shape, [250, 784]);
      assert.equal(header['encoder.0.weight'].dtype, 'F32');
      assert.ok(Number(header.__metadata__.step) > 0);
    });

    test('the curve is a table', async () => {
      await studio.press('curve.csv');
      const { text } = await studio.handedOver();
      const [head, ...rows] = text.trimEnd().split('\n');
      assert.equal(head, 'step,epoch,train_loss,test_loss,learning_rate,seconds');
      assert.ok(rows.length > 3 && rows.every((row) => row.split(',').length === 6), text.slice(0, 300));
    });

    test('the notebook names the figure that the page found', async () => {
      await studio.press('Notebook');
      await studio.until('files', (text) => text.startsWith('hourglass.ipynb'));
      const file = await studio.handedOver();
      const book = JSON.parse(file.text);
      assert.equal(book.nbformat, 4);
      const text = book.cells.map((cell) => cell.source.join('')).join('\n');
      assert.ok(text.includes('nn.Linear(784, 250)') && text.includes(loss.slice(0, 6)), text);
    });

    test('what was forgotten comes back from the file, to the last digit of its loss', async () => {
      await studio.press('Reset');
      await studio.press('Weights');
      await studio.until('files', (text) => /after 0 steps/.test(text));
      assert.doesNotMatch(await studio.text('files'), new RegExp(loss));
      const folder = await mkdtemp(join(tmpdir(), 'hourglass-'));
      const path = join(folder, 'mine.safetensors');
      await writeFile(path, weights);
      const picker = await page.$('input[aria-label="Weights as safetensors"]');
      await picker.uploadFile(path);
      await studio.until('files', (text) => text.startsWith('Opened: trained for'));
      await studio.press('Weights');
      await studio.until('files', (text) => text.includes(`test loss ${loss}`));
    });

    test('what is no such file is refused in words, and nothing is lost', async () => {
      const path = join(await mkdtemp(join(tmpdir(), 'hourglass-')), 'notes.safetensors');
      await writeFile(path, 'not weights');
      await (await page.$('input[aria-label="Weights as safetensors"]')).uploadFile(path);
      await studio.news((text) => text.includes('notes.safetensors') && text.includes('safetensors file'));
      await studio.press('Weights');
      await studio.until('files', (text) => text.includes(`test loss ${loss}`));
    });

    test('an exact run hands over what it began with and what it came to', async () => {
      await studio.type('Steps', '0');
      await studio.press('Run exactly this');
      await studio.news((text) => text.includes('1 to 100000 steps, not 0'));
      await studio.type('Steps', '1');
      await studio.press('Run exactly this');
      const said = await studio.until('exact', (text) => text !== '');
      const [, size, shown] = said.match(/^1 step of (\d+) inputs, in the order of the file, at η = 16384: loss ([\d.]+)\.$/);
      const tensors = async (name) => {
        await studio.press(name);
        const file = await studio.handedOver();
        assert.equal(file.name, name);
        const bytes = Buffer.from(file.base64, 'base64');
        return bytes.subarray(8 + bytes.readUInt32LE(0));
      };
      assert.deepEqual(await tensors('before.safetensors'), weights.subarray(8 + weights.readUInt32LE(0)));
      assert.notDeepEqual(await tensors('after.safetensors'), await tensors('before.safetensors'));
      await studio.press('exact-curve.csv');
      const [, row] = (await studio.handedOver()).text.split('\n');
      const [step, epoch, loss, test, rate] = row.split(',').map(Number);
      assert.deepEqual([step, test, rate], [1, 0, 16384]);
      assert.ok(Math.abs(loss - shown) < 1e-6 && epoch > 0 && epoch < 1 / Number(size), row);
    });

    test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));
  });
}

test('the same link gives the same curve in another profile, to the last byte but for the time it took', async () => {
  const site = await serve();
  const curve = async (seed) => {
    // Without a folder for its profile a browser makes itself a new one.
    const browser = await chromium({ webgpu: false });
    try {
      const link = `#/studio?v=1&data=strokes&enc=16&z=4&batch=200&epochs=2&seed=${seed}`;
      const studio = await openStudio(browser, site, 'off', link);
      await studio.press('Train');
      await studio.trained();
      await studio.follow('#/files');
      await studio.press('curve.csv');
      const { text } = await studio.handedOver();
      assert.deepEqual(studio.faults, []);
      return text.trimEnd().split('\n').map((row) => row.split(',').slice(0, -1).join());
    } finally {
      await browser.close();
    }
  };
  try {
    const [one, other, another] = [await curve(7), await curve(7), await curve(8)];
    assert.ok(one.length > 20, one.join('\n'));
    assert.deepEqual(other, one);
    assert.notDeepEqual(another, one, 'the seed changes nothing');
  } finally {
    await site.close();
  }
});
