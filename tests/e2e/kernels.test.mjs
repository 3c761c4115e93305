// Kernels: one update in slow motion, its calls with their WGSL and times, and the two checks.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from './browsers.mjs';
import { DEVICES, found, press as pressed, visit } from './studio.mjs';

const SMALL = 'data=strokes&enc=16&z=4&batch=50&epochs=1';
const WITHOUT = { ...DEVICES['Chromium without WebGPU'], gpu: 'off' };
const VISITORS = { 'Chromium on software WebGPU': DEVICES['Chromium on software WebGPU'], 'Chromium with ?gpu=off': WITHOUT };

for (const [name, device] of Object.entries(VISITORS)) {
  describe(`kernels, ${name}`, () => {
    const onGpu = device.gpu === 'software';
    let studio, page;
    visit(device, async (opened) => {
      studio = opened;
      page = studio.page;
      await page.setViewport({ width: 1366, height: 768 });
    });

    test('ten lessons fit into the menu, and this one is there', async () => {
      const nav = await page.$eval('nav', (nav) => [nav.scrollWidth, nav.clientWidth, nav.children.length]);
      assert.equal(nav[2], 10);
      assert.ok(nav[0] <= nav[1], `the menu is ${nav[0]} wide, and has ${nav[1]}`);
      await studio.follow(`#/kernels?v=1&${SMALL}`);
      assert.equal(await page.$eval('nav [aria-current=page]', (link) => link.textContent.trim()), '9 Kernels');
    });

    test('a weight that has a gradient is followed, through every box', async () => {
      // The network of the link, and not the one before it.
      const layers = () => document.querySelector('select[aria-label="Layer"]')?.textContent ?? '';
      await eventually(page, layers, null, (text) => text.startsWith('e: 784 → 16'));
      const gradient = await studio.until('box-gradient', (text) => text !== '–' && text !== '0');
      await studio.until('box-e', (text) => text.startsWith('a = '));
      await press('∂Loss/∂w');
      const totals = await rows('totals', (rows) => rows.length === 3);
      assert.equal(totals[1].at(-1), gradient, 'the table and the box');
      await press('w − η ∂Loss/∂w');
      const [before, after] = await Promise.all(['w-before', 'w-after'].map((id) => studio.until(id, (text) => text !== '')));
      assert.notEqual(before, after, 'nothing was learned');
    });

    test('the sum in the table is the unit’s value', async () => {
      await press('e');
      const terms = await rows('terms', (rows) => rows.length === 6);
      for (const [, w, a, product] of terms) close(number(w) * number(a), number(product), 0.01);
      const totals = await rows('totals', (rows) => rows.length === 4);
      const [others, bias, sum, value] = totals.map((row) => number(row.at(-1)));
      close(terms.reduce((all, row) => all + number(row[3]), others + bias), sum, 0.01);
      close(value, Math.max(0, sum), 0.001);
    });

    test('keys and pointer choose another weight', async () => {
      await page.select('select[aria-label="Layer"]', '2');
      await studio.until('motion-title', (text) => text === 'decoder, w₃[1, 1]');
      await studio.type('Unit', '7');
      await studio.type('Input of the unit', '3');
      await studio.until('motion-title', (text) => text === 'decoder, w₃[7, 3]');
      await page.focus('input[aria-label="Unit"]');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Tab');
      await studio.until('motion-title', (text) => text === 'decoder, w₃[8, 3]');
      // What is said anew while somebody types leaves the field alone.
      await page.click('input[aria-label="Input of the unit"]', { count: 3 });
      await page.keyboard.type('2');
      await page.$eval('[data-testid="units"]', (units) => {
        const { left, top } = units.getBoundingClientRect();
        units.dispatchEvent(new MouseEvent('click', { clientX: left + 2, clientY: top + 2 }));
      });
      await studio.until('motion-title', (text) => text === 'decoder, w₃[1, 3]');
      await page.keyboard.press('Tab');
      await studio.until('motion-title', (text) => text === 'decoder, w₃[1, 2]');
      // A number that is too large is replaced by the largest, also where that is what holds.
      for (const typed of ['99', '99']) {
        await studio.type('Unit', typed);
        await studio.until('motion-title', (text) => text === 'decoder, w₃[16, 2]');
        await eventually(page, () => document.querySelector('input[aria-label="Unit"]').value, null, (value) => value === '16');
      }
      await studio.type('Input of the unit', '3');
      // 16 units, four in a row: the last one of the first row.
      await page.mouse.click(...(await studio.place('[data-testid="units"]'))(0.9, 0.1));
      await studio.until('motion-title', (text) => text === 'decoder, w₃[4, 3]');
    });

    test('each box opens what really ran', async () => {
      await press('e');
      const [[kernel, form, shape, workgroups]] = await rows('calls', (rows) => rows.length === 1);
      assert.deepEqual([kernel, shape], ['dense, layer 1', '1 × 784 × 16']);
      if (onGpu) {
        assert.match(form, /registers|shared|slim|plain/);
        assert.match(workgroups, /^[1-9]/);
        assert.match(await studio.text('wgsl'), /@compute @workgroup_size[^]*fn main/);
        assert.ok((await page.$$('.wgsl .keyword')).length > 10, 'the text has no colours');
        assert.match(await studio.text('wgsl-name'), /^shaders\/dense\w*\.wgsl/);
      } else {
        assert.deepEqual([form, workgroups], ['Rust, SIMD', '–']);
        assert.match(await studio.text('twin'), /No WGSL runs here.*src\/kernels\/dense\.rs/);
      }
      await press('∂Loss/∂w');
      await rows('calls', (rows) => rows.length === 7);
      // Who chooses one by the keyboard stays there.
      const second = '[data-testid="calls"] tr:nth-child(2) button';
      await page.focus(second);
      await page.keyboard.press('Enter');
      await eventually(page, (second) => document.querySelector(second).getAttribute('aria-pressed'), second, (is) => is === 'true');
      assert.ok(await page.evaluate((second) => document.activeElement === document.querySelector(second), second));
    });

    test('the calls are timed, and their sum stands beside the step', async () => {
      await studio.press('Measure the step');
      const words = await studio.until('times', (text) => text.startsWith('All 14 calls'));
      const [, sum, step, share] = words.match(/calls, each \w+ [\w ]+: ([\d.]+) ms\. The whole step: ([\d.]+) ms \((\d+) %\)/);
      close((100 * sum) / step, share, 0.02);
      const called = await rows('calls', (rows) => rows.every((row) => number(row[4]) >= 0));
      assert.ok(called.some((row) => /^[\d.]+ (GFLOP|GB)\/s$/.test(row[5]) && /^[\d.]+ %$/.test(row[6])), `${called}`);
    });

    test('every gradient holds, by a button', async () => {
      await studio.press('Check the gradient');
      const words = await studio.until('verdict', (text) => text.includes('gradients'));
      assert.match(words, /^All 21 gradients hold: \d+ right to four digits/);
      const checked = await rows('checked', (rows) => rows.length === 21);
      for (const [, backward, difference] of checked) {
        const [a, b] = [backward, difference].map(number);
        assert.ok(Math.abs(a - b) <= 0.01 * Math.max(Math.abs(a), Math.abs(b)) + 1e-7, `${backward}, ${difference}`);
      }
      assert.ok(checked.filter(([, backward]) => number(backward) !== 0).length >= 10, 'most of them say nothing');
      await studio.button('Check others');
    });

    test('the same step on GPU and processor', async () => {
      await studio.press('Compare');
      assert.match(await studio.until('compared', (text) => text.length > 0), /Rounding explains every difference\.$/);
      const gaps = await rows('gaps', (rows) => rows.length === (onGpu ? 3 : 1));
      for (const [, largest, , allowed] of gaps) assert.ok(number(largest) <= number(allowed), `${gaps}`);
    });

    test('the next batch, and the step that the network then makes', async () => {
      await studio.press('the next 50');
      await studio.until('unfolded', (text) => text === 'in slow motion: step 1, a batch of 50');
      // What is said of the weight comes after the update: of the own input it was one term.
      await press('∂Loss/∂w');
      await rows('terms', (rows) => rows.length === 6);
      await press('w − η ∂Loss/∂w');
      const after = await studio.text('w-after');
      await studio.press('Step');
      await studio.until('unfolded', (text) => text === 'in slow motion: step 2, a batch of 50');
      await studio.until('w-before', (text) => text === after);
    });

    test('a heartbeat works likewise', async () => {
      await studio.follow('#/kernels?v=1&data=beats&enc=16&z=4&batch=50&epochs=1');
      await studio.press('the next 50');
      await studio.until('box-gradient', (text) => text !== '–');
      await press('e');
      const [[, , shape]] = await rows('calls', (rows) => rows[0]?.[2] === '50 × 140 × 16');
      assert.ok(shape);
      await studio.press('Check the gradient');
      await studio.until('verdict', (text) => text.startsWith('All 21 gradients hold'));
    });

    test('on a phone nothing is wider than the screen', async () => {
      await page.setViewport({ width: 390, height: 844 });
      await eventually(page, () => document.documentElement.scrollWidth <= 390);
    });

    test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));

    /** Presses a box of the chain. */
    function press(symbol) {
      const named = (symbol) => [...document.querySelectorAll('.link')].find((box) => box.querySelector('b')?.textContent === symbol) ?? null;
      return pressed(() => found(page, named, symbol), symbol, { faults: studio.faults });
    }

    /** The cells of a table's part, row by row, once they are as wished. */
    function rows(id, wished) {
      const cells = (id) =>
        [...document.querySelectorAll(`[data-testid="${id}"] > tr`)].map((row) =>
          [...row.children].map((cell) => cell.textContent.trim()),
        );
      return eventually(page, cells, id, wished);
    }
  });
}

/** What the page wrote: `−1.234 · 10⁻⁵`. */
function number(text) {
  const [digits, power = '0'] = text.replaceAll('−', '-').split(' · 10');
  const plain = [...power].map((c) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c)).map((digit) => (digit < 0 ? '-' : digit));
  const exponent = power === '0' ? 0 : Number(plain.join(''));
  return Number(digits) * 10 ** exponent;
}

function close(a, b, share) {
  assert.ok(Math.abs(a - b) <= share * Math.max(Math.abs(a), Math.abs(b)) + 1e-6, `${a} and ${b}`);
}
