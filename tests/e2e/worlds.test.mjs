// Two worlds: the same encoder with labels and without; what both say of a digit, and what labels are worth.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from './browsers.mjs';
import { DEVICES, visit } from './studio.mjs';

const SMALL = '#/worlds?v=1&data=strokes&enc=16&z=4&batch=500&epochs=1';
const STEPS = 40;

for (const [name, device] of Object.entries(DEVICES)) {
  const { gpu } = device;
  describe(`two worlds, ${name}`, () => {
    let studio, page;
    visit(device, async (opened) => {
      studio = opened;
      page = studio.page;
      await page.setViewport({ width: 1366, height: 768 });
      await studio.follow(SMALL);
    });

    test('the switch changes the network, its target and its loss', async () => {
      await glass('784, 16, 4, 10');
      await studio.press('From the test set');
      const label = await studio.until('target', (text) => /^\d$/.test(text));
      const words = await studio.until('compared', (text) => text.includes('−log'));
      const [, chance, loss] = words.match(/−log ([\d.]+) = ([\d.]+)$/);
      assert.ok(Math.abs(-Math.log(chance) - loss) < 0.01, words);
      await rows((rows) => rows.length === 10 && rows.filter(({ right }) => right).map(({ name }) => name).join() === label);
      await studio.press('autoencoder');
      await glass('784, 16, 4, 16, 784');
      await studio.until('compared', (text) => /^x̂ against x, pixel by pixel: Loss = [\d.]+$/.test(text));
      await studio.press('supervised');
      await glass('784, 16, 4, 10');
    });

    test('probabilities sum to 1, and nine neighbours vote', async () => {
      const said = await rows((rows) => rows.reduce((sum, { votes }) => sum + votes, 0) === 9);
      const sum = said.reduce((sum, { chance }) => sum + chance, 0);
      assert.ok(Math.abs(sum - 100) < 1, `${sum} %`);
    });

    test('one button trains both, and both maps follow', async () => {
      const maps = ['map-supervised', 'map-autoencoder'];
      const before = await Promise.all(maps.map((map) => studio.repainted(map, () => true)));
      await studio.press('Train both');
      const done = new RegExp(`^classifier: step ${STEPS}, ([\\d.]+) % right$`);
      const [, right] = (await studio.until('pupil', (text) => done.test(text))).match(done);
      assert.ok(right > 25, `${right} % of ten classes`);
      await studio.until('autoencoder', (text) => text.startsWith(`autoencoder: step ${STEPS}`));
      for (const [i, map] of maps.entries()) {
        await eventually(page, step, map, (step) => step === String(STEPS));
        await studio.repainted(map, (print) => print !== before[i]);
      }
      assert.ok(await studio.hasInk('world-loss'));
      await studio.button('Train both');
    });

    test('labels are measured, the measuring can be stopped and goes on, and the table has it all', async () => {
      // A GPU in software takes minutes for some thousand steps.
      if (gpu) return;
      await studio.press('Measure');
      const measured = (count) => worth((rows) => rows.length >= count);
      const [first] = await measured(1);
      assert.equal(first[0], '10');
      await studio.press('Stop');
      await studio.press('Go on');
      await measured(2);
      await studio.press('Stop');
      const shown = await worth(() => true);
      assert.deepEqual([first[0], '3'], [shown[0][0], shown[0][4]], 'three draws of ten labels');
      await studio.press('labels.csv');
      const { text } = await studio.handedOver();
      const [head, ...lines] = text.trimEnd().split('\n').map((line) => line.split(','));
      assert.deepEqual(head, ['n', 'draw', 'classifier', 'knn', 'k', 'step']);
      const ten = lines.filter(([n]) => n === '10').map((line) => Number(line[2]));
      const mean = ten.reduce((sum, share) => sum + share, 0) / ten.length;
      assert.equal(shown[0][1], `${(100 * mean).toFixed(1)} %`);
      assert.match(await studio.text('verdict'), /^With 10 labels and k = [\d–]+ .* is right more often/);
    });

    test('a reset forgets what both have learned', async () => {
      await studio.press('Reset both');
      await studio.until('pupil', (text) => /^classifier: step 0, [\d.]+ % right$/.test(text));
      await studio.until('autoencoder', (text) => text.startsWith('autoencoder: step 0'));
      assert.equal((await worth(() => true)).length, 0, 'what was measured was measured on another network');
    });

    test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));

    function step(map) {
      return document.querySelector(`[data-testid="${map}"]`)?.dataset.step;
    }

    /** Waits until the picture of the network has these widths. */
    function glass(widths) {
      const label = () => document.querySelector('[data-testid="glass"]')?.getAttribute('aria-label') ?? '';
      return eventually(page, label, null, (label) => label.endsWith(`: ${widths} values`));
    }

    /** What both say of each class, once it is as wished. */
    function rows(wished) {
      const all = () =>
        [...document.querySelectorAll('[data-testid="both-say"] tr')].slice(1).map((row) => {
          const [chance, votes] = [...row.querySelectorAll('span')].map((cell) => parseFloat(cell.textContent));
          return { name: row.querySelector('th').textContent, chance, votes, right: row.matches('.true-class') };
        });
      return eventually(page, all, null, wished);
    }

    /** The rows of the measured table, once they are as wished. */
    function worth(wished) {
      const all = () =>
        [...document.querySelectorAll('[data-testid="worth"] tr')].slice(1).map((row) =>
          [...row.children].map((cell) => cell.textContent));
      return eventually(page, all, null, wished);
    }
  });
}

describe('two worlds on a phone', () => {
  let studio;
  visit(DEVICES['Chromium without WebGPU'], async (opened) => {
    studio = opened;
    await studio.page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
    await studio.follow(SMALL);
  });

  test('nothing is wider than the screen', async () => {
    await studio.until('pupil', (text) => text.includes('right'));
    assert.ok((await studio.page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
  });

  test('a network of normal inputs only says why there is no classifier, and the way out', async () => {
    await studio.follow(`${SMALL}&abn=0`);
    await studio.until('no-classifier', (text) => text.includes('nothing to tell apart'));
    await studio.press('learn from all of them');
    await studio.until('pupil', (text) => text.includes('right'));
  });

  test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));
});
