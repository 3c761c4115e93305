// The studio as a test sees it: by the names that people and assistive technology know, and `data-testid`.

import { after, before } from 'node:test';
import { chromium, eventually, firefox, newPage, PATIENCE, started } from './browsers.mjs';
import { serve } from './site.mjs';

/** What visitors have: how their browser starts, what `?gpu=` they ask for, and what the page then says it computes on. */
export const DEVICES = {
  'Chromium on software WebGPU': { launch: () => chromium({ webgpu: true }), gpu: 'software', device: /^WebGPU/ },
  'Chromium without WebGPU': { launch: () => chromium({ webgpu: false }), gpu: null, device: /^Processor/ },
};

/** The same and another browser: for what every visitor does. Lessons are in Chromium; offline.test.mjs opens each in Firefox. */
export const BROWSERS = {
  ...DEVICES,
  Firefox: { launch: firefox, gpu: null, device: /^(WebGPU|Processor)/ },
};

/** Every lesson, in the order of the menu. */
export const LESSONS = ['studio', 'latent', 'neighbours', 'heartbeats', 'denoise', 'compress', 'worlds', 'siamese', 'kernels', 'files'];

/** Resolves when this lesson is open, with what it has to show. */
export function lessonOpen(page, lesson) {
  const shown = (lesson) => document.querySelector('nav [aria-current=page]')?.hash === `#/${lesson}` && document.querySelector('main .card') !== null;
  return eventually(page, shown, lesson);
}

/** The element that `find` finds in the page by this name, once it is there. */
export async function found(page, find, name, faults = []) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const element = (await page.evaluateHandle(find, name)).asElement();
    if (element) return element;
    if (Date.now() > end) throw new Error(`no "${name}" can be pressed; faults: ${faults.join('; ')}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** How long a tap may take to become a press, in ms: to the browser it is a gesture at first. */
const TAPPED = 5000;

/**
 * Presses what `find` finds where it stands, as a hand does: with the mouse, or by `tap`. On a slow machine something may
 * come between the look and the press, and move the button or take another in its place: then it is looked for again.
 */
export async function press(find, name, { tap = false, faults = [] } = {}) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const button = await find();
    await button.evaluate((button) => {
      button.addEventListener('click', () => (button.dataset.pressed = 'yes'), { once: true, capture: true });
    });
    const cause = await (tap ? button.tap() : button.click()).then(() => null, (error) => error);
    // A press may lead to another page, where nobody knows of the button.
    const felt = () => button.evaluate((button) => button.dataset.pressed === 'yes' && delete button.dataset.pressed).catch(() => true);
    const late = Date.now() + (tap && !cause ? TAPPED : 0);
    let done = await felt();
    while (!done && Date.now() < late) {
      await new Promise((rest) => setTimeout(rest, 50));
      done = await felt();
    }
    await button.dispose().catch(() => {});
    if (done) return;
    if (Date.now() > end) throw new Error(`"${name}" does not feel that it is pressed; faults: ${faults.join('; ')}`, { cause });
  }
}

/**
 * For the tests of a suite: the site, served and opened in a browser of its own, when it computes on the device that is
 * promised; `greet` hears of the studio. (A GPU in software may come after the processor has begun: that it takes over
 * then is for other tests.)
 */
export function visit({ launch, gpu, device }, greet) {
  let site, browser;
  before(async () => {
    site = await serve();
    browser = await launch();
    const studio = await openStudio(browser, site, gpu);
    await studio.until('device', (text) => device.test(text));
    await greet(studio, site);
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });
}

/** Opens the studio, or another lesson, with `?gpu=…` (none if null). */
export async function openStudio(browser, site, gpu, lesson = '#/studio') {
  const { page, faults } = await newPage(browser, site);
  await page.setViewport({ width: 1280, height: 900 });
  // A clipboard that asks nobody: browsers without a window have none, or ask.
  await page.evaluateOnNewDocument(() => {
    const writeText = async (text) => void (window.copiedText = text);
    Object.defineProperty(navigator, 'clipboard', { value: { writeText } });
    // Files that are handed over stay here, to be looked at.
    const blobs = new Map();
    const create = URL.createObjectURL;
    URL.createObjectURL = (blob) => {
      const address = create.call(URL, blob);
      blobs.set(address, blob);
      return address;
    };
    const click = HTMLAnchorElement.prototype.click;
    HTMLAnchorElement.prototype.click = function () {
      const blob = blobs.get(this.href);
      if (!this.download || !blob) return click.call(this);
      window.handedOver = { name: this.download, type: blob.type, bytes: blob.size, text: blob.text(), raw: blob };
    };
  });
  await page.goto(`${site.address}${gpu ? `?gpu=${gpu}` : ''}${lesson}`);
  await started(page);
  return new Studio(page, faults);
}

/** A page with the studio in it. */
export class Studio {
  constructor(page, faults) {
    this.page = page;
    this.faults = faults;
  }

  /** The text of a figure, now. */
  text(id) {
    return this.page.$eval(`[data-testid="${id}"]`, (figure) => figure.textContent.trim());
  }

  /** The text of a figure as soon as it is as wished. */
  async until(id, wished) {
    const figure = (id) => document.querySelector(`[data-testid="${id}"]`)?.textContent.trim() ?? null;
    try {
      return await eventually(this.page, figure, id, (text) => text !== null && wished(text));
    } catch (error) {
      throw new Error(`waited for "${id}" to be ${wished}; faults: ${this.faults.join('; ')}`, { cause: error });
    }
  }

  /**
   * A button by its name, once it is there and can be pressed. As long as it is held here, the browser keeps it and all that
   * it was ever a part of, lessons that were left among them: `dispose` lets go.
   */
  button(name) {
    const ready = (name) => {
      const called = (button) => (button.getAttribute('aria-label') ?? button.textContent).trim();
      const can = (button) => called(button) === name && !button.disabled && button.getClientRects().length > 0;
      return [...document.querySelectorAll('button')].find(can) ?? null;
    };
    // The button itself, and not its place among others, which may come and go meanwhile.
    return found(this.page, ready, name, this.faults);
  }

  /** Presses a button, with the mouse or by `tap`. */
  press(name, { tap = false } = {}) {
    return press(() => this.button(name), name, { tap, faults: this.faults });
  }

  /** Draws a 7 with the mouse. */
  async draw() {
    const pad = 'canvas.pad';
    await eventually(this.page, (pad) => document.querySelector(pad) !== null, pad);
    const at = await this.place(pad);
    const [first, ...others] = [[0.3, 0.25], [0.7, 0.25], [0.45, 0.8]];
    await this.page.mouse.move(...at(...first));
    await this.page.mouse.down();
    for (const point of others) await this.page.mouse.move(...at(...point), { steps: 12 });
    await this.page.mouse.up();
  }

  /** Whether a picture has more than one colour. */
  hasInk(id) {
    return this.page.$eval(`[data-testid="${id}"]`, (picture) => {
      const canvas = picture.matches('canvas') ? picture : picture.querySelector('canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const pixels = new Uint32Array(data.buffer);
      return pixels.some((pixel) => pixel !== pixels[0]);
    });
  }

  /** Types into a field with this label, and leaves it. */
  async type(label, text) {
    const place = `input[aria-label="${label}"]`;
    await eventually(this.page, (place) => document.querySelector(place) !== null, place);
    const field = await this.page.$(place);
    await field.click();
    // What stands there goes, also where clicks came too slowly to be a triple one.
    await field.evaluate((field) => field.select());
    await field.type(text);
    await field.evaluate((field) => field.blur());
    await field.dispose();
  }

  /** What stands in a field. */
  value(label) {
    return this.page.$eval(`input[aria-label="${label}"]`, (field) => field.value);
  }

  /** The words beside a refused field, once they are as wished. */
  complaint(wished) {
    const words = () => [...document.querySelectorAll('.complaint')].map((said) => said.textContent).join(' ');
    return eventually(this.page, words, null, wished);
  }

  /** What the page has to say above the lesson, once it is as wished. */
  news(wished) {
    return eventually(this.page, () => document.querySelector('.notices')?.textContent ?? '', null, wished);
  }

  /** The network at hand has had all its epochs: what is shown of an epoch is rounded, 1.95 of them to two. */
  trained() {
    const doing = () => document.querySelector('.doing')?.textContent;
    return eventually(this.page, doing, null, (text) => text === 'All epochs are done');
  }

  /** Opens a link in this page, as a visitor does who changes the address. */
  follow(hash) {
    return this.page.evaluate((hash) => void (location.hash = hash), hash);
  }

  /** Opens the Studio's network of a link, also where the page first offers to, because what was learned would be gone. */
  async opens(hash) {
    await this.follow(hash);
    await lessonOpen(this.page, 'studio');
    // An offer comes a moment after its lesson.
    await new Promise((done) => setTimeout(done, 300));
    await this.page.evaluate(() => [...document.querySelectorAll('.notice button')].find((b) => b.textContent === 'Open it')?.click());
  }

  /** What the page put onto the clipboard. */
  copied() {
    return eventually(this.page, () => window.copiedText);
  }

  /** The file that the page handed over since the last one: its name, type, size, text, and bytes in base64. */
  async handedOver() {
    await eventually(this.page, () => 'handedOver' in window);
    return this.page.evaluate(async () => {
      const { raw, ...file } = { ...window.handedOver, text: await window.handedOver.text };
      delete window.handedOver;
      let binary = '';
      for (const byte of new Uint8Array(await raw.arrayBuffer())) binary += String.fromCharCode(byte);
      return { ...file, base64: btoa(binary) };
    });
  }

  /** A number that changes when a picture does. */
  fingerprint(id) {
    return this.page.$eval(`[data-testid="${id}"]`, (picture) => {
      const canvas = picture.matches('canvas') ? picture : picture.querySelector('canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return new Uint32Array(data.buffer).reduce((sum, pixel) => (Math.imul(sum, 31) + pixel) | 0, 7);
    });
  }

  /** Waits until a picture's fingerprint is as wished. */
  async repainted(id, wished) {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const print = await this.fingerprint(id);
      if (wished(print)) return print;
      if (Date.now() > end) throw new Error(`the picture "${id}" is not as wished`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** Where something is on the screen: `at(x, y)` is the place at these shares of its width and height. */
  async place(selector) {
    const element = await this.page.$(selector);
    await element.scrollIntoView();
    const box = await element.boundingBox();
    await element.dispose();
    return (x, y) => [box.x + x * box.width, box.y + y * box.height];
  }

  /** Sets a slider, as a hand does. */
  slide(label, value) {
    return this.page.$eval(
      `input[aria-label="${label}"]`,
      (slider, value) => {
        slider.value = value;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
      },
      value,
    );
  }
}
