// The service worker: after the first visit the site works without a network. `cargo xtask finish` puts the build's
// name and its files with their sums in front of this. All files of a page come from the cache of one build; another
// build waits in a cache of its own until the visitor asks for it.
/* global BUILD, FILES */

const HERE = registration.scope;
const PREFIX = `hourglass ${HERE} page `;
const PAGE = PREFIX + BUILD;
// Data sets outlive builds: their names carry their sums. The engine puts them here when it has fetched them.
const DATA = `hourglass ${HERE} data`;
const CATALOGUE = 'data/catalogue.json';
// A set that is no larger comes with the page; others when the visitor has fetched them.
const SMALL = 4e6;

addEventListener('install', (event) => event.waitUntil(fill()));
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  const path = pathOf(event.request);
  if (path === null) return;
  if (Object.hasOwn(FILES, path)) event.respondWith(own(path));
  else if (path.startsWith('data/')) event.respondWith(data(path, event.request));
  // A page of the build before, still open in another tab.
  else event.respondWith(caches.match(event.request, { ignoreSearch: true }).then((kept) => kept ?? fetch(event.request)));
});
addEventListener('message', (event) => {
  const { verb, slug } = event.data;
  if (verb === 'build') event.ports[0].postMessage(BUILD);
  if (verb === 'use') event.waitUntil(skipWaiting());
  const answer = (found) => event.ports[0].postMessage(found);
  if (verb === 'settle') event.waitUntil(settle().catch(() => {}));
  if (verb === 'keep') event.waitUntil(keep(slug).then(answer));
  if (verb === 'kept') event.waitUntil(kept().then(answer));
});

/** Fetches the whole build, each file held to its sum: all of it or, while a host is being updated, nothing. */
async function fill() {
  const cache = await caches.open(PAGE);
  const names = Object.keys(FILES);
  const next = async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      if (!(await cache.match(HERE + name))) await cache.put(HERE + name, await sound(name));
    }
  };
  await Promise.all([next(), next(), next(), next()]);
}

/** A file of this build from the network. Built anew, because a redirected answer may not open a page. */
async function sound(name) {
  const answer = await fetch(HERE + name, { integrity: FILES[name], cache: 'no-cache' });
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return copy(await answer.arrayBuffer(), answer);
}

function copy(bytes, answer) {
  return new Response(bytes, { headers: { 'content-type': answer.headers.get('content-type') ?? '' } });
}

/** The part of an address below the site, if it is one that this worker answers. */
function pathOf({ method, url, mode }) {
  const address = url.split(/[?#]/)[0];
  if (method !== 'GET' || !address.startsWith(HERE)) return null;
  const path = decodeURI(address.slice(HERE.length));
  return path === '' && mode === 'navigate' ? 'index.html' : path;
}

async function own(name) {
  const cache = await caches.open(PAGE);
  const kept = await cache.match(HERE + name);
  if (kept) return kept;
  // A browser short of space may have dropped it.
  const fetched = await sound(name);
  await cache.put(HERE + name, fetched.clone());
  return fetched;
}

/** The sets of the site's catalogue; none if it has no data. */
async function sets() {
  const kept = await caches.match(HERE + CATALOGUE, { cacheName: PAGE });
  return kept ? (await kept.json()).sets : [];
}

async function filesOf(wanted) {
  return (await sets()).filter(wanted).flatMap(({ files }) => files);
}

async function data(path, request) {
  const cache = await caches.open(DATA);
  const kept = await cache.match(request.url);
  if (kept) {
    const [file] = (await filesOf(() => true)).filter((file) => `data/${file.path}` === path);
    const bytes = await kept.arrayBuffer();
    if (file && (await fits(bytes, file))) return copy(bytes, kept);
    await cache.delete(request.url);
  }
  return fetch(request);
}

/** A host may have sent the file as it lies there, or unpacked. */
async function fits(bytes, { sha256, raw_sha256 }) {
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hex = Array.from(sum, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex === sha256 || hex === raw_sha256;
}

async function bring(files) {
  const cache = await caches.open(DATA);
  for (const file of files) {
    const address = `${HERE}data/${file.path}`;
    if (await cache.match(address)) continue;
    const answer = await fetch(address);
    const bytes = await answer.arrayBuffer();
    if (!answer.ok || !(await fits(bytes, file))) throw new Error(`${file.path} is not what the catalogue lists`);
    await cache.put(address, copy(bytes, answer));
  }
}

/** The names of the sets that are here, whole. */
async function kept() {
  const cache = await caches.open(DATA);
  const here = (await cache.keys()).map(({ url }) => url);
  const whole = ({ files }) => files.every(({ path }) => here.includes(`${HERE}data/${path}`));
  return (await sets()).filter(whole).map((set) => set.slug);
}

const keep = (slug) => filesOf((set) => set.slug === slug).then(bring).then(() => true, () => false);

/** Whether nobody needs another build: no other page, of which one that is being left counts for a moment, and none that
 * waits to be asked for. */
async function alone() {
  for (let looks = 0; looks < 10; looks++) {
    const open = await clients.matchAll({ type: 'window' });
    if (open.length <= 1 && !registration.waiting && !registration.installing) return true;
    await new Promise((done) => setTimeout(done, 300));
  }
  return false;
}

/** A page of this build is open: what was kept for others goes, and small data sets come. */
async function settle() {
  if (await alone()) {
    const stale = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== PAGE);
    await Promise.all(stale.map((name) => caches.delete(name)));
    const listed = (await filesOf(() => true)).map((file) => `${HERE}data/${file.path}`);
    const cache = await caches.open(DATA);
    const gone = (await cache.keys()).filter(({ url }) => !listed.includes(url));
    await Promise.all(gone.map((request) => cache.delete(request)));
  }
  if (navigator.connection?.saveData) return;
  await bring(await filesOf(({ files }) => files.reduce((sum, { bytes }) => sum + bytes, 0) <= SMALL));
}
