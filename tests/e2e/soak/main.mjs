// The page in use for hours, as `cargo xtask soak` starts it: somebody trains, draws, changes networks and goes through
// the lessons, while GPUs are lost or hang, tabs sleep, the network goes and the disk is full. Each minute a line of JSON
// says what all of it holds; at the end it is judged. MINUTES, ONLY (names of doings and faults, by commas) and OUT (the
// file) come by environment; SEED too, to have the same hours again.

import { appendFileSync, writeFileSync } from 'node:fs';
import { chromium } from '../browsers.mjs';
import { chance } from '../chance.mjs';
import { COUNTED, sleep, spoiled } from '../spoiled.mjs';
import { openStudio } from '../studio.mjs';
import { DOINGS, rest } from './doings.mjs';
import { FAULTS } from './faults.mjs';
import { judged, measured, table } from './measure.mjs';

const MINUTES = Number(process.env.MINUTES || 60);
const OUT = process.env.OUT || 'soak.jsonl';
const ONLY = (process.env.ONLY ?? '').split(',').filter(Boolean);

const all = { ...DOINGS, ...FAULTS };
const unknown = ONLY.filter((name) => !(name in all));
if (unknown.length > 0) {
  console.error(`nothing is called ${unknown.join(', ')}: there are ${Object.keys(all).join(', ')}`);
  process.exit(2);
}
const chosen = (of) => Object.keys(of).filter((name) => ONLY.length === 0 || ONLY.includes(name));
const [doings, faults] = [chosen(DOINGS), chosen(FAULTS)];

const site = await spoiled(COUNTED);
const browser = await chromium({
  webgpu: true,
  more: ['--disable-domain-blocking-for-3d-apis', '--disable-gpu-process-crash-limit'],
});
const random = chance(Number(process.env.SEED || 1));
const studio = await openStudio(browser, site, 'software');
const cdp = await browser.target().createCDPSession();
const scene = { studio, site, browser, cdp, random, page: await studio.page.createCDPSession() };
await studio.until('device', (text) => text.startsWith('WebGPU'));

writeFileSync(OUT, '');
const begun = Date.now();
const lines = [], done = {}, last = [];
let measuredLast = 0, broke = null;
try {
  while (Date.now() - begun < MINUTES * 60_000) {
    for (const [kinds, of] of [[doings, DOINGS], [faults, FAULTS]]) {
      if (kinds.length === 0) continue;
      const name = kinds[Math.floor(random() * kinds.length)];
      done[name] = (done[name] ?? 0) + 1;
      last.push(name);
      last.splice(0, last.length - 12);
      await of[name](scene).catch((cause) => {
        throw new Error(`${name}: ${cause.message}`, { cause });
      });
    }
    if (Date.now() - measuredLast >= 60_000) {
      await rest(scene);
      const line = { minutes: (Date.now() - begun) / 60_000, ...(await measured(scene)) };
      lines.push(line);
      appendFileSync(OUT, `${JSON.stringify(line)}\n`);
      console.log(JSON.stringify(line));
      measuredLast = Date.now();
    }
    await sleep(200);
  }
} catch (error) {
  broke = error;
  const seen = await studio.page.evaluate(() => [location.hash, ...[...document.querySelectorAll('.status, .notice p')].map((it) => it.textContent)]).catch(() => []);
  console.log(`before that: ${last.join(', ')}\nthe page says: ${seen.join(' | ')}`);
}
await browser.close().catch(() => {});
await site.close();

console.log(`\n${Object.entries(done).map(([name, times]) => `${name} ${times}`).join(', ')}`);
const broken = judged(lines, studio.faults, broke);
console.log(table(lines));
broken.forEach((rule) => console.log(`broken: ${rule}`));
console.log(broken.length === 0 ? 'all rules held' : `${broken.length} rules are broken`);
process.exit(broken.length === 0 ? 0 : 1);
