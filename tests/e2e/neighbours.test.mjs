// Neighbours: who is near in the latent space, who is near in pixels, and how often their vote is right.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from './browsers.mjs';
import { DEVICES, visit } from './studio.mjs';

const LISTS = ['near-codes', 'near-inputs'];

for (const [name, device] of Object.entries(DEVICES)) {
  const { gpu } = device;
  describe(`neighbours, ${name}`, () => {
    let studio, page;
    visit(device, async (opened) => {
      studio = opened;
      page = studio.page;
      await page.setViewport({ width: 1366, height: 768 });
    });

    test('the nine nearest by codes and by pixels, nearest first, without their labels', async () => {
      await studio.follow('#/neighbours');
      for (const list of LISTS) {
        const near = await neighbours(list, (near) => near.length === 9);
        const distances = near.map(({ distance }) => distance);
        assert.ok(distances[0] > 0, `${list}: ${distances}`);
        assert.deepEqual(distances, [...distances].sort((a, b) => a - b), list);
        assert.deepEqual(new Set(near.map(({ label }) => label)), new Set(['?']), list);
        assert.ok(near.every(({ ink }) => ink), `${list}: a picture is empty`);
      }
      assert.equal(await studio.text('vote-codes'), 'What would you say?');
    });

    test('revealed labels are those that vote', async () => {
      await studio.press('Reveal the labels');
      for (const [list, vote] of [['near-codes', 'vote-codes'], ['near-inputs', 'vote-inputs']]) {
        const near = await neighbours(list, (near) => near.every(({ label }) => /^\d$/.test(label)));
        const counts = Array(10).fill(0);
        for (const { label } of near) counts[label]++;
        const most = Math.max(...counts);
        const second = Math.max(...counts.toSpliced(counts.indexOf(most), 1));
        assert.equal(
          await studio.text(vote),
          `${most} of 9 say ${counts.indexOf(most)}: ${most - second} more than the next`,
        );
      }
    });

    test('k neighbours vote', async () => {
      for (const k of [25, 1, 5]) {
        await studio.slide('How many neighbours vote', String(k));
        for (const list of LISTS) await neighbours(list, (near) => near.length === k);
        assert.match(await studio.text('vote-codes'), new RegExp(`^\\d+ of ${k} say \\d`));
      }
      await studio.slide('How many neighbours vote', '9');
    });

    test('the angle is another distance', async () => {
      const before = await neighbours('near-inputs', (near) => near.length === 9);
      await studio.press('cosine');
      const cosine = await neighbours('near-inputs', (near) => near[0].distance !== before[0].distance);
      assert.ok(cosine.every(({ distance }) => distance >= 0 && distance < 1), JSON.stringify(cosine));
      await studio.press('Euclidean');
      await neighbours('near-inputs', (near) => near[0].distance === before[0].distance);
    });

    test('another digit has other neighbours, and they are to be guessed again', async () => {
      const before = await neighbours('near-codes', (near) => near.length === 9);
      await studio.press('Clear');
      await neighbours('near-codes', (near) => near.length === 0);
      await studio.draw();
      const drawn = await neighbours('near-codes', (near) => near.length === 9 && near[0].label === '?');
      assert.notDeepEqual(drawn.map(({ distance }) => distance), before.map(({ distance }) => distance));
    });

    test('a test digit says what it is when labels are revealed', async () => {
      // A cleared pad has no neighbours, also if some were on their way: those that come are the new digit's, which hid
      // the labels as it came.
      await studio.press('Clear');
      await neighbours('near-codes', (near) => near.length === 0);
      await studio.press('From the test set');
      await neighbours('near-codes', (near) => near.length === 9);
      await studio.press('Reveal the labels');
      assert.match(await studio.until('truth', (text) => text !== ''), /^the test set says: \d$/);
    });

    test('the whole test set votes, in Z, and the table says the same', async () => {
      await studio.press('Ask the whole test set');
      const all = (text) => text.match(/^Z: ([\d.]+) % right with k = 9 \((\d+) of \2 asked, [\d.]+ s\)$/);
      const some = (text) => text.match(/^Z: ([\d.]+) % right with k = 9 \((\d+) of \d+ asked, [\d.]+ s\)$/);
      // A GPU in software takes minutes for all of it.
      const [, share, asked] = (gpu ? some : all)(await studio.until('accuracy-codes', gpu ? some : all));
      assert.ok(share > 50, `${share} % right, of ten classes`);
      if (gpu) return;
      await studio.press('neighbours.csv');
      const { text } = await studio.handedOver();
      const [head, ...rows] = text.trimEnd().split('\n').map((row) => row.split(','));
      assert.deepEqual(head.slice(0, 7), ['index', 'label', 'predicted', 'votes', 'neighbour1', 'label1', 'distance1']);
      assert.equal(head.length, 4 + 9 * 3);
      assert.equal(rows.length, Number(asked));
      const right = rows.filter(([, label, predicted]) => label === predicted).length;
      assert.equal(((100 * right) / rows.length).toFixed(2), share);
    });

    test('the page answers meanwhile, and it can be stopped', async () => {
      const count = (text) => Number(text.match(/\((\d+) of \d+ asked/)?.[1] ?? 0);
      const which = gpu ? 'accuracy-codes' : 'accuracy-inputs';
      const first = count(await studio.until(which, (text) => count(text) > 0));
      await studio.until(which, (text) => count(text) > first || /\((\d+) of \1 asked/.test(text));
      // The page goes on answering.
      const [before] = await neighbours('near-codes', (near) => near.length === 9);
      await studio.press('From the test set');
      await neighbours('near-codes', (near) => near.length === 9 && near[0].label === '?' && near[0].distance !== before.distance);
      if (await page.evaluate(() => [...document.querySelectorAll('button')].some((b) => b.textContent === 'Stop'))) {
        await studio.press('Stop');
        await studio.button('Ask the whole test set');
      }
    });

    test('what was measured by one distance is not shown for another', async () => {
      assert.notEqual(await studio.text('accuracy-codes'), '');
      await studio.press('cosine');
      await studio.until('accuracy-codes', (text) => text === '');
      await studio.press('Euclidean');
    });

    test('a network that learns has other neighbours', async () => {
      const before = await neighbours('near-codes', (near) => near.length === 9);
      await studio.press('forget and learn again');
      // Software needs minutes for the epoch and a half between two looks; whoever pauses need not wait for it.
      if (gpu) {
        await new Promise((done) => setTimeout(done, 6000));
        await studio.press('Pause');
      }
      await neighbours('near-codes', (near) => near.length === 9 && near[0].distance !== before[0].distance);
      if (!gpu) await studio.press('Pause');
      await studio.button('Train');
      assert.equal(await studio.text('accuracy-codes'), '', 'what was measured was measured on another network');
    });

    test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));

    /** The neighbours in a list that are in view, once they are as wished: distance, label, whether there is a picture. */
    function neighbours(list, wished) {
      const shown = (list) =>
        [...document.querySelectorAll(`[data-testid="${list}"] > li`)]
          .filter((tile) => tile.getClientRects().length > 0)
          .map((tile) => {
            const canvas = tile.querySelector('canvas');
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            const pixels = new Uint32Array(data.buffer);
            return {
              distance: Number(tile.querySelector('.distance').textContent),
              label: tile.querySelector('.label').textContent,
              ink: pixels.some((pixel) => pixel !== pixels[0]),
            };
          });
      return eventually(page, shown, list, wished);
    }
  });
}

describe('neighbours on a phone', () => {
  let studio;
  visit(DEVICES['Chromium without WebGPU'], async (opened) => {
    studio = opened;
    await studio.page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
    await studio.follow('#/neighbours');
  });

  test('nothing is wider than the screen, before and after the labels are revealed', async () => {
    const width = () => studio.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok((await width()) <= 390);
    await studio.press('Reveal the labels');
    await studio.until('vote-inputs', (text) => text.includes('say'));
    assert.ok((await width()) <= 390);
  });

  test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));
});
