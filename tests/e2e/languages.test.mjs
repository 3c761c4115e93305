// The page in Dutch: by link, by the browser's language and by the button; nothing of it left in English, and nothing of
// what stands on the page lost on the way.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { po } from 'gettext-parser';
import { chromium, eventually, newPage, started } from './browsers.mjs';
import { serve } from './site.mjs';
import { LESSONS, lessonOpen, openStudio } from './studio.mjs';

const CATALOGUE = po.parse(readFileSync(new URL('../../languages/nl.po', import.meta.url))).translations[''];
const ENTRIES = Object.values(CATALOGUE).filter(({ msgid, msgstr: [dutch] }) => msgid && dutch !== msgid);

/** What is seen, and what is heard: every text and every name, but for code, formulas, and what visitors wrote. */
const shown = () => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: at, textContent } = walker.currentNode;
    if (!at.closest('pre, code, math, script, style, [lang=en]')) found.add(textContent.trim());
  }
  for (const name of ['alt', 'aria-label', 'aria-valuetext', 'placeholder', 'title']) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      if (!element.closest('[lang=en]')) found.add(element.getAttribute(name).trim());
    }
  }
  return [...found].filter((text) => /\p{L}{2}/u.test(text));
};

const exactly = new Set(ENTRIES.map(({ msgid }) => msgid.trim()));
const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
// Only words that say something by themselves: what is mostly holes could be anything.
const patterns = ENTRIES.filter(({ msgid }) => msgid.includes('{}') && msgid.replaceAll('{}', '').match(/\p{L}/gu)?.length > 7)
  .map(({ msgid }) => new RegExp(`^${msgid.trim().split('{}').map(literal).join('.*')}$`, 's'));
const english = (texts) => texts.filter((text) => exactly.has(text) || patterns.some((pattern) => pattern.test(text)));

const language = () => document.documentElement.lang;

describe('the page in Dutch', () => {
  let site, browser, page, faults;
  before(async () => {
    site = await serve();
    browser = await chromium({ webgpu: false });
    ({ page, faults } = await newPage(browser, site));
    await page.setViewport({ width: 1366, height: 768 });
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  for (const lesson of LESSONS) {
    test(`nothing in ${lesson} is left in English`, async () => {
      const link = `#/${lesson}?v=1&lang=nl`;
      if (lesson === LESSONS[0]) {
        await page.goto(`${site.address}?gpu=off${link}`);
        await started(page);
      } else {
        await page.evaluate((link) => void (location.hash = link), link);
      }
      await lessonOpen(page, lesson);
      await eventually(page, language, null, (lang) => lang === 'nl');
      // What is computed is said as well.
      await new Promise((done) => setTimeout(done, 1500));
      const texts = await page.evaluate(shown);
      assert.ok(texts.length > 40, `only ${texts.length} texts`);
      assert.deepEqual(english(texts), []);
    });
  }

  test('nothing went wrong on the way', () => assert.deepEqual(faults, []));
});

describe('changing the language', () => {
  let site, browser, studio;
  before(async () => {
    site = await serve();
    browser = await chromium({ webgpu: false });
    studio = await openStudio(browser, site, 'off');
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  test('a run goes on in the other language, with its numbers written in it', async () => {
    await studio.press('Train');
    await studio.until('step', (text) => Number(text.replace(/\D/g, '')) > 3);
    await studio.press('Pause');
    // The picture follows the last steps a moment later.
    const stands = () => window.stood === (window.stood = document.querySelector('[data-testid=reconstruction-error]').textContent);
    await eventually(studio.page, () => document.querySelector('.doing').textContent, null, (words) => words === 'Paused');
    do await new Promise((done) => setTimeout(done, 1000));
    while (!(await studio.page.evaluate(stands)));
    const error = await studio.text('reconstruction-error');
    const loss = await studio.text('test-loss');
    assert.match(error, /^\d\.\d+$/);
    await studio.press('NL');
    await eventually(studio.page, language, null, (lang) => lang === 'nl');
    await studio.until('reconstruction-error', (text) => text === error.replace('.', ','));
    await studio.until('test-loss', (text) => text === loss.replace('.', ','));
    assert.equal(await studio.value('Leersnelheid'), (await studio.value('Leersnelheid')).replace('.', ','));
    assert.deepEqual(english(await studio.page.evaluate(shown)), []);
  });

  test('a learning rate is typed with a comma, or with a point', async () => {
    await studio.type('Leersnelheid', '0,002');
    assert.equal(await studio.value('Leersnelheid'), '0,002');
    await studio.type('Leersnelheid', '0.004');
    assert.equal(await studio.value('Leersnelheid'), '0,004');
    await studio.type('Leersnelheid', 'snel');
    await studio.complaint((words) => words.includes('0,004') && !english([words]).length);
  });

  test('the worker speaks it too', async () => {
    await studio.page.evaluate(async () => {
      const over = new DataTransfer();
      over.items.add(new File([new Uint8Array([1, 2, 3])], 'kapot.idx'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: over, bubbles: true, cancelable: true }));
    });
    await eventually(studio.page, shown, null, (texts) => texts.some((text) => text.includes('kapot.idx')));
    assert.deepEqual(english(await studio.page.evaluate(shown)), []);
  });

  test('it stays for the next visit, and a link has the last word', async () => {
    await studio.page.reload();
    await eventually(studio.page, language, null, (lang) => lang === 'nl');
    await studio.follow('#/studio?v=1&lang=en');
    await eventually(studio.page, language, null, (lang) => lang === 'en');
    await studio.follow('#/studio?v=1&lang=xx');
    await studio.news((words) => words.includes('en or nl'));
    await studio.press('NL');
    await eventually(studio.page, language, null, (lang) => lang === 'nl');
    assert.ok(!(await studio.page.evaluate(() => location.hash)).includes('lang='), 'the link still asks for English');
    await studio.press('EN');
    await eventually(studio.page, language, null, (lang) => lang === 'en');
  });

  test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));
});

test('a browser that prefers Dutch gets it', async () => {
  const site = await serve();
  const browser = await chromium({ webgpu: false, more: ['--accept-lang=nl-BE,en'] });
  try {
    const { page, faults } = await newPage(browser, site);
    await page.goto(`${site.address}?gpu=off`);
    await eventually(page, language, null, (lang) => lang === 'nl');
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
    await site.close();
  }
});
