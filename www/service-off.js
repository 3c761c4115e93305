// In place of service.js where the page is being worked on (`cargo xtask serve`): whoever has a service worker from an
// earlier visit to this address is rid of it and of all that it kept.
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(leave()));

async function leave() {
  const own = (await caches.keys()).filter((name) => name.startsWith(`hourglass ${registration.scope} `));
  await Promise.all(own.map((name) => caches.delete(name)));
  await registration.unregister();
  for (const page of await clients.matchAll({ type: 'window' })) await page.navigate(page.url);
}
