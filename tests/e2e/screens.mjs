// The pictures in docs/screens: every lesson on a laptop, on a phone and on its side. Made anew by `node screens.mjs` after
// `cargo xtask build`; `node screens.mjs nl /tmp/nl` makes them in Dutch, elsewhere.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, eventually, newPage } from './browsers.mjs';
import { serve } from './site.mjs';
import { LESSONS, lessonOpen } from './studio.mjs';

const [lang = 'en', folder = fileURLToPath(new URL('../../docs/screens', import.meta.url))] = process.argv.slice(2);
const SIZES = {
  laptop: { width: 1366, height: 768 },
  phone: { width: 390, height: 844, isMobile: true, hasTouch: true },
  landscape: { width: 740, height: 360, isMobile: true, hasTouch: true },
};

mkdirSync(folder, { recursive: true });
const site = await serve();
const browser = await chromium({ webgpu: false });
const { page, faults } = await newPage(browser, site);
for (const [size, viewport] of Object.entries(SIZES)) {
  await page.setViewport(viewport);
  for (const lesson of LESSONS) {
    await page.goto('about:blank');
    await page.goto(`${site.address}?gpu=off#/${lesson}?v=1&lang=${lang}`);
    await lessonOpen(page, lesson);
    await eventually(page, () => !document.querySelector('.status progress'));
    // What is computed for the first picture.
    await new Promise((done) => setTimeout(done, 3000));
    await page.screenshot({ path: join(folder, `${lesson}-${size}.webp`), type: 'webp', quality: 70 });
  }
}
await browser.close();
await site.close();
if (faults.length > 0) throw new Error(faults.join('\n'));
