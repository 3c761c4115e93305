// What page, worker and GPU process hold, and whether it grows.

import { readFileSync } from 'node:fs';
import { collected, counted, inDocument } from '../spoiled.mjs';

const MIB = 1 << 20;
/** Growth is judged after so many minutes: until then caches fill. */
const WARM = 10;
/** Bytes per hour. */
const MOST = MIB;
/** Nodes of the document per hour: a lesson that is kept when it was left has a thousand. */
const MOST_NODES = 200;

/** What is held in bytes, and may not grow. */
const HELD = ['gpuBytes', 'wasm', 'heapPage', 'heapWorker', 'rssGpu', 'rssPage'];

/** Resident bytes of processes that are their own: pages of the program itself come as it is used, and are everyone's. */
function resident(ids) {
  const of = (id) => {
    // A process may end between the list and the look.
    try {
      const own = readFileSync(`/proc/${id}/status`, 'utf8').matchAll(/Rss(?:Anon|Shmem):\s+(\d+)/g);
      return [...own].reduce((sum, [, kib]) => sum + 1024 * Number(kib), 0);
    } catch {
      return 0;
    }
  };
  return ids.reduce((sum, id) => sum + of(id), 0);
}

/** The inspector keeps the bodies of answers for whoever might ask, ten MiB for MNIST each time: it lets go of them. */
async function withoutBodies(page) {
  await Promise.all(page.workers().map((worker) => worker.client.send('Network.disable').catch(() => {})));
  const inspector = page._client();
  await inspector.send('Network.disable');
  await inspector.send('Network.enable');
}

/** Everything, as it is now: the page is at rest. */
export async function measured({ studio, cdp, page }) {
  await withoutBodies(studio.page);
  const { nodes } = await inDocument(page);
  await collected(studio.page);
  const { buffers, bytes, staging, params, made, gpus, wasm } = (await counted(studio.page)) ?? {};
  const heap = async (session) => (await session.send('Runtime.getHeapUsage')).usedSize;
  const workers = await Promise.all(studio.page.workers().map((worker) => heap(worker.client).catch(() => 0)));
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  const of = (kind) => processInfo.filter(({ type }) => type === kind).map(({ id }) => id);
  return {
    buffers, nodes, gpuBytes: bytes, staging, params, made, generation: gpus, wasm,
    heapPage: await heap(page), heapWorker: workers.reduce((sum, size) => sum + size, 0),
    rssGpu: resident(of('GPU')), rssPage: resident(of('renderer')),
    errors: studio.faults.length,
  };
}

/** The line through these points by least squares: how steep it is, and how sure that is. */
export function slope(points) {
  const n = points.length;
  if (n < 3) return { steep: 0, unsure: Infinity };
  const mean = (of) => points.reduce((sum, point) => sum + of(point), 0) / n;
  const [x, y] = [mean(([x]) => x), mean(([, y]) => y)];
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  const steep = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread;
  const rest = points.reduce((sum, point) => sum + (point[1] - y - steep * (point[0] - x)) ** 2, 0);
  return { steep, unsure: Math.sqrt(rest / (n - 2) / spread) };
}

/** Of the lines after the first minutes. */
const warm = (lines) => lines.filter(({ minutes }) => minutes >= WARM);

/** Growth of a figure per hour. */
const growth = (lines, name) => slope(warm(lines).map((line) => [line.minutes / 60, line[name]]));

/** The rules that were broken, in words. */
export function judged(lines, faults, broke) {
  const broken = [];
  if (broke) broken.push(`it did not go on: ${broke.message}`);
  faults.forEach((fault) => broken.push(`the console is not silent: ${fault}`));
  const counts = new Set(warm(lines).map(({ buffers }) => buffers));
  if (counts.size > 1) broken.push(`the same network has ${[...counts].join(', ')} buffers`);
  const nodes = growth(lines, 'nodes');
  if (nodes.steep - 2 * nodes.unsure > MOST_NODES) broken.push(`the document grows by ${nodes.steep.toFixed(0)} nodes per hour`);
  for (const name of HELD) {
    const { steep, unsure } = growth(lines, name);
    // What a line may be by chance is no growth.
    if (steep - 2 * unsure > MOST) broken.push(`${name} grows by ${(steep / MIB).toFixed(2)} MiB per hour`);
  }
  return broken;
}

/** First, last and growth of each figure. */
export function table(lines) {
  const rest = warm(lines);
  if (rest.length === 0) return `nothing was measured after the first ${WARM} minutes`;
  const rows = ['buffers', 'nodes', 'staging', 'params', ...HELD].map((name) => {
    const bytes = HELD.includes(name);
    const show = (value) => (bytes ? `${(value / MIB).toFixed(2)} MiB` : value.toFixed(1));
    const { steep, unsure } = growth(lines, name);
    const [first, last] = [rest[0], rest.at(-1)].map((line) => show(line[name]));
    return [name, first, last, show(steep), Number.isFinite(unsure) ? `± ${show(2 * unsure)}` : ''];
  });
  const all = [['', `minute ${rest[0].minutes.toFixed(0)}`, `minute ${rest.at(-1).minutes.toFixed(0)}`, 'per hour', ''], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const text = all.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  '));
  const last = lines.at(-1);
  return `${text.join('\n')}\n${last.generation} GPUs, ${last.made} buffers were made, ${lines.length} lines`;
}
