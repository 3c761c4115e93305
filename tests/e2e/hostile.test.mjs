// Whatever is dropped onto the page, and whatever its address says: an answer at once, and nothing lost. The seeds of the
// fuzzers, broken in ways that a generator of numbers chooses. FILES=10000 LINKS=10000 by hand; SEED for other ones.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { chromium, eventually } from './browsers.mjs';
import { chance } from './chance.mjs';
import { serve } from './site.mjs';
import { count, sleep, step } from './spoiled.mjs';
import { lessonOpen, openStudio } from './studio.mjs';

const FILES = Number(process.env.FILES || 120);
const LINKS = Number(process.env.LINKS || 120);
/** Milliseconds within which the page answers; more where other things run beside it. */
const ANSWER = process.env.FILES || process.env.LINKS ? 1000 : 4000;
/** So many at once are given to the page. */
const BATCH = 40;
/** The network that is to be kept. */
const HOME = '#/studio?v=1&data=strokes&enc=16&z=4&batch=200&epochs=2000&seed=3&lang=en';

/** What each kind of seed is called as a file. */
const KINDS = {
  idx: 'train-images-idx3-ubyte', gzip: 'train-images-idx3-ubyte.gz', csv: 'rows.csv', ucr: 'Beats_TRAIN.txt', png: '3_a.png',
  weights: 'hourglass.safetensors',
};
/** Names that somebody might think of. */
const NAMES = ['<img src=x onerror=alert(1)>.png', `${'long'.repeat(60)}.csv`, '‮gnp.exe.csv', '.gz', 'a/../../b.idx', '%00.png', ' '];

const random = chance(Number(process.env.SEED || 1));
const below = (most) => Math.floor(most * random());
const pick = (list) => list[below(list.length)];

const seeds = (kind) => {
  const folder = fileURLToPath(new URL(`../../fuzz/seeds/${kind}/`, import.meta.url));
  return readdirSync(folder).sort().map((name) => readFileSync(folder + name));
};

/** These bytes with some faults: changed, cut off, left out, doubled, or with a piece of another of their kind. */
function broken(bytes, others) {
  let all = Buffer.from(bytes);
  for (let faults = 1 + below(4); faults > 0; faults--) {
    const at = below(all.length + 1), long = 1 + below(16);
    const kinds = [
      () => (at < all.length && (all[at] ^= 1 << below(8)), all),
      () => (at < all.length && (all[at] = pick([0, 1, 127, 128, 255, 44, 45, 46, 10])), all),
      () => all.subarray(0, at),
      () => Buffer.concat([all.subarray(0, at), all.subarray(at + long)]),
      () => Buffer.concat([all.subarray(0, at), all.subarray(at, at + long), all.subarray(at)]),
      () => {
        const other = pick(others);
        const from = below(other.length);
        return Buffer.concat([all.subarray(0, at), other.subarray(from, from + long), all.subarray(at)]);
      },
    ];
    all = Buffer.from(pick(kinds)());
  }
  return all;
}

/** In the page: counts the workers that are started. */
const WORKERS = () => {
  window.workers = 0;
  const Plain = window.Worker;
  window.Worker = class extends Plain {
    constructor(...all) {
      super(...all);
      window.workers++;
    }
  };
};

/** In the page: drops each of these files, and waits for what the page says to it. How many ms each took. */
const dropped = async (files, patience) => {
  const rest = () => new Promise((done) => setTimeout(done, 2));
  const text = (id) => document.querySelector(`[data-testid=${id}]`)?.textContent ?? '';
  const took = [];
  for (const [name, base64] of files) {
    document.querySelectorAll('.notice button[aria-label=Dismiss]').forEach((button) => button.click());
    const weights = name.endsWith('.safetensors');
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    const drop = new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
    const begun = performance.now();
    document.querySelector('main').dispatchEvent(drop);
    if (!drop.defaultPrevented) throw new Error('the browser would show the file in place of the page');
    // What it says at first is that it reads.
    await rest();
    const said = () => document.querySelector('.notice') !== null || (weights ? /^Opened/.test(text('files')) : text('own-figures') !== '');
    const reads = () => /^(reading|lezen)/.test(text(weights ? 'files' : 'own-state'));
    while (!(said() && !reads()) && performance.now() - begun < 5 * patience) await rest();
    took.push(performance.now() - begun);
    // One that was not answered is enough.
    if (took.at(-1) > patience) break;
  }
  return took;
};

/** In the page: all that it says to a file, and whether it still reads. */
const says = () => ['.notices', '[data-testid=own-state]', '[data-testid=own-figures]', '[data-testid=files]']
  .map((place) => `${place}: ${document.querySelector(place)?.textContent}`).join('; ');

/** In the page: goes to each of these addresses, and waits until the page shows a lesson and has room for more. */
const followed = async (links, patience) => {
  const rest = () => new Promise((done) => setTimeout(done, 2));
  const took = [];
  for (const link of links) {
    const begun = performance.now();
    location.hash = link;
    await rest();
    const shown = () => document.querySelector('nav [aria-current=page]') !== null && document.querySelector('main .card') !== null;
    while (!shown() && performance.now() - begun < 5 * patience) await rest();
    took.push(performance.now() - begun);
    if (took.at(-1) > patience) break;
    document.querySelectorAll('.notice button[aria-label=Dismiss]').forEach((button) => button.click());
  }
  return took;
};

describe('what nobody means well', () => {
  let site, browser, studio, page, steps;
  before(async () => {
    site = await serve();
    browser = await chromium({ webgpu: false });
    // A page of its own, so that the workers are counted from the first.
    studio = await openStudio(browser, site, 'off', HOME);
    page = studio.page;
    await page.evaluateOnNewDocument(WORKERS);
    await page.reload();
    await studio.until('device', (text) => text.startsWith('Processor'));
    await studio.draw();
    await studio.press('Train');
    await studio.until('step', (text) => count(text) > 20);
    steps = await paused();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  /** Ends training, and the step that it came to. */
  async function paused() {
    await studio.press('Pause');
    await eventually(page, () => document.querySelector('.doing').textContent, null, (text) => text === 'Paused');
    // Steps that were under way are still reported; after them the engine says that none are made.
    await studio.until('samples-per-second', (text) => text === '–');
    return studio.text('step');
  }

  /** Nothing runs, no worker was started anew. */
  async function calm() {
    const now = await page.evaluate(step);
    await sleep(100);
    assert.equal(await page.evaluate(step), now, 'it trains');
    assert.equal(await page.evaluate(() => window.workers), 1, 'another worker was started');
  }

  /** The network that was trained here, and the digit, are as they were. */
  async function kept() {
    await studio.follow('#/studio');
    await studio.until('step', (text) => text === steps);
    assert.ok(await studio.hasInk('seen'), 'the drawing is gone');
  }

  /** Milliseconds, in words. */
  const told = (took) => {
    const sorted = took.toSorted((a, b) => a - b);
    const [median, p99] = [0.5, 0.99].map((share) => sorted[Math.floor(share * (sorted.length - 1))].toFixed());
    return `median ${median} ms, p99 ${p99} ms, longest ${sorted.at(-1).toFixed()} ms`;
  };

  /** Gives the page so many things, a batch at a time, until one is not answered in time: what each took, and that one. */
  async function given(many, make, ask) {
    const took = [];
    while (took.length < many) {
      const things = Array.from({ length: Math.min(BATCH, many - took.length) }, make);
      const batch = await page.evaluate(ask, things, ANSWER);
      took.push(...batch);
      const slow = batch.findIndex((ms) => ms > ANSWER);
      if (slow >= 0) return { took, slowest: things[slow] };
      await calm();
    }
    return { took, slowest: null };
  }

  for (const [kind, name] of Object.entries(KINDS)) {
    test(`broken files: ${kind}`, async (t) => {
      const all = seeds(kind);
      await studio.follow('#/files');
      await lessonOpen(page, 'files');
      const file = () => {
        const called = kind !== 'weights' && random() < 0.05 ? pick(NAMES) : name;
        return [called, broken(pick(all), all).toString('base64')];
      };
      const { took, slowest } = await given(Math.ceil(FILES / Object.keys(KINDS).length), file, dropped);
      t.diagnostic(`${took.length} files: ${told(took)}`);
      assert.equal(slowest, null, `no answer within ${ANSWER} ms to ${slowest}: it says ${await page.evaluate(says)}`);
      // Weights that can still be read were opened, as was asked.
      if (kind !== 'weights') await kept();
      assert.deepEqual(studio.faults, []);
    });
  }

  test('broken links', async (t) => {
    // The network that is to be kept, again: a file may have opened another.
    await studio.opens(HOME);
    await studio.press('Reset');
    await studio.press('Train');
    await studio.until('step', (text) => count(text) > 20);
    steps = await paused();
    const all = seeds('link');
    const { took, slowest } = await given(LINKS, () => broken(pick(all), all).toString('latin1'), followed);
    t.diagnostic(`${took.length} links: ${told(took)}`);
    assert.equal(slowest, null, `no lesson within ${ANSWER} ms at ${slowest}`);
    // Links to other data opened other networks; this one was left, and comes back as it was.
    await studio.follow(HOME);
    await studio.until('step', (text) => text === steps);
    await studio.draw();
    await studio.until('reconstruction-error', (text) => Number.isFinite(Number(text)));
    assert.deepEqual(studio.faults, []);
  });
});
