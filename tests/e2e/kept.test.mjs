// What trains is kept by itself: it outlives a browser that is killed, and comes back on one click.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium, eventually, firefox, PATIENCE } from './browsers.mjs';
import { hasData, serve } from './site.mjs';
import { lessonOpen, openStudio, visit } from './studio.mjs';

/** How often the browser is killed: KILLS=20 by hand. */
const KILLS = Number(process.env.KILLS ?? 2);
/** Milliseconds of work that may be lost: a second; more where a machine does who knows what beside the tests. */
const MOST_LOST = process.env.KILLS ? 1000 : 3000;
const GO_ON = 'Go on where you were';
/** Inputs of the Studio's first network, and how many of them there are in a batch. */
const [ROWS, BATCH] = [hasData('mnist') ? 60_000 : 20_000, 128];

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const count = (text) => Number(text.replaceAll(',', ''));
const steps = async (studio) => count(await studio.text('step'));
/** At which step the page says that the last run was kept. */
const left = async (studio) => {
  const said = await studio.news((text) => text.includes('Your last run is still here'));
  return count(said.match(/([\d,]+) steps/)[1]);
};
/** Resolves when a run is kept at this step: its record may be under way. Your files says what there is when it is opened. */
const written = async (studio, step) => {
  const end = Date.now() + PATIENCE;
  for (let cards = []; !cards.some((card) => card.includes(`, ${step.toLocaleString('en')} steps`)); ) {
    assert.ok(Date.now() < end, `not kept at step ${step}: ${cards}`);
    await studio.follow('#/files');
    await lessonOpen(studio.page, 'files');
    await studio.until('runs', (text) => !text.startsWith('Looking for'));
    cards = await studio.page.$$eval('.kept-run', (runs) => runs.map((run) => run.textContent));
    await studio.follow('#/studio');
    await lessonOpen(studio.page, 'studio');
  }
};

describe('kept, a browser that is killed', () => {
  let site, browser;
  const folder = mkdtempSync(join(tmpdir(), 'hourglass-kept-'));
  const begin = async () => {
    browser = await chromium({ webgpu: false, folder });
    return openStudio(browser, site, 'off');
  };
  before(async () => {
    site = await serve();
  });
  after(async () => {
    await browser?.close();
    await site.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  test('loses little training, and goes on from there', async () => {
    let studio = await begin();
    await studio.draw();
    // What is drawn is looked at twice a second.
    await sleep(700);
    const drawn = await studio.fingerprint('seen');
    await studio.press('Train');
    for (let kill = 0; kill < KILLS; kill++) {
      const seen = [];
      const first = await steps(studio);
      await eventually(studio.page, () => document.querySelector('[data-testid=step]').textContent, null, (text) => count(text) > first);
      // Long enough for a run to be kept.
      const end = Date.now() + 2500 + 1500 * Math.random();
      while (Date.now() < end) {
        seen.push([Date.now(), await steps(studio)]);
        await sleep(20);
      }
      const killed = Date.now();
      browser.process().kill('SIGKILL');
      await eventually({ evaluate: () => browser.connected }, null, null, (connected) => !connected);

      studio = await begin();
      const kept = await left(studio);
      // A step that is on the screen was made a tenth of a second ago at most, and so was the one after it.
      const lost = killed - (seen.find(([, step]) => step > kept)?.[0] ?? killed);
      assert.ok(lost <= MOST_LOST, `kill ${kill + 1}: kept at step ${kept}, ${lost} ms before the end: ${JSON.stringify(seen.slice(-40))}`);
      await studio.press(GO_ON);
      await studio.until('step', (text) => count(text) === kept);
      assert.equal(await studio.text('epoch'), ((kept * BATCH) / ROWS).toFixed(1));
      await studio.repainted('seen', (print) => print === drawn);
      assert.deepEqual(studio.faults, []);
      await studio.press('Train');
    }
    await studio.press('Pause');
  });
});

describe('kept, without room', () => {
  let studio, site;
  visit({ launch: () => chromium({ webgpu: false }), gpu: 'off', device: /^Processor/ }, async (opened, served) => {
    [studio, site] = [opened, served];
    const client = await studio.page.createCDPSession();
    await client.send('Storage.overrideQuotaForOrigin', { origin: site.origin, quotaSize: 1000 });
  });

  test('training goes on, the page says so, and the weights can be taken', async () => {
    await studio.press('Train');
    const said = await studio.news((text) => text.includes('does not keep your run'));
    assert.match(said, /Quota/i);
    const then = await steps(studio);
    await studio.until('step', (text) => count(text) > then);
    await studio.press('Pause');
    await studio.follow('#/files');
    await studio.press('Weights');
    assert.equal((await studio.handedOver()).name, 'hourglass.safetensors');
    assert.deepEqual(studio.faults, []);
  });
});

describe('kept, Firefox', () => {
  let studio;
  visit({ launch: firefox, gpu: 'off', device: /^Processor/ }, async (opened) => {
    studio = opened;
  });

  test('a page that is left goes on on one click, and its runs are under Your files', async () => {
    await studio.press('Train');
    await studio.until('step', (text) => count(text) > 2);
    await studio.press('Pause');
    await studio.until('samples-per-second', (text) => text === '–');
    const then = await steps(studio);
    await written(studio, then);
    await studio.page.reload();
    assert.equal(await left(studio), then);
    await studio.press(GO_ON);
    await studio.until('step', (text) => count(text) === then);

    await studio.follow('#/files');
    const runs = () => [...document.querySelectorAll('.kept-run')].map((run) => run.textContent);
    const cards = await eventually(studio.page, runs, null, (runs) => runs.length === 1);
    assert.match(cards[0], /The same recipe as the network at hand/);

    // A name is being written when training ends, and with it what is said of the run.
    const { page } = studio;
    const facts = () => document.querySelector('.kept-run .figure').textContent;
    const before = await page.evaluate(facts);
    await studio.press('Train');
    await page.focus('.kept-run input');
    await page.keyboard.type('My r');
    await studio.until('epoch', (text) => Number(text) > 0);
    // Without the focus.
    await page.$eval('.run-bar .train', (button) => button.click());
    await eventually(page, facts, null, (text) => text !== before);
    await page.keyboard.type('un');
    await page.keyboard.press('Tab');
    await eventually(page, () => document.querySelector('.kept-run h3').textContent, null, (title) => title === 'My run');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Delete');
    await studio.press('Delete');
    await studio.press('Really delete?');
    await eventually(studio.page, runs, null, (runs) => runs.length === 0);
    assert.deepEqual(studio.faults, []);
  });
});
