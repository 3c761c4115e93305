// What the pad and the map say to those who do not see them, by keys alone; and what a browser without a GPU is told.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chromium, eventually, newPage, started } from './browsers.mjs';
import { serve, skipWithout } from './site.mjs';
import { spoiled } from './spoiled.mjs';
import { DEVICES, lessonOpen, visit } from './studio.mjs';

/** What a voice says, once it is as wished. */
const heard = (page, id, wished) => eventually(page, (id) => document.querySelector(`[data-testid=${id}]`)?.textContent ?? '', id, wished);

/** All that a voice said since this was first asked. */
const spoken = (page, id) => page.evaluate((id) => {
  window.spoken ??= {};
  if (!(id in window.spoken)) {
    const all = (window.spoken[id] = []);
    const region = document.querySelector(`[data-testid=${id}]`);
    new MutationObserver(() => all.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
  }
  return window.spoken[id];
}, id);

describe('aloud', { skip: skipWithout('mnist') }, () => {
  let studio, page;
  visit(DEVICES['Chromium without WebGPU'], (s) => ({ page } = studio = s));

  test('the pad says where the pen is, and what became of what it drew', async () => {
    await studio.until('reconstruction-error', (text) => Number(text) > 0);
    await page.waitForSelector('[data-testid=pad-aloud]');
    await page.focus('.pad');
    await page.keyboard.press('Delete');
    await heard(page, 'pad-aloud', (text) => /^Pen up, 50 % from the left, 50 % from the top\. The pad is empty\.$/.test(text));
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowRight');
    await heard(page, 'pad-aloud', (text) => text === 'Pen up, 55 % from the left, 45 % from the top.');
    await spoken(page, 'pad-aloud');
    await page.keyboard.press('Space');
    for (let down = 0; down < 6; down++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await heard(page, 'pad-aloud', (text) => text.startsWith('Pen up, 55 % from the left, 75 % from the top.'));
    // It is said once, perhaps before the pen is up: lifting it changes nothing.
    const said = await eventually(page, () => window.spoken['pad-aloud'].findLast((text) => text.includes('error')));
    const error = Number(said.match(/Reconstruction error ([\d.]+)\./)[1]);
    const shown = Number(await studio.text('reconstruction-error'));
    assert.ok(Math.abs(error - shown) < 1e-3, `${error} is said and ${shown} is shown`);
    // Eight keys, and not eight voices.
    const times = (await spoken(page, 'pad-aloud')).length;
    assert.ok(times >= 1 && times <= 6, `${times} utterances`);
  });

  test('a pen whose stroke is taken away is up', async () => {
    await page.keyboard.press('Space');
    await heard(page, 'pad-aloud', (text) => text.startsWith('Pen down'));
    await page.keyboard.press('Delete');
    await heard(page, 'pad-aloud', (text) => text.startsWith('Pen up') && text.includes('The pad is empty.'));
  });

  test('the map says where its cursor is, what is near, and how wrong the picture is there', async () => {
    await studio.follow('#/latent');
    await lessonOpen(page, 'latent');
    await eventually(page, () => /[1-9]/.test(document.querySelector('.map')?.getAttribute('aria-label') ?? ''));
    await page.focus('.map');
    // As long as the pictures are on their way, nobody knows how wrong one is.
    let said = '';
    while (!said.includes('squared error')) {
      const before = said;
      await page.keyboard.press('ArrowRight');
      said = await heard(page, 'map-aloud', (text) => text.startsWith('PC 1') && text !== before);
    }
    const words = /^PC 1 (-?[\d.]+), PC 2 (-?[\d.]+)\. (\d) of the 9 nearest: (\d)\. Nearest: test input \d+: \d, ([\d.]+) away\. .* squared error of ([\d.]+)\.$/;
    const [, x, y, most, , far, error] = said.match(words) ?? assert.fail(said);
    assert.ok(Number(most) >= 1 && Number(far) >= 0 && Number(error) > 0 && Number(error) < 1, said);
    await spoken(page, 'map-aloud');
    for (let right = 0; right < 5; right++) await page.keyboard.press('ArrowRight');
    const after = await heard(page, 'map-aloud', (text) => text !== said && text.includes('squared error'));
    const [, x2, y2] = after.match(words) ?? assert.fail(after);
    assert.ok(Number(x2) > Number(x) && y2 === y, `${said}\n${after}`);
    const times = (await spoken(page, 'map-aloud')).length;
    assert.ok(times >= 1 && times <= 3, `${times} utterances for five keys`);
  });

  test('the map says what Enter, + and Escape did', async () => {
    await page.keyboard.press('+');
    await heard(page, 'map-aloud', (text) => /^In view: PC 1 from -?[\d.]+ to -?[\d.]+, PC 2 from/.test(text));
    await page.keyboard.press('Enter');
    const chosen = await heard(page, 'map-aloud', (text) => text.startsWith('Chosen: test input '));
    assert.match(chosen, /^Chosen: test input \d+: \d\.$/);
    await page.keyboard.press('Escape');
    await heard(page, 'map-aloud', (text) => text === 'Back to your own.');
  });

  test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));
});

/** What browsers without a GPU say of themselves, whether they have WebGPU all the same, and what helps there. */
const AGENTS = {
  'Firefox on Linux': ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', false, /about:config/],
  'Safari 17': ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15', false, /from version 26 on, and this is version 17/],
  'Chrome on Linux': [null, true, /flags\/#enable-unsafe-webgpu/],
};

describe('without a GPU', () => {
  const NO_WEBGPU = `Object.defineProperty(Object.getPrototypeOf(navigator), 'gpu', { value: undefined });`;
  /** Why, once it is known. */
  const why = (page) => eventually(page, () => document.querySelector('.why p')?.textContent ?? '', undefined, (text) => text !== '' && !text.includes('not answered yet'));

  for (const [name, [agent, offers, words]] of Object.entries(AGENTS)) {
    test(`${name} is told what helps`, async () => {
      const site = await spoiled(offers ? '' : NO_WEBGPU);
      const browser = await chromium({ webgpu: false, more: agent ? [`--user-agent=${agent}`] : [] });
      try {
        const { page, faults } = await newPage(browser, site);
        await page.goto(site.address);
        await started(page);
        const said = await why(page);
        assert.match(said, words);
        assert.match(said, /Everything works all the same/);
        assert.deepEqual(faults, []);
      } finally {
        await browser.close();
        await site.close();
      }
    });
  }

  test('a page over plain http says that https would help', async () => {
    // A name that is not this machine's own, where browsers keep the GPU from pages.
    const site = await serve();
    const browser = await chromium({ webgpu: true, more: ['--host-resolver-rules=MAP plain.test 127.0.0.1'] });
    try {
      const elsewhere = (address) => address.replace('localhost', 'plain.test');
      const { page } = await newPage(browser, { ...site, origin: elsewhere(site.origin) });
      await page.goto(elsewhere(site.address));
      await started(page);
      assert.match(await why(page), /plain http/);
    } finally {
      await browser.close();
      await site.close();
    }
  });

  test('a device that is refused is said in words, and not as the browser has it', async () => {
    const refused = `GPUAdapter.prototype.requestDevice = async () => { throw new DOMException('none is left', 'OperationError'); };`;
    const site = await spoiled(refused);
    const browser = await chromium({ webgpu: true });
    try {
      const { page } = await newPage(browser, site);
      await page.goto(`${site.address}?gpu=software`);
      await started(page);
      const said = await why(page);
      assert.match(said, /gave no device: none is left/);
      assert.doesNotMatch(said, /JsValue|Error|\.js/);
    } finally {
      await browser.close();
      await site.close();
    }
  });
});
