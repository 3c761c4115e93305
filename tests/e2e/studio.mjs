// The studio as a test sees it: by the names that people and assistive technology know, and `data-testid`.

import { eventually, newPage, started } from './browsers.mjs';

/** Opens the studio, or another lesson, with `?gpu=…` (none if null). */
export async function openStudio(browser, site, gpu, lesson = '#/studio') {
  const { page, faults } = await newPage(browser, site);
  await page.setViewport({ width: 1280, height: 900 });
  // A clipboard that asks nobody: browsers without a window have none, or ask.
  await page.evaluateOnNewDocument(() => {
    const writeText = async (text) => void (window.copiedText = text);
    Object.defineProperty(navigator, 'clipboard', { value: { writeText } });
  });
  await page.goto(`${site.address}${gpu ? `?gpu=${gpu}` : ''}${lesson}`);
  await started(page);
  return new Studio(page, faults);
}

class Studio {
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

  /** A button by its name, once it is there and can be pressed. */
  async button(name) {
    const ready = (name) => {
      const called = (button) => (button.getAttribute('aria-label') ?? button.textContent).trim();
      const all = [...document.querySelectorAll('button')];
      return all.findIndex((button) => called(button) === name && !button.disabled && button.getClientRects().length > 0);
    };
    const index = await eventually(this.page, ready, name, (index) => index >= 0);
    return (await this.page.$$('button'))[index];
  }

  async press(name) {
    await (await this.button(name)).click();
  }

  /** Draws a 7 with the mouse. */
  async draw() {
    const pad = 'canvas[aria-label="Draw a digit"]';
    await eventually(this.page, (pad) => document.querySelector(pad) !== null, pad);
    const canvas = await this.page.$(pad);
    await canvas.scrollIntoView();
    const box = await canvas.boundingBox();
    const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
    const [first, ...others] = [[0.3, 0.25], [0.7, 0.25], [0.45, 0.8]];
    await this.page.mouse.move(...at(first));
    await this.page.mouse.down();
    for (const point of others) await this.page.mouse.move(...at(point), { steps: 12 });
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
    const field = await this.page.$(`input[aria-label="${label}"]`);
    await field.click({ count: 3 });
    await field.type(text);
    await field.evaluate((field) => field.blur());
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

  /** Opens a link in this page, as a visitor does who changes the address. */
  follow(hash) {
    return this.page.evaluate((hash) => void (location.hash = hash), hash);
  }

  /** What the page put onto the clipboard. */
  copied() {
    return eventually(this.page, () => window.copiedText);
  }
}
