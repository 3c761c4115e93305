// The studio: draw a digit, train, look. On the three devices that a visitor may have.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from './browsers.mjs';
import { BROWSERS, visit } from './studio.mjs';

for (const [name, visitor] of Object.entries(BROWSERS)) {
  describe(name, () => {
    let site, studio;
    visit(visitor, (opened, here) => ([studio, site] = [opened, here]));

    test('says on which device it computes', async () => {
      // A GPU that is late takes over from the processor.
      assert.match(await studio.until('device', (text) => visitor.device.test(text)), visitor.device);
    });

    test('a drawn digit is seen, reconstructed and measured', async () => {
      await studio.draw();
      const error = Number(await studio.until('reconstruction-error', isNumber));
      assert.ok(error >= 0 && error < 1, `reconstruction error ${error} of values between 0 and 1`);
      for (const picture of ['seen', 'reconstruction']) {
        assert.ok(await studio.hasInk(picture), `the picture "${picture}" has one colour only`);
      }
    });

    test('ink that was added dot by dot is that of the digit painted at once', async () => {
      const { page } = studio;
      const frames = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const ink = async () => {
        await frames();
        return page.$eval('canvas.pad', (canvas) => canvas.toDataURL());
      };
      const grown = await ink();
      // The keyboard's pen is painted over all of it, and goes again.
      await page.focus('canvas.pad');
      await page.keyboard.press('ArrowLeft');
      assert.ok(await ink() !== grown, 'the pen does not show');
      await page.evaluate(() => document.activeElement.blur());
      assert.ok(await ink() === grown, 'the pictures differ');
    });

    test('learning again forgets the digit, and finds it again while the loss falls', async () => {
      await studio.press('Forget everything and learn again');
      await studio.until('step', (text) => Number(text) >= 1);
      const loss = Number(await studio.until('train-loss', isNumber));
      const error = Number(await studio.until('reconstruction-error', (text) => Number(text) > 0.05));
      await studio.until('train-loss', (text) => Number(text) < 0.5 * loss);
      await studio.until('reconstruction-error', (text) => Number(text) < 0.7 * error);
      assert.ok(await studio.hasInk('strip'), 'the strip has one colour only');
    });

    test('drawing goes on while it trains', async () => {
      const before = await studio.text('step');
      await studio.press('Clear');
      await studio.until('reconstruction-error', (text) => !isNumber(text));
      await studio.draw();
      await studio.until('reconstruction-error', isNumber);
      await studio.until('step', (text) => Number(text) > Number(before));
    });

    test('pausing stops the steps', async () => {
      await studio.press('Pause');
      await studio.button('Train');
      // Steps in flight may still come in; after them the engine says that none are made, and nothing moves.
      await studio.until('samples-per-second', (text) => text === '–');
      const stopped = await studio.text('step');
      await pause(1500);
      assert.equal(await studio.text('step'), stopped);
    });

    test('its loss curve leaves as a large picture on paper, under its name and with its keys', async () => {
      const { page } = studio;
      const size = await page.$eval('canvas.chart', ({ width, height }) => [width, height]);
      await studio.press('Loss curves as PNG');
      const file = await studio.handedOver();
      assert.deepEqual([file.name, file.type], ['loss.png', 'image/png']);
      const bytes = Buffer.from(file.base64, 'base64');
      assert.equal(bytes.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
      const [wide, high] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
      assert.ok(wide >= 1590, `${wide} pixels wide`);
      const head = high - Math.round((wide * size[1]) / size[0]);
      assert.ok(head > 60, `${head} pixels above the chart`);
      // On the page it is what it was.
      await eventually(page, () => document.querySelector('canvas.chart').width, null, (width) => width === size[0]);
      const seen = await page.evaluate(async (base64, head) => {
        const blob = new Blob([Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))], { type: 'image/png' });
        const picture = await createImageBitmap(blob);
        const canvas = Object.assign(document.createElement('canvas'), { width: picture.width, height: picture.height });
        const ctx = canvas.getContext('2d');
        ctx.drawImage(picture, 0, 0);
        const { data } = ctx.getImageData(0, 0, canvas.width, canvas.height);
        const hex = (byte) => byte.toString(16).padStart(2, '0');
        return {
          opaque: data.every((value, i) => i % 4 !== 3 || value === 255),
          colours: new Set(new Uint32Array(data.buffer)).size,
          // Nothing is painted in the corner.
          corner: `#${[...data.subarray(0, 3)].map(hex).join('')}`,
          ...Object.fromEntries(['paper', 'blue', 'ink'].map((name) => {
            const colour = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
            const is = (i) => `#${[...data.subarray(i, i + 3)].map(hex).join('')}` === colour;
            return [name, [colour, Array.from({ length: canvas.width * head }, (_, i) => 4 * i).filter(is).length]];
          })),
        };
      }, file.base64, head - 4);
      assert.ok(seen.opaque, 'it can be seen through');
      assert.ok(seen.colours > 1, 'it has one colour only');
      assert.equal(seen.corner, seen.paper[0]);
      // The line before “train”, and what is written.
      for (const [colour, pixels] of [seen.blue, seen.ink]) assert.ok(pixels >= 100, `${pixels} pixels of ${colour}`);
    });

    test('resetting replays the identical run', async () => {
      const losses = [];
      for (let run = 0; run < 2; run++) {
        await studio.press('Reset');
        await studio.until('step', (text) => Number(text) === 0);
        losses.push([]);
        for (let step = 1; step <= 3; step++) {
          await studio.press('Step');
          await studio.until('step', (text) => Number(text) === step);
          losses[run].push(await studio.until('train-loss', isNumber));
        }
      }
      assert.deepEqual(losses[0], losses[1]);
      assert.equal(new Set(losses[0]).size, 3, `the loss does not change: ${losses[0]}`);
    });

    test('a recipe that cannot be is refused in words, and the old network stays', async () => {
      for (const [width, says] of [['0', 'from 1 to 4096'], ['1000000', 'from 1 to 4096'], ['many', 'a whole number']]) {
        await studio.type('Width of encoder layer 1', width);
        const said = await studio.complaint((text) => text.includes(says));
        assert.match(said, /width/i, `${width}: ${said}`);
        assert.equal(await studio.value('Width of encoder layer 1'), '250');
      }
      await studio.press('Step');
      await studio.until('step', (text) => Number(text) === 4);
    });

    test('the link that is copied leads to this lesson and its version', async () => {
      await studio.press('Copy link');
      const link = await studio.copied();
      assert.ok(link.startsWith(site.address), `${link} is not on this site`);
      assert.match(link, /#\/studio(\?|$)/);
      assert.ok(link.length <= 2048, `${link.length} bytes`);
    });

    test('a link shows what it sets, and starts nothing', async () => {
      await studio.follow('#/studio?v=1&z=3&batch=64');
      // What was learned here would be gone: the link asks first.
      assert.match(await studio.news((text) => text.includes('z = 3')), /batch = 64/);
      await studio.press('Open it');
      await eventually(studio.page, () => document.querySelectorAll('.codes input[type="range"]').length, null, (n) => n === 3);
      await pause(500);
      assert.equal(await studio.text('step'), '0');
    });

    test('what can be tried shows at once what it does', async () => {
      await studio.press('pour noise on it');
      await studio.until('step', (text) => Number(text) > 1);
      await studio.press('Pause');
      await studio.press('open one for heartbeats');
      const doing = () => document.querySelector('.doing')?.textContent;
      await eventually(studio.page, doing, null, (text) => /^Trained for [\d,]+ steps: draw a heartbeat$/.test(text));
      await studio.press('go back');
      await eventually(studio.page, doing, null, (text) => /draw a digit$|^Not trained yet/.test(text));
    });

    test('a nonsense link is answered in words', async () => {
      await studio.follow(`#/studio?v=1&z=1e99&enc=0,-5&bogus=%00&lr=NaN&epochs=-3&noise=${'x'.repeat(200)}`);
      const said = await studio.news((text) => text.includes('bogus'));
      for (const name of ['z', 'learning rate', 'encoder', 'epochs', 'noise']) assert.ok(said.includes(name), said);
      await studio.follow(`#/nowhere?${'z=2&'.repeat(2000)}`);
      await studio.news((text) => text.includes('at most 2048'));
      await studio.button('Train');
    });

    test('what lay on the pad before is not what other data can be drawn on', async () => {
      const { page } = studio;
      const layers = () => document.querySelector('canvas.hourglass')?.getAttribute('aria-label') ?? '';
      const stands = (sizes) => eventually(page, layers, null, (label) => label.includes(sizes));
      const undo = () => [...document.querySelectorAll('button')].find((button) => button.textContent === 'Undo').disabled;
      await studio.opens('#/studio?v=1&data=strokes&enc=16&z=4&batch=200');
      await stands('784, 16, 4, 16, 784');
      await studio.draw();
      await studio.press('Clear');
      await studio.until('reconstruction-error', (text) => !isNumber(text));
      assert.equal(await page.evaluate(undo), false);
      await studio.opens('#/studio?v=1&data=beats&enc=32&z=8');
      await stands('32, 8, 32');
      // Nothing leads back to the digit, so the pad is as empty as a new one, and the first test beat lies on it.
      await eventually(page, undo);
      await studio.until('reconstruction-error', isNumber);
    });

    test('who goes on from a width by the keyboard stays where they are', async () => {
      const { page } = studio;
      const at = () => document.activeElement.getAttribute('aria-label');
      await page.click('input[aria-label="Width of encoder layer 1"]', { count: 3 });
      await page.keyboard.type('24');
      await page.keyboard.press('Tab');
      await eventually(page, () => location.hash, null, (hash) => hash.includes('enc=24'));
      assert.equal(await page.evaluate(at), 'Remove encoder layer 1');
    });

    test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));
  });
}

function isNumber(text) {
  return text !== '' && Number.isFinite(Number(text));
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
