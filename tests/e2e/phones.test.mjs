// Every lesson on small screens, by touch alone: upright and on its side, and a laptop at 200 % zoom. Nothing is wider
// than the screen, nothing is cut, every control can be reached, and drawing does not scroll the page.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chromium, eventually, newPage, started } from './browsers.mjs';
import { serve } from './site.mjs';
import { LESSONS, lessonOpen } from './studio.mjs';

/** CSS pixels; the last is a laptop of 1366 x 768 at 200 %. */
const SIZES = [[320, 568], [430, 932], [740, 360], [844, 390], [683, 384]];

/** What is wrong with what is shown now, in words. */
function wrong() {
  const found = new Set();
  const root = document.documentElement;
  const name = (element) => `${element.tagName.toLowerCase()} "${(element.getAttribute('aria-label') ?? element.textContent).trim().slice(0, 40)}"`;
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  const scrolls = (element) => {
    for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(up).overflowX)) return true;
    }
    return false;
  };
  if (root.scrollWidth > root.clientWidth) found.add(`the page is ${root.scrollWidth} wide`);
  for (const element of document.querySelectorAll('main *, header *, .path *, .notices *')) {
    if (!shown(element) || element.closest('.aloud, svg')) continue;
    const box = element.getBoundingClientRect();
    if (!scrolls(element) && (box.left < -1 || box.right > root.clientWidth + 1)) {
      found.add(`${name(element)} is outside, from ${box.left.toFixed()} to ${box.right.toFixed()}`);
    }
    const words = element.children.length === 0 && element.textContent.trim() !== '' && !element.matches('option, select, textarea, canvas');
    if (words && !element.closest('math') && getComputedStyle(element).display !== 'inline' && element.scrollWidth > element.clientWidth + 1) {
      found.add(`${name(element)} is cut: ${element.scrollWidth} in ${element.clientWidth}`);
    }
  }
  const controls = document.querySelectorAll('button, a[href], input, select, summary, textarea, canvas[tabindex]');
  for (const control of controls) {
    if (!shown(control) || control.disabled) continue;
    control.scrollIntoView({ block: 'center', inline: 'center' });
    const [box] = control.getClientRects();
    const at = [box.left + box.width / 2, box.top + Math.min(box.height, innerHeight) / 2];
    const top = document.elementFromPoint(...at);
    const label = [...(control.labels ?? [])].some((label) => label.contains(top));
    if (!top || !(control.contains(top) || label)) found.add(`${name(control)} is covered by ${top ? name(top) : 'nothing: it is off the screen'}`);
    // Words in a sentence are as high as the sentence.
    if (control.matches('button:not(.words)') && Math.min(box.width, box.height) < 24) found.add(`${name(control)} is ${box.width.toFixed()} x ${box.height.toFixed()}`);
  }
  scrollTo(0, 0);
  return [...found];
}

describe('on small screens', () => {
  let site, browser, page, faults, cdp;
  before(async () => {
    site = await serve();
    browser = await chromium({ webgpu: false });
    ({ page, faults } = await newPage(browser, site));
    await page.setViewport({ width: 320, height: 568, hasTouch: true, isMobile: true });
    await page.goto(`${site.address}?gpu=off`);
    await started(page);
    cdp = await page.createCDPSession();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  /** A finger from one place of an element to another, in shares of its size. */
  async function drag(selector, from, to) {
    const element = await page.waitForSelector(selector);
    await element.evaluate((element) => element.scrollIntoView({ block: 'center' }));
    const box = await element.boundingBox();
    const at = ([x, y]) => [{ x: box.x + x * box.width, y: box.y + y * box.height }];
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(from) });
    for (let step = 1; step <= 8; step++) {
      const share = step / 8;
      await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at([0, 1].map((i) => from[i] + share * (to[i] - from[i]))) });
    }
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  }

  for (const lesson of LESSONS) {
    test(`${lesson} fits, and every control can be reached`, async () => {
      await page.evaluate((lesson) => void (location.hash = `#/${lesson}`), lesson);
      await lessonOpen(page, lesson);
      // The lecture's card comes last, and below some lessons there is none.
      if (lesson !== 'files') await eventually(page, () => document.querySelector('.path h2') !== null);
      const found = {};
      for (const [width, height] of SIZES) {
        await page.setViewport({ width, height, hasTouch: true, isMobile: true });
        // Canvases take their sizes in the next frame.
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        const all = await page.evaluate(wrong);
        if (all.length > 0) found[`${width} x ${height}`] = all;
      }
      assert.deepEqual(found, {});
    });
  }

  test('a phone learns from smaller batches, and its link says so', async () => {
    await page.setViewport({ width: 390, height: 844, hasTouch: true, isMobile: true });
    await page.goto(page.url().split('#')[0]);
    await eventually(page, () => location.hash, undefined, (hash) => hash.includes('batch=64'));
  });

  test('the lesson that is open is within the row of lessons, whatever opened it', async () => {
    await page.setViewport({ width: 390, height: 844, hasTouch: true, isMobile: true });
    for (const lesson of ['files', 'studio', 'siamese', 'latent']) {
      await page.evaluate((lesson) => void (location.hash = `#/${lesson}`), lesson);
      await lessonOpen(page, lesson);
      const outside = () => {
        const row = document.querySelector('nav').getBoundingClientRect();
        const entry = document.querySelector('nav [aria-current=page]').getBoundingClientRect();
        return Math.max(row.left - entry.left, entry.right - row.right);
      };
      await eventually(page, outside, undefined, (pixels) => pixels <= 1);
    }
  });

  /** Brings an element to the middle of the screen; answers how far down the page that is. */
  async function brought(selector) {
    // What comes late and is above it moves it, and the browser scrolls after it.
    let before = null;
    for (let now = -1; before !== now; ) {
      before = now;
      now = await page.evaluate((selector) => {
        document.querySelector(selector).scrollIntoView({ block: 'center' });
        return scrollY;
      }, selector);
      await new Promise((done) => setTimeout(done, 400));
    }
    return before;
  }

  for (const [lesson, canvas] of [['studio', '.pad'], ['latent', '.map'], ['denoise', '.brush']]) {
    test(`a finger on the canvas of ${lesson} does not scroll the page`, async () => {
      await page.setViewport({ width: 740, height: 360, hasTouch: true, isMobile: true });
      await page.evaluate((lesson) => void (location.hash = `#/${lesson}`), lesson);
      await lessonOpen(page, lesson);
      if (lesson === 'denoise') await (await page.waitForSelector('::-p-aria([name="brush"][role="button"])')).click();
      await page.waitForSelector(canvas);
      // What comes with the map moves the page by itself.
      const mapped = () => /: [1-9]/.test(document.querySelector('.map')?.getAttribute('aria-label') ?? '');
      if (lesson === 'latent') await eventually(page, mapped);
      const before = await brought(canvas);
      const top = () => page.$eval(canvas, (canvas) => canvas.getBoundingClientRect().top);
      const stood = await top();
      await drag(canvas, [0.5, 0.8], [0.5, 0.2]);
      // Where something above it changes meanwhile, the browser scrolls so that it stays where it is.
      const [now, stands] = [await page.evaluate(() => scrollY), await top()];
      assert.ok(now === before || Math.abs(stands - stood) < 2, `from ${before} to ${now}, and the canvas from ${stood} to ${stands}`);
    });
  }

  test('a finger beside the canvas does', async () => {
    await page.evaluate(() => void (location.hash = '#/studio'));
    await lessonOpen(page, 'studio');
    const before = await brought('.card.unseen h2');
    // Downwards: above it there is always something left, below it there may not be.
    await drag('.card.unseen h2', [0.5, 0.5], [0.5, 6]);
    await eventually(page, () => scrollY, undefined, (now) => now < before);
  });

  test('nothing went wrong on the way', () => assert.deepEqual(faults, []));
});
