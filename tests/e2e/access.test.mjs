// Every lesson held to axe's rules (WCAG 2.2 and good practice among them): in light and dark, as a projector's page, on a
// phone, and in Dutch.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { chromium, eventually, newPage, started } from './browsers.mjs';
import { serve } from './site.mjs';
import { LESSONS, lessonOpen } from './studio.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LARGE = { width: 1366, height: 768 };
/** The rules that other colours can break; the rest were held to in light. */
const COLOURS = ['color-contrast', 'link-in-text-block'];
const LOOKS = {
  'in light': { scheme: 'light', size: LARGE },
  'in dark': { scheme: 'dark', size: LARGE, rules: COLOURS },
  'for a projector': { scheme: 'light', size: LARGE, present: true },
  'on a phone': { scheme: 'light', size: { width: 360, height: 740 } },
};

/** What breaks a rule, or one of these, with the element and the reason. */
async function violations(rules) {
  const only = rules ? { runOnly: { type: 'rule', values: rules } } : {};
  const { violations } = await axe.run(document, { resultTypes: ['violations'], ...only });
  const reason = ({ any, all, none }) => [...any, ...all, ...none].map(({ message }) => message).join('; ');
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} (${reason(node)})`));
}

describe('access', () => {
  let site, browser, page, faults;
  before(async () => {
    site = await serve();
    browser = await chromium({ webgpu: false });
    ({ page, faults } = await newPage(browser, site));
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  for (const lesson of LESSONS) {
    test(`nothing in ${lesson} breaks a rule of axe`, async () => {
      await page.setViewport(LARGE);
      await page.goto('about:blank');
      await page.goto(`${site.address}?gpu=off#/${lesson}`);
      await started(page);
      await lessonOpen(page, lesson);
      await page.evaluate(AXE);
      const found = {};
      for (const [look, { scheme, size, present = false, rules }] of Object.entries(LOOKS)) {
        await page.setViewport(size);
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        // As a link with `present=1` does.
        await page.evaluate((present) => document.documentElement.toggleAttribute('data-present', present), present);
        // Colours change slowly.
        await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
        const all = await page.evaluate(violations, rules);
        if (all.length > 0) found[look] = all;
      }
      await page.evaluate((lesson) => {
        document.documentElement.removeAttribute('data-present');
        location.hash = `#/${lesson}?v=1&lang=nl`;
      }, lesson);
      await eventually(page, () => document.documentElement.lang, null, (lang) => lang === 'nl');
      await lessonOpen(page, lesson);
      const dutch = await page.evaluate(violations);
      if (dutch.length > 0) found['in Dutch'] = dutch;
      assert.deepEqual(found, {});
    });
  }

  test('nor does what the page has to say, and it is read out', async () => {
    await page.setViewport(LARGE);
    await page.goto('about:blank');
    await page.goto(`${site.address}?gpu=off#/studio?v=1&data=nowhere`);
    await started(page);
    const said = () => document.querySelector('[role=log] .notice p')?.textContent;
    assert.match(await eventually(page, said), /This site has no data set “nowhere”/);
    await page.evaluate(AXE);
    assert.deepEqual(await page.evaluate(violations), []);
  });

  test('nothing went wrong on the way', () => assert.deepEqual(faults, []));
});
