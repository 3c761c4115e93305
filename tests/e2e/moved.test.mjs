// Lessons whose GPU ends under them: what was learned beside the network, or looked at, goes to the next one.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chromium, eventually } from './browsers.mjs';
import { COUNTED, counted, destroy, dismiss, spoiled } from './spoiled.mjs';
import { openStudio } from './studio.mjs';

describe('lessons whose GPU ends', () => {
  let site, browser, studio;
  before(async () => {
    site = await spoiled(COUNTED);
    browser = await chromium({ webgpu: true });
    studio = await openStudio(browser, site, 'software');
    await studio.until('device', (text) => text.startsWith('WebGPU'));
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  test('the siamese encoder keeps what the answers taught it', async () => {
    await studio.follow('#/siamese');
    for (let i = 0; i < 10; i++) await studio.press(i % 2 ? 'Same' : 'Different');
    const said = /^Nearest neighbours .* before the first pair in ([\d.]+) %/;
    const [, first] = (await studio.until('verdict', (text) => text !== '')).match(said);
    const steps = (text) => Number(text.match(/^Learned from \d+ answers: (\d+) steps/)?.[1] ?? 0);
    const before = steps(await studio.until('learning', (text) => steps(text) >= 60));
    await ended();
    await studio.press('Same');
    const after = steps(await studio.until('learning', (text) => text.startsWith('Learned from 11 answers: ')));
    assert.ok(after >= before, `${before} steps, and then ${after}`);
    assert.match(await studio.text('verdict'), said);
    assert.equal((await studio.text('verdict')).match(said)[1], first, 'what it was compared with');
    await studio.until('moved', (text) => !/moved by 0 %/.test(text));
  });

  test('the weight that is followed stays, and no question is left without an answer', async () => {
    await studio.follow('#/kernels?v=1&data=strokes&enc=16&z=4&batch=50&epochs=1');
    const layers = () => document.querySelector('select[aria-label="Layer"]')?.textContent ?? '';
    await eventually(studio.page, layers, null, (text) => text.startsWith('e: 784 → 16'));
    await studio.until('box-gradient', (text) => text !== '–' && text !== '0');
    await studio.type('Unit', '7');
    await studio.type('Input of the unit', '300');
    const title = await studio.until('motion-title', (text) => text.includes('[7, 300]'));
    await studio.press('Check the gradient');
    await ended();
    await studio.until('motion-title', (text) => text === title);
    await studio.until('box-gradient', (text) => text !== '–');
    await studio.press('Check the gradient');
    await studio.until('verdict', (text) => text.startsWith('All 21 gradients hold'));
    assert.ok(!(await studio.page.$$eval('.notice', (all) => all.map((one) => one.textContent))).some((text) => text.includes('no update')));
  });

  test('however often it ends, two notices say so', async () => {
    await dismiss(studio.page);
    const said = () => [...document.querySelectorAll('.notice p')].map((one) => one.textContent);
    const seen = new Set();
    await studio.follow('#/studio?v=1&data=strokes&enc=16&z=4&batch=50&epochs=100');
    await studio.until('step', (text) => text === '0');
    await studio.press('Train');
    for (let i = 0; i < 3; i++) {
      // Each goes on from another step, which makes its words others.
      const step = () => Number(document.querySelector('[data-testid=step]').textContent.replaceAll(/\D/g, ''));
      const from = await studio.page.evaluate(step);
      await eventually(studio.page, step, null, (now) => now > from + 20);
      const { gpus } = await counted(studio.page);
      await destroy(studio.page);
      await eventually(studio.page, said, null, (all) => all.some((text) => text.includes('took over') && !seen.has(text)));
      (await studio.page.evaluate(said)).forEach((text) => seen.add(text));
      await studio.until('device', (text) => text.startsWith('WebGPU'));
      assert.ok((await counted(studio.page)).gpus > gpus, 'the GPU is the same');
    }
    await studio.press('Pause');
    assert.ok(seen.size >= 3, [...seen].join('\n'));
    const left = (await studio.page.evaluate(said)).filter((text) => /took over|is back/.test(text));
    assert.ok(left.length <= 2, left.join('\n'));
  });

  test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));

  /** Ends the GPU, and waits for the next one. */
  async function ended() {
    const { gpus } = await counted(studio.page);
    await dismiss(studio.page);
    await destroy(studio.page);
    await studio.news((text) => text.includes('took over'));
    await studio.until('device', (text) => text.startsWith('WebGPU'));
    assert.ok((await counted(studio.page)).gpus > gpus, 'the GPU is the same');
  }
});
