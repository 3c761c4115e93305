// Links that a teacher prepares: what they lock and hide, the presenter's view, a drawing, and the class's drawings.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from './browsers.mjs';
import { DEVICES, visit } from './studio.mjs';

/** Whether anything that this selects can be seen. */
const visible = (selector) => [...document.querySelectorAll(selector)].some((part) => part.getClientRects().length > 0);

describe('links for teachers', () => {
  let studio, page, drawn;
  visit(DEVICES['Chromium without WebGPU'], (opened) => {
    studio = opened;
    page = studio.page;
  });

  test('a link is put together, with a drawing in it', async () => {
    await studio.draw();
    await studio.until('reconstruction-error', (text) => Number.isFinite(Number(text)));
    await studio.follow('#/files');
    await eventually(page, visible, '.share-card');
    const plain = await studio.text('shared-link');
    // A site without MNIST begins with strokes, and its links say so.
    assert.match(plain, /#\/studio\?v=1(&data=strokes)?$/);
    const code = await studio.fingerprint('qr');
    await tick('with the digit on the pad');
    await tick('for a projector');
    drawn = await studio.until('shared-link', (text) => text.includes('&draw='));
    assert.match(drawn, /#\/studio\?v=1(&data=strokes)?&present=1&draw=[\w-]{131}$/);
    await eventually(page, () => document.querySelector('[data-testid=qr]').width > 8 * 37);
    assert.notEqual(await studio.fingerprint('qr'), code);
    await studio.press('Copy this link');
    assert.equal(await studio.copied(), drawn);
    await studio.press('QR code as SVG');
    const file = await studio.handedOver();
    assert.equal(file.name, 'hourglass-link.svg');
    assert.match(file.text, /^<svg [^>]*viewBox="0 0 (\d+) \1"/);
  });

  test('a class’s drawings come back from the network that stands', async () => {
    const [text, show] = [await page.$('textarea'), 'Show them'];
    await text.evaluate((field, lines) => {
      field.value = lines;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }, `${drawn}\nhttps://example.org/\n${drawn}`);
    await studio.press(show);
    await studio.until('class-said', (text) => text === '2 drawings; no drawing in line 2');
    const inked = () => [...document.querySelectorAll('[data-testid=class] canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const pixels = new Uint32Array(data.buffer);
      return new Set(pixels).size > 1;
    });
    assert.deepEqual(await eventually(page, inked, null, (all) => all.length === 4 && all.every(Boolean)), [true, true, true, true]);
    await eventually(page, visible, '.class-map');
  });

  test('what it locks cannot be changed, and says so; what it hides is not there', async () => {
    await studio.follow(`#/studio?v=1&z=3&lock=z,seed,lr&hide=strip,copy&draw=${drawn.split('draw=')[1]}`);
    await eventually(page, () => document.querySelectorAll('.codes input[type="range"]').length, null, (n) => n === 3);
    const state = (label) => document.querySelector(`input[aria-label="${label}"]`).matches(':disabled');
    assert.equal(await page.evaluate(state, 'z: values of the latent code'), true);
    assert.equal(await page.evaluate(state, 'Learning rate'), true);
    assert.equal(await page.evaluate(state, 'Width of encoder layer 1'), false);
    assert.ok(await page.evaluate(visible, '.locked'), 'nothing says why');
    for (const part of ['.unseen', '.copy']) assert.equal(await page.evaluate(visible, part), false, part);
    // What sets z elsewhere is held to it, too.
    await studio.press('squeeze z to 2');
    await studio.news((text) => text.includes('keeps a part of the recipe as it is'));
    assert.equal(await studio.value('z: values of the latent code'), '3');
    // What is said stays what it is as others go, and whoever dismissed one is at the next.
    const notices = () => document.querySelectorAll('.notice').length;
    assert.ok((await page.evaluate(notices)) >= 2);
    await page.$$eval('.notice', (all) => (all.at(-1).dataset.before = 'yes'));
    await page.focus('.notice [aria-label=Dismiss]');
    for (let left = await page.evaluate(notices); left > 1; left--) {
      await page.keyboard.press('Enter');
      await eventually(page, notices, null, (count) => count === left - 1);
    }
    const at = () => document.activeElement.matches('.notice[data-before] [aria-label=Dismiss]');
    assert.ok(await page.evaluate(at), 'the focus was lost');
    await studio.type('Width of encoder layer 1', '64');
    await eventually(page, () => location.hash, null, (hash) => hash.includes('enc=64,100&z=3&lock=z,seed,lr&hide=strip,copy&draw='));
  });

  test('the presenter has large type and a key for each lesson, a frame no header', async () => {
    await studio.follow('#/studio?v=1&present=1&hide=walls');
    await studio.news((text) => text.includes('The link hides “walls”, which is not on this page.'));
    const size = () => parseFloat(getComputedStyle(document.querySelector('main button')).fontSize);
    assert.ok((await eventually(page, size, null, (size) => size >= 18)) >= 18);
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('3');
    await eventually(page, () => location.hash.startsWith('#/neighbours?') && location.hash.includes('present=1'));
    await studio.follow('#/studio?v=1&embed=1');
    await eventually(page, () => document.querySelector('.top').getClientRects().length === 0);
  });

  test('a network that was left on other data gives its place away only when that is said, and comes back by its link', async () => {
    const strokes = (width) => `#/studio?v=1&data=strokes&enc=${width}&z=4&batch=200&epochs=2000&seed=3`;
    const layers = () => document.querySelector('canvas.hourglass')?.getAttribute('aria-label') ?? '';
    const stands = (sizes) => eventually(page, layers, null, (label) => label.includes(sizes));
    await studio.follow(strokes(16));
    await stands('784, 16, 4, 16, 784');
    await studio.press('Train');
    await studio.until('step', (text) => Number(text.replaceAll(',', '')) > 20);
    await studio.press('Pause');
    await eventually(page, () => document.querySelector('.doing').textContent, null, (text) => text === 'Paused');
    await studio.follow('#/studio?v=1&data=beats&enc=32&z=8');
    await stands('32, 8, 32');
    await studio.follow(strokes(24));
    await studio.news((text) => text.includes('the place of the network that was left on Strokes, with all it has learned'));
    await stands('32, 8, 32');
    await studio.follow(strokes(16));
    await stands('784, 16, 4, 16, 784');
    await studio.until('step', (text) => Number(text.replaceAll(',', '')) > 20);
  });

  test('epochs that it locks are not added to', async () => {
    await studio.opens('#/studio?v=1&data=strokes&enc=8&z=2&batch=1000&epochs=1&lock=epochs');
    await eventually(page, () => location.hash.includes('enc=8'));
    await studio.press('Train');
    await studio.trained();
    await studio.press('Train');
    await studio.news((text) => text.includes('keeps a part of the recipe as it is'));
    assert.match(await page.evaluate(() => location.hash), /[?&]epochs=1&lock=epochs$/);
  });

  test('what is hidden is hidden in every language', async () => {
    await studio.follow('#/studio?v=1&hide=recipe,tries&lang=nl');
    await eventually(page, () => document.documentElement.lang, null, (lang) => lang === 'nl');
    for (const part of ['.fields', '.tries']) {
      await eventually(page, (part) => document.querySelector(part) !== null, part);
      await eventually(page, visible, part, (seen) => !seen);
    }
    assert.ok(await page.evaluate(visible, '.explain'), 'nothing else is hidden');
  });

  test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));

  async function tick(words) {
    const box = (words) => {
      const label = [...document.querySelectorAll('label.check')].find((label) => label.textContent.startsWith(words));
      label.querySelector('input').click();
    };
    await page.evaluate(box, words);
  }
});

describe('addresses that are gone to while a network is being opened', () => {
  let studio, page;
  visit(DEVICES['Chromium without WebGPU'], async (opened) => {
    studio = opened;
    page = studio.page;
    // The first network stands.
    await studio.until('reconstruction-error', (text) => Number.isFinite(Number(text)));
  });

  const shown = () => [document.querySelector('nav [aria-current=page]')?.hash, location.hash];
  // All are heard before the engine can have opened anything.
  const goes = (addresses) => page.evaluate((addresses) => addresses.forEach((address) => (location.hash = address)), addresses);

  test('the last one counts, and not what waited before it', async () => {
    await goes(['#/studio?v=1&data=strokes&enc=24&z=3', '#/heartbeats', '#/latent']);
    await eventually(page, shown, null, ([lesson, hash]) => lesson === '#/latent' && hash.includes('data=strokes'));
    // What waited would come now.
    await new Promise((done) => setTimeout(done, 2000));
    const [lesson, hash] = await page.evaluate(shown);
    assert.equal(lesson, '#/latent');
    assert.match(hash, /^#\/latent\?.*data=strokes&enc=24&z=3/);
  });

  test('going back is going back to the data, and to nothing that was made of others', async () => {
    const network = () => document.querySelector('.run-bar .network')?.textContent.replace('2 × ', '') ?? '';
    const standing = (inputs) => eventually(page, network, null, (text) => text.startsWith(inputs));
    for (const lesson of ['neighbours', 'denoise', 'siamese', 'kernels']) {
      await studio.follow(`#/${lesson}?v=1&data=strokes`);
      await standing('784–');
      await studio.follow('#/heartbeats');
      await standing('140–');
      await page.goBack();
      await eventually(page, shown, null, ([open, hash]) => open === `#/${lesson}` && hash.includes('data=strokes'));
      await standing('784–');
      await new Promise((done) => setTimeout(done, 1500));
      const said = await page.$$eval('.notice p', (all) => all.map((one) => one.textContent));
      assert.deepEqual(said, [], lesson);
      // Pictures, and no traces of heartbeats.
      const shapes = await page.$$eval('main canvas', (all) => all.filter((one) => one.getClientRects().length).map((one) => one.width / one.height));
      assert.ok(shapes.filter((shape) => shape === 1).length >= 2, `${lesson}: ${shapes}`);
    }
  });

  test('one that waits is followed', async () => {
    await goes(['#/studio?v=1&data=strokes&enc=16&z=3', '#/heartbeats']);
    await eventually(page, () => document.querySelector('.heartbeats .run-bar')?.textContent, null, (bar) => bar?.includes('140–'));
  });
});
