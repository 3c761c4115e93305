// Keeps what a fetch brought for visits without a network, in the cache from which www/service.js hands it out if it has
// the sum of the site's catalogue. Here and not there, because on the first visit, when most files are fetched, that
// worker is not there yet.
export function keep(base, answer) {
  // What came out of the service worker's cache is of another type.
  if (!globalThis.caches || answer.type !== 'basic' || !answer.ok || answer.url.endsWith('.json')) return;
  const copy = answer.clone();
  const kept = caches.open(`hourglass ${base} data`).then((cache) => cache.put(copy.url, copy));
  kept.catch((cause) => console.debug(`not kept: ${cause}`));
}
