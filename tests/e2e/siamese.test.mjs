// Siamese: pairs answered by button, key and swipe teach an encoder; what came of it is said as it is.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from './browsers.mjs';
import { DEVICES, visit } from './studio.mjs';

for (const [name, device] of Object.entries(DEVICES)) {
  describe(`siamese, ${name}`, () => {
    let studio, page;
    visit(device, async (opened) => {
      studio = opened;
      page = studio.page;
      await page.setViewport({ width: 1366, height: 768 });
    });

    test('a pair to judge, and the map before the first answer', async () => {
      await studio.follow('#/siamese');
      await studio.button('Same');
      assert.equal(await studio.text('answered'), 'no pair answered yet');
      for (const map of ['map-before', 'map-after']) {
        await eventually(page, colours, map, (count) => count > 20);
      }
      assert.equal(await studio.text('moved'), 'codes moved by 0 %');
    });

    test('buttons, keys and swipes answer, and each answer teaches', async () => {
      await studio.press('Same');
      await studio.until('answered', (text) => text === '1 pair answered');
      assert.match(await studio.text('last'), /^You said same; the encoder, at s = [\d.]+, (same|different)\. [01] of 1 answers/);
      await page.focus('body');
      await page.keyboard.press('d');
      await studio.until('answered', (text) => text === '2 pairs answered');
      assert.match(await studio.text('last'), /^You said different;/);
      await page.keyboard.press('ArrowRight');
      await studio.until('last', (text) => text.startsWith('You said same;'));
      const at = await studio.place('[data-testid="couple"]');
      await page.mouse.move(...at(0.5, 0.5));
      await page.mouse.down();
      await page.mouse.move(...at(0.2, 0.5), { steps: 6 });
      await page.mouse.up();
      await studio.until('answered', (text) => text === '4 pairs answered');
      assert.match(await studio.text('last'), /^You said different;/);
      // What somebody types is no answer.
      await page.focus('input[aria-label="Margin"]');
      await page.keyboard.press('s');
      assert.equal(await studio.text('answered'), '4 pairs answered');
      await studio.until('learning', (text) => /^Learned from 4 answers: \d+ steps, loss [\d.]+/.test(text));
      await studio.until('moved', (text) => !/moved by 0 %/.test(text));
    });

    test('many answers move the map, and accuracy is told whichever way it went', async () => {
      const before = await studio.fingerprint('map-after');
      for (let i = 0; i < 16; i++) {
        await studio.press(i % 2 ? 'Same' : 'Different');
      }
      await studio.until('answered', (text) => text === '20 pairs answered');
      await studio.repainted('map-after', (print) => print !== before);
      const said = /^Nearest neighbours \(k = 9\) are right in [\d.]+ %, before the first pair in [\d.]+ %: accuracy (rose by [\d.]+ points|fell by [\d.]+ points|stayed as it was)\. \(1000 test inputs among 10000 training inputs\)$/;
      assert.match(await studio.until('verdict', (text) => text !== ''), said);
      await studio.press('pairs.csv');
      const { text } = await studio.handedOver();
      const [head, ...rows] = text.trimEnd().split('\n');
      assert.equal(head, 'a,b,answer,label');
      assert.equal(rows.length, 20);
      const differ = rows.map((row) => row.split(',')).filter(([, , answer, label]) => answer !== label).length;
      assert.ok((await studio.text('last')).endsWith(`${differ} of 20 answers differ from the labels.`));
      assert.ok(differ > 0 && differ < 20, `${differ}: same and different came in turns, and pairs do not`);
    });

    test('two digits and how far they are from each other', async () => {
      const onPad = () => document.querySelector('canvas[aria-label="The one on the pad"]').toDataURL();
      const before = await page.evaluate(onPad);
      await studio.press('From the test set');
      await eventually(page, onPad, null, (picture) => picture !== before);
      await studio.press('Keep this one');
      await studio.until('apart', (text) => text.startsWith('s = 0.00 < m / 2 = 0.50: same.'));
      await studio.press('From the test set');
      const said = /^s = (\d+\.\d+) [<≥] m \/ 2 = 0\.50: (same|different)\. Before the first pair: s = \d+\.\d+$/;
      const [, d, word] = (await studio.until('apart', (text) => said.test(text) && !text.startsWith('s = 0.00'))).match(said);
      assert.equal(word, d < 0.5 ? 'same' : 'different');
    });

    test('the labels answer', async () => {
      await field('How many true pairs', '2560');
      await studio.press('Learn from true pairs');
      const text = await studio.until('by-labels', (text) => text !== '');
      assert.match(text, /^2560 true pairs: [\d.]+ % \(1000 test inputs among 10000\)$/);
      assert.equal(await studio.text('answered'), '20 pairs answered', 'answers stay');
      assert.match(await studio.text('learning'), /^Learned from 2560 true pairs: /);
      const share = Number(text.match(/: ([\d.]+) %/)[1]);
      assert.ok(share > 60, `${share} %`);
      assert.ok((await studio.text('verdict')).includes(`right in ${share.toFixed(1)} %`));
    });

    test('it can be stopped, and started over', async () => {
      await field('How many true pairs', '900000');
      await studio.press('Learn from true pairs');
      await studio.until('learning', (text) => text.startsWith('Learning from 900000 true pairs: '));
      await studio.press('Stop');
      await studio.button('Learn from true pairs');
      await studio.press('Start over');
      await studio.until('moved', (text) => text === 'codes moved by 0 %');
      assert.equal(await studio.text('answered'), 'no pair answered yet');
      await studio.press('Same');
      await studio.until('learning', (text) => text.startsWith('Learned from 1 answer: '));
    });

    test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));

    /** How many colours a map has. */
    function colours(id) {
      const canvas = document.querySelector(`[data-testid="${id}"]`);
      if (!canvas?.width) return 0;
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    }

    async function field(label, text) {
      await page.$eval(
        `input[aria-label="${label}"]`,
        (field, text) => {
          field.value = text;
          field.dispatchEvent(new Event('change', { bubbles: true }));
        },
        text,
      );
    }
  });
}

describe('siamese on a phone', () => {
  let studio;
  visit(DEVICES['Chromium without WebGPU'], async (opened) => {
    studio = opened;
    await studio.page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
    await studio.follow('#/siamese');
  });

  test('nothing is wider than the screen, and a tap answers', async () => {
    await studio.press('Same', { tap: true });
    await studio.until('answered', (text) => text === '1 pair answered');
    assert.ok((await studio.page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
  });

  test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));
});
