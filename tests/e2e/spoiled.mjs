// The site with words before its own module, in the page and in its worker, where tests look at GPUs or break them; and
// runs that are watched while that happens.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIST, serve } from './site.mjs';
import { openStudio } from './studio.mjs';

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
/** A number as the page writes it. */
export const count = (text) => Number(text.replaceAll(',', ''));
/** The step that the page shows. */
export const step = () => Number(document.querySelector('[data-testid=step]')?.textContent.replaceAll(',', '') ?? 0);

/** The site with these words before its module; its service worker knows the sum of that. */
export async function spoiled(words) {
  const site = await serve();
  const module = readdirSync(DIST).find((name) => /^app-\w+\.js$/.test(name));
  const text = `${words}\n${readFileSync(join(DIST, module), 'utf8')}`;
  const sum = createHash('sha256').update(text).digest('base64');
  const service = readFileSync(join(DIST, 'service.js'), 'utf8');
  site.replaced.set(module, text);
  site.replaced.set('service.js', service.replace(new RegExp(`'${module}': '[^']+'`), `'${module}': 'sha256-${sum}'`));
  return site;
}

/**
 * In the worker: keeps the newest GPU, counts GPUs and the buffers that live on them, and answers on the channel
 * `gpu`: `destroy` ends the newest GPU, `count` is answered with the counts.
 */
export const COUNTED = `if (!('document' in globalThis) && 'GPUAdapter' in globalThis) {
  let newest = null, gpus = 0, made = 0;
  const live = new Map();
  const gone = (key, id) => live.get(key)?.delete(id);
  // Who forgets a buffer in place of destroying it leaves it to the garbage collector.
  const forgotten = new FinalizationRegistry(({ key, id }) => gone(key, id));
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...all) {
    const device = await request.apply(this, all);
    const key = gpus++;
    newest = device;
    live.set(key, new Map());
    device.lost.then(() => live.delete(key));
    const create = device.createBuffer;
    device.createBuffer = function (descriptor) {
      const buffer = create.call(this, descriptor);
      const id = made++;
      live.get(key)?.set(id, [descriptor.size, descriptor.usage]);
      forgotten.register(buffer, { key, id });
      const destroy = buffer.destroy;
      buffer.destroy = function () {
        gone(key, id);
        destroy.call(this);
      };
      return buffer;
    };
    return device;
  };
  const memories = [];
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const run = WebAssembly[name];
    WebAssembly[name] = async (...all) => {
      const result = await run.apply(WebAssembly, all);
      const { memory } = (result.instance ?? result).exports ?? {};
      if (memory && !memories.includes(memory)) memories.push(memory);
      return result;
    };
  }
  const channel = new BroadcastChannel('gpu');
  channel.onmessage = ({ data }) => {
    if (data === 'destroy') newest?.destroy();
    if (data === 'count') {
      const all = [...live.values()].flatMap((buffers) => [...buffers.values()]);
      // Those to read back from are a few, of whatever sizes were read last; those of parameters are as many as calls
      // were cut into, which depends on how long each of them takes at that time.
      const used = (usage) => all.filter(([, other]) => other & usage).length;
      const held = all.filter(([, usage]) => !(usage & (GPUBufferUsage.MAP_READ | GPUBufferUsage.UNIFORM)));
      channel.postMessage({
        buffers: held.length, bytes: held.reduce((sum, [size]) => sum + size, 0),
        staging: used(GPUBufferUsage.MAP_READ), params: used(GPUBufferUsage.UNIFORM), made, gpus,
        wasm: memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
      });
    }
  };
}`;

/** Tells the worker of a page on such a site to end its GPU. */
export const destroy = (page) => page.evaluate(() => {
  const channel = new BroadcastChannel('gpu');
  channel.postMessage('destroy');
  channel.close();
});

/** Takes away what the page has said so far. */
export const dismiss = (page) =>
  page.evaluate(() => document.querySelectorAll('.notice button[aria-label=Dismiss]').forEach((b) => b.click()));

/** Runs the garbage collector of the page's worker. */
export async function collected(page) {
  for (const worker of page.workers()) await worker.client.send('HeapProfiler.collectGarbage');
  await sleep(100);
}

/** What the document holds, once nobody's is gone: what the first collection lets go of, the second one finds. */
export async function inDocument(session) {
  await session.send('HeapProfiler.collectGarbage');
  await sleep(300);
  await session.send('HeapProfiler.collectGarbage');
  const { nodes, jsEventListeners: listeners } = await session.send('Memory.getDOMCounters');
  return { nodes, listeners };
}

/** What the worker counts; null if it does not answer. */
export function counted(page) {
  return page.evaluate(() => new Promise((done) => {
    const channel = new BroadcastChannel('gpu');
    const say = (counts) => {
      channel.close();
      done(counts);
    };
    channel.onmessage = ({ data }) => typeof data === 'object' && say(data);
    channel.postMessage('count');
    setTimeout(() => say(null), 5000);
  }));
}

/** A page that trains on software WebGPU; `lesson` may be a link with a recipe. */
export async function training(browser, site, lesson) {
  const studio = await openStudio(browser, site, 'software', lesson);
  await studio.until('device', (text) => text.startsWith('WebGPU'));
  await studio.press('Train');
  await studio.until('step', (text) => count(text) > 10);
  return studio;
}

/** Steps of the page and when they were first seen, while `going()`. */
export async function watch(studio, going, seen = []) {
  do {
    const now = await studio.page.evaluate(step);
    if (seen.at(-1)?.[1] !== now) seen.push([Date.now(), now]);
    await sleep(10);
  } while (going(seen));
  return seen;
}

/**
 * Breaks the GPU by `breaking()` after some training. How long until training went on, how much of it was lost, in ms, and
 * what the page said.
 */
export async function broken(studio, wait, breaking) {
  const until = Date.now() + wait;
  const seen = await watch(studio, () => Date.now() < until);
  const begun = Date.now();
  await breaking();
  // Steps that were under way may still come; then it falls back, or goes on as if nothing had been.
  await dismiss(studio.page);
  const words = await studio.news((text) => text.includes('took over'));
  const said = Date.now();
  const from = count(words.match(/from step ([\d,]+)/)?.[1] ?? '0');
  const after = await watch(studio, (seen) => seen.at(-1)[1] <= from || seen.length < 2);
  await studio.until('device', (text) => text.startsWith('WebGPU'));
  return {
    back: Math.max(said, after.at(-1)[0]) - begun,
    lost: begun - (seen.find(([, step]) => step > from)?.[0] ?? begun),
    from, words,
  };
}

/** The middle, the 95th percentile and the most of some numbers. */
export function spread(all) {
  const sorted = [...all].sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1], p95: sorted[Math.ceil(0.95 * sorted.length) - 1], most: sorted.at(-1) };
}
