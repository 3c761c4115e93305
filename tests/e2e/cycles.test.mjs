// Networks and lessons that come and go: what they had on the GPU and in the document goes with them.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chromium } from './browsers.mjs';
import { collected, COUNTED, count, counted, inDocument, sleep, spoiled } from './spoiled.mjs';
import { LESSONS, lessonOpen, openStudio } from './studio.mjs';

/** How often: CYCLES=500 by hand. */
const CYCLES = Number(process.env.CYCLES || 8);
/** Networks of some sizes, so that each cycle opens another one than the one before. */
const recipe = (cycle) => `#/studio?v=1&data=strokes&enc=${[16, 32, 24][cycle % 3]}&z=4&batch=200&epochs=2&seed=${cycle % 7}`;

describe('new networks, again and again', () => {
  let site, browser, studio;
  before(async () => {
    site = await spoiled(COUNTED);
    browser = await chromium({ webgpu: true });
    studio = await openStudio(browser, site, 'software', recipe(0));
    await studio.until('device', (text) => text.startsWith('WebGPU'));
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  /** Another network, some of its training, and back to its first weights. */
  async function cycle(number) {
    await studio.follow(recipe(number));
    await studio.button('Train');
    await studio.until('step', (text) => count(text) === 0);
    await studio.press('Train');
    await studio.until('step', (text) => count(text) > 3);
    await studio.press('Pause');
    await studio.press('Reset');
    await studio.until('step', (text) => count(text) === 0);
  }

  test('none leaves anything on the GPU', async (t) => {
    for (let number = 1; number <= 3; number++) await cycle(number);
    const before = await counted(studio.page);
    for (let number = 4; number < 4 + CYCLES; number++) await cycle(number);
    // As many as before, and of the same network.
    for (let number = 1; number <= 3; number++) await cycle(number);
    const after = await counted(studio.page);
    await collected(studio.page);
    const kept = await counted(studio.page);
    t.diagnostic(`${CYCLES + 3} cycles: ${before.buffers} buffers of ${before.bytes} bytes before, ${after.buffers} of ${after.bytes} after; `
      + `${after.made - before.made} were made, ${after.staging} to read back from, ${after.params} of parameters; wasm ${before.wasm} and ${after.wasm} bytes`);
    assert.ok(after.made > before.made + CYCLES);
    assert.deepEqual([after.buffers, after.bytes], [before.buffers, before.bytes]);
    assert.equal(after.buffers, kept.buffers, 'some wait for the garbage collector');
    assert.deepEqual(studio.faults, []);
  });

  /** Every lesson, and back. */
  async function round() {
    for (const lesson of [...LESSONS.slice(1), 'studio']) {
      await studio.follow(`#/${lesson}`);
      await lessonOpen(studio.page, lesson);
      await sleep(700);
    }
  }

  test('lessons that are left leave nothing in the document', async (t) => {
    const cdp = await studio.page.createCDPSession();
    await round();
    const before = await inDocument(cdp);
    await round();
    const after = await inDocument(cdp);
    t.diagnostic(`${before.nodes} nodes and ${before.listeners} listeners before, ${after.nodes} and ${after.listeners} after`);
    // Words come and go; one lesson has a thousand nodes, and its canvases megabytes.
    assert.ok(after.nodes < before.nodes + 300, `${after.nodes - before.nodes} nodes more`);
    assert.ok(after.listeners < before.listeners + 20, `${after.listeners - before.listeners} listeners more`);
  });
});
