// The latent space: a live map of it, and ways through it. By mouse, by keys and by finger.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from './browsers.mjs';
import { DEVICES, visit } from './studio.mjs';

const MAP = '[data-testid="map"]';
/** Of which a map is soon there, though it takes at most a tenth of the time while training goes on. */
const SMALL = '#/latent?v=1&data=strokes&enc=16&z=4&batch=500&epochs=1000';
/** The step that the map is of. */
const stepOfMap = (map) => Number(document.querySelector(map).dataset.step);
/** The network that stands, in words. */
const network = () => document.querySelector('.run-bar .network').textContent;

for (const [name, device] of Object.entries(DEVICES)) {
  describe(`latent space, ${name}`, () => {
    let studio, page, at;
    visit(device, async (opened) => {
      studio = opened;
      page = studio.page;
      await page.setViewport({ width: 1366, height: 768 });
    });

    test('every input of the test set is a point', async () => {
      await studio.follow('#/latent');
      assert.ok((await points('Latent space')) >= 1000);
      assert.ok(await studio.hasInk('map'));
      at = await studio.place(MAP);
    });

    test('pointing decodes the place and shows the digit there; leaving brings the own digit back', async () => {
      assert.equal(await studio.text('shown'), 'Reconstruction');
      const own = await studio.fingerprint('reconstruction');
      await page.mouse.move(...at(0.5, 0.6));
      await studio.until('shown', (text) => text === 'Decoded from here');
      const here = await studio.repainted('reconstruction', (print) => print !== own);
      await studio.until('pointed', (text) => /^test input \d+: /.test(text));
      await page.mouse.move(...at(0.45, 0.35));
      await studio.repainted('reconstruction', (print) => print !== here && print !== own);
      await page.mouse.move(5, 5);
      await studio.until('shown', (text) => text === 'Reconstruction');
      await studio.repainted('reconstruction', (print) => print === own);
    });

    test('the wheel zooms, dragging moves the map, and "all" shows everything again', async () => {
      await settled('map');
      const most = await studio.fingerprint('map');
      await studio.press('Show all of it');
      await page.mouse.move(5, 5);
      // A few points are far from all others.
      await studio.repainted('map', (print) => print !== most);
      await settled('map');
      const whole = await studio.fingerprint('map');
      await page.mouse.move(...at(0.5, 0.5));
      for (let turn = 0; turn < 5; turn++) await page.mouse.wheel({ deltaY: -500 });
      const near = await away(whole);
      await page.mouse.move(...at(0.5, 0.5));
      await page.mouse.down();
      await page.mouse.move(...at(0.6, 0.55), { steps: 4 });
      await page.mouse.up();
      // A drag chooses nothing.
      assert.notEqual(await away(near), whole);
      await studio.press('Show all of it');
      await page.mouse.move(5, 5);
      await studio.repainted('map', (print) => print === whole);
    });

    test('t-SNE lays the codes out in a worker of its own, and the map comes back', async () => {
      await page.mouse.move(5, 5);
      await settled('map');
      const plane = await studio.fingerprint('map');
      await studio.press('t-SNE');
      await studio.until('pointed', (text) => /^t-SNE: epoch \d+ of 500/.test(text));
      const early = await away(plane);
      // The engine has nothing to do with it: a drawing is answered meanwhile.
      await studio.draw();
      await studio.until('pointed', (text) => /epoch [1-9]\d{1,2} of|at step/.test(text));
      await away(early);
      assert.match(await studio.text('own-place'), /nearest/);
      await studio.press('latent space');
      await points('Latent space');
      // The pad may have been scrolled to.
      at = await studio.place(MAP);
      await page.mouse.move(5, 5);
    });

    test('keys move a cursor that decodes, zoom, and let go', async () => {
      const own = await studio.fingerprint('reconstruction');
      await page.focus(MAP);
      for (const key of ['ArrowLeft', 'ArrowUp', 'ArrowUp']) await page.keyboard.press(key);
      await studio.until('shown', (text) => text === 'Decoded from here');
      const first = await studio.repainted('reconstruction', (print) => print !== own);
      for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
      await studio.repainted('reconstruction', (print) => print !== first && print !== own);
      const before = await studio.fingerprint('map');
      await page.keyboard.press('+');
      await studio.repainted('map', (print) => print !== before);
      await page.keyboard.press('0');
      await page.keyboard.press('Escape');
      await studio.until('shown', (text) => text === 'Reconstruction');
      await studio.repainted('reconstruction', (print) => print === own);
      await page.evaluate(() => document.activeElement.blur());
    });

    test('the legend leaves classes out', async () => {
      const all = await settled('map');
      const first = await page.$('.map-legend button');
      await first.click();
      await page.mouse.move(5, 5);
      assert.equal(await first.evaluate((button) => button.getAttribute('aria-pressed')), 'false');
      await studio.repainted('map', (print) => print !== all);
      await first.click();
      await page.mouse.move(5, 5);
      await studio.repainted('map', (print) => print === all);
    });

    test('other axes show another side', async () => {
      const before = await settled('map');
      await page.select('select[aria-label="Axis upwards"]', '2');
      const other = await studio.repainted('map', (print) => print !== before);
      await page.select('select[aria-label="Axis upwards"]', '1');
      await studio.repainted('map', (print) => print !== other);
    });

    test('pressing a point puts that input onto the pad', async () => {
      await page.mouse.move(...at(0.5, 0.5));
      await studio.until('pointed', (text) => /^test input/.test(text));
      const before = await studio.text('own-place');
      await page.mouse.click(...at(0.5, 0.5));
      await studio.until('own-place', (text) => text.startsWith('yours lies at') && text !== before);
      await page.mouse.move(5, 5);
      await studio.until('shown', (text) => text === 'Reconstruction');
    });

    test('sliders of z decode as they move', async () => {
      const own = await studio.fingerprint('reconstruction');
      const slider = '.codes input[type="range"]';
      await page.$eval(slider, (slider) => {
        slider.value = slider.max;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
      });
      await studio.repainted('reconstruction', (print) => print !== own);
      await studio.press('Back to my drawing');
      await studio.repainted('reconstruction', (print) => print === own);
    });

    test('a walk decodes each step from one digit to another', async () => {
      await studio.press('Walk');
      await studio.press('End');
      await page.mouse.click(...at(0.4, 0.4));
      await page.mouse.move(5, 5);
      const prints = [await settled('reconstruction')];
      for (const share of ['0.25', '0.5', '0.75', '1']) {
        await studio.slide('How far the walk is', share);
        await studio.until('shown', (text) => text === 'Decoded from here');
        prints.push(await studio.repainted('reconstruction', (print) => !prints.includes(print)));
      }
      await studio.press('Play');
      await studio.repainted('reconstruction', (print) => !prints.includes(print));
      await studio.press('Stop');
      await studio.press('Back to my drawing');
    });

    test('two buckets of examples make a direction', async () => {
      await studio.press('Directions');
      await studio.press('more: thick');
      await page.mouse.click(...at(0.45, 0.35));
      await studio.press('less: thin');
      await page.mouse.click(...at(0.55, 0.65));
      await studio.press('less: thin');
      await page.mouse.move(5, 5);
      const own = await settled('reconstruction');
      await studio.slide('How far along the direction', '1');
      const more = await studio.repainted('reconstruction', (print) => print !== own);
      await studio.slide('How far along the direction', '-1');
      await studio.repainted('reconstruction', (print) => print !== own && print !== more);
      // Nowhere along it is where the digit itself is.
      await studio.slide('How far along the direction', '0');
      await studio.repainted('reconstruction', (print) => print === own);
      await studio.press('Back to my drawing');
    });

    test('a grid of decoded digits, and as a picture', async () => {
      await studio.press('Grid');
      const without = await settled('map');
      await studio.press('Decode a grid');
      await studio.repainted('map', (print) => print !== without);
      await studio.press('PNG');
      const file = await studio.handedOver();
      assert.equal(file.type, 'image/png');
      assert.ok(file.bytes > 20_000, `${file.bytes} bytes for 400 digits`);
      await studio.press('Hide the grid');
      await page.mouse.move(5, 5);
      await studio.repainted('map', (print) => print === without);
    });

    test('the codes as a table', async () => {
      await studio.press('latents.csv');
      const { text } = await studio.handedOver();
      const [head, ...rows] = text.trimEnd().split('\n');
      assert.match(head, /^index,label,z0,z1(,z\d+)*$/);
      assert.equal(rows.length, await points('Latent space'));
      rows.forEach((row, index) => {
        const cells = row.split(',').map(Number);
        assert.equal(cells.length, head.split(',').length);
        assert.ok(cells[0] === index && cells.every(Number.isFinite), row);
      });
    });

    test('PCA of the pixels is the other map', async () => {
      const codes = await settled('map');
      await studio.press('PCA of the pixels');
      await points('Pixel space');
      await studio.repainted('map', (print) => print !== codes);
      await page.mouse.move(...at(0.5, 0.5));
      await studio.until('shown', (text) => text === 'PCA’s picture of here');
      await page.mouse.move(5, 5);
      await studio.press('latent space');
      await points('Latent space');
    });

    test('the map and the own point move while it trains', async () => {
      await studio.follow(SMALL);
      await eventually(page, network, null, (text) => text.startsWith('784–16–4–'));
      await points('Latent space');
      const place = await studio.text('own-place');
      await studio.press('Train');
      const first = await eventually(page, stepOfMap, MAP, (s) => s > 0);
      await studio.until('own-place', (text) => text !== place && text.startsWith('yours'));
      await eventually(page, stepOfMap, MAP, (s) => s > first);
      await studio.press('Pause');
      await studio.button('Train');
      // After the pause the map is that of the weights where it stopped. An epoch has 40 steps, and while it trains maps are a
      // dozen of them apart.
      const where = (map) => [Number(document.querySelector('[data-testid="epoch"]').textContent), document.querySelector(map).dataset.step / 40];
      await eventually(page, where, MAP, ([epoch, mapped]) => Math.abs(epoch - mapped) < 0.051);
      await points('Latent space');
      assert.ok(await studio.hasInk('map'));
    });

    test('a variational bottleneck trains, travels in the link, and can be left again', async () => {
      await studio.press('Variational bottleneck');
      await studio.until('beta', (text) => /^\+?1\.0/.test(text));
      assert.match(await page.evaluate(() => location.hash), /[?&]kl=1(&|$)/);
      await studio.press('Train');
      await studio.until('epoch', (text) => Number(text) > 0);
      // The map of the network before was of another step, whatever it was.
      const before = await page.$eval(MAP, (map) => Number(map.dataset.step));
      await eventually(page, stepOfMap, MAP, (s) => s > 0 && s !== before);
      await studio.press('throw a dart');
      await studio.until('shown', (text) => text === 'Decoded from here');
      await studio.press('Pause');
      await studio.press('Variational bottleneck');
      await studio.until('beta', (text) => text === '–');
      assert.doesNotMatch(await page.evaluate(() => location.hash), /kl=/);
    });

    test('a walk ends with its network', async () => {
      // The network that has just begun stands: with it everything begins anew on the map.
      const doing = () => document.querySelector('.doing')?.textContent;
      await eventually(page, doing, null, (text) => text === 'Not trained yet: press Train');
      await points('Latent space');
      at = await studio.place(MAP);
      await page.mouse.move(...at(0.5, 0.5));
      await studio.until('pointed', (text) => /^test input/.test(text));
      await studio.press('Walk');
      await studio.press('End');
      await page.mouse.click(...at(0.5, 0.5));
      await studio.press('Play');
      await studio.until('shown', (text) => text === 'Decoded from here');
      await studio.press('squeeze z to 2');
      await eventually(page, network, null, (text) => text.startsWith('784–64–32–2–'));
      await eventually(page, () => [...document.querySelectorAll('.tool button')].some((one) => one.textContent === 'Play'));
      await points('Latent space');
      at = await studio.place(MAP);
      // Nothing takes the code away that is chosen now.
      await page.mouse.move(...at(0.45, 0.45));
      await studio.until('shown', (text) => text === 'Decoded from here');
      await pause(500);
      assert.equal(await studio.text('shown'), 'Decoded from here');
      await page.mouse.move(5, 5);
    });

    test('heartbeats are decoded on a grid, too', async () => {
      await studio.follow('#/latent?v=1&data=beats&enc=16&z=2&batch=500');
      await eventually(page, network, null, (text) => text.startsWith('140–16–2–'));
      await points('Latent space');
      await page.mouse.move(5, 5);
      const before = await settled('map');
      await studio.press('Grid');
      await studio.press('Decode a grid');
      await studio.repainted('map', (print) => print !== before);
      await studio.press('PNG');
      const file = await studio.handedOver();
      assert.deepEqual([file.name, file.type], ['latent-grid.png', 'image/png']);
      const png = Buffer.from(file.base64, 'base64');
      // Twenty by twenty traces of 70 x 44 pixels each.
      assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1400, 880]);
      assert.ok(file.bytes > 20_000, `${file.bytes} bytes: no lines`);
    });

    test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));

    /** How many points the map says that it has, as soon as it is the one of this space that was asked for, and has some. */
    async function points(space) {
      const label = (map) => document.querySelector(`${map}[aria-busy=false]`)?.getAttribute('aria-label') ?? '';
      const has = new RegExp(`^${space}: [1-9]\\d* inputs`);
      const words = await eventually(page, label, MAP, (words) => has.test(words));
      return Number(words.match(/\d+/)[0]);
    }

    /** The fingerprint of a picture that no longer changes. */
    async function settled(id) {
      let before = await studio.fingerprint(id);
      for (let same = 0; same < 4; ) {
        await pause(150);
        const now = await studio.fingerprint(id);
        same = now === before ? same + 1 : 0;
        before = now;
      }
      return before;
    }

    /** The map's fingerprint once the pointer is away and it is another than this. */
    async function away(from) {
      await page.mouse.move(5, 5);
      await studio.repainted('map', (print) => print !== from);
      return settled('map');
    }
  });
}

describe('latent space on a phone', () => {
  let studio, page;
  visit(DEVICES['Chromium without WebGPU'], async (opened) => {
    studio = opened;
    page = studio.page;
    await page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
    await studio.follow('#/latent');
    await eventually(page, (map) => document.querySelector(map)?.getAttribute('aria-label'), MAP, (label) =>
      /^Latent space: [1-9]/.test(label ?? ''),
    );
  });

  test('nothing is wider than the screen', async () => {
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
  });

  test('a finger that drags decodes, and what it pointed at stays', async () => {
    const at = await studio.place(MAP);
    await page.touchscreen.touchStart(...at(0.4, 0.4));
    await studio.until('shown', (text) => text === 'Decoded from here');
    const first = await studio.fingerprint('reconstruction');
    await page.touchscreen.touchMove(...at(0.6, 0.7));
    await studio.repainted('reconstruction', (print) => print !== first);
    await page.touchscreen.touchEnd();
    assert.equal(await studio.text('shown'), 'Decoded from here');
    await studio.press('Back to my drawing');
    await studio.until('shown', (text) => text === 'Reconstruction');
  });

  test('a tap puts an input onto the pad', async () => {
    const before = await studio.text('own-place');
    const at = await studio.place(MAP);
    await page.touchscreen.tap(...at(0.5, 0.5));
    await studio.until('own-place', (text) => text !== before);
  });

  test('nothing went wrong on the way', () => assert.deepEqual(studio.faults, []));
});

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
