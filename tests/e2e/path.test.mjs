// The lecture as a path: from the first screen to the siamese networks, once by keyboard alone and once by touch alone on
// a small phone.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chromium, eventually, newPage, started } from './browsers.mjs';
import { serve } from './site.mjs';
import { found, press as pressed } from './studio.mjs';

const STOPS = ['studio', 'kernels', 'latent', 'compress', 'heartbeats', 'denoise', 'worlds', 'neighbours', 'siamese'];

const shown = (at) => document.querySelector('.path h2')?.textContent === `The lecture: stop ${at + 1} of 9`;
const done = () => document.querySelectorAll('.path-stops a.done').length;
const hidden = (id) => document.querySelector(`[data-testid=${id}]`).hidden;
const address = () => location.hash.split('?')[0];

/** What has the focus, in words. */
const focused = () => document.activeElement.textContent.trim();

/** Tab after tab until something of these words has the focus: whoever uses no mouse has no other way. */
async function tabTo(page, words) {
  for (let tabs = 0; tabs < 250; tabs++) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate(focused)) === words) {
      const outlined = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== 'none');
      assert.ok(outlined, `"${words}" does not show that it has the focus`);
      return;
    }
  }
  throw new Error(`no "${words}" within 250 tabs; the last was "${await page.evaluate(focused)}"`);
}

function touch(page, words) {
  const named = (words) => [...document.querySelectorAll('.path button')].find((button) => button.textContent.startsWith(words)) ?? null;
  const find = async () => {
    const button = await found(page, named, words);
    // As a hand does that wants it away from the button at the screen's edge.
    await button.evaluate((button) => button.scrollIntoView({ block: 'center' }));
    return button;
  };
  return pressed(find, words, { tap: true });
}

for (const [how, size] of [['by keyboard alone', { width: 1366, height: 768 }], ['by touch alone', { width: 360, height: 740, hasTouch: true, isMobile: true }]]) {
  const byTouch = size.hasTouch === true;
  describe(`the lecture ${how}`, () => {
    let site, browser, page, faults;
    before(async () => {
      site = await serve();
      browser = await chromium({ webgpu: false });
      ({ page, faults } = await newPage(browser, site));
      await page.setViewport(size);
      await page.goto(`${site.address}?gpu=off`);
      await started(page);
    });
    after(async () => {
      await browser?.close();
      await site?.close();
    });

    const press = async (words, isWhole = true) => {
      if (byTouch) return touch(page, words);
      await tabTo(page, isWhole ? words : await page.evaluate(() => document.querySelector('[data-testid=path-next]').textContent.trim()));
      await page.keyboard.press('Enter');
    };

    for (const [at, slug] of STOPS.entries()) {
      test(`stop ${at + 1} is ${slug}`, async () => {
        await eventually(page, shown, at);
        if (at > 0) assert.equal(await page.evaluate(address), `#/${slug}`);
        await eventually(page, () => document.querySelector('main .card') !== null);
        assert.equal(await page.evaluate(hidden, 'path-answer'), true);
        await press('Show an answer');
        await eventually(page, hidden, 'path-answer', (hidden) => !hidden);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${wide} pixels wider than the screen`);
        await press('Done', false);
        await eventually(page, done, undefined, (count) => count === at + 1);
      });
    }

    test('notes for the teacher are behind a key', async () => {
      assert.equal(await page.evaluate(hidden, 'path-notes'), true);
      if (byTouch) await touch(page, 'For the teacher');
      else await page.keyboard.press('t');
      await eventually(page, hidden, 'path-notes', (hidden) => !hidden);
    });

    test('what was done is remembered', async () => {
      await page.reload();
      await started(page);
      await eventually(page, done, undefined, (count) => count === STOPS.length);
    });

    test('nothing went wrong on the way', () => assert.deepEqual(faults, []));
  });
}
