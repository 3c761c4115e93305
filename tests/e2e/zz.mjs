import { chromium, eventually, newPage, started } from './browsers.mjs';
import { serve } from './site.mjs';
import { openStudio } from './studio.mjs';
const site = await serve();
const browser = await chromium({ webgpu: true, more: ['--disable-domain-blocking-for-3d-apis', '--disable-gpu-process-crash-limit'] });
const studio = await openStudio(browser, site, 'software');
await studio.until('device', (t) => t.startsWith('WebGPU'));
await studio.press('Train');
await studio.until('step', (t) => Number(t.replaceAll(',','')) > 10);
const cdp = await browser.target().createCDPSession();
for (let k = 0; k < 4; k++) {
  await new Promise((d) => setTimeout(d, 2000));
  const t = Date.now();
  await cdp.send('Browser.crashGpuProcess').catch(() => {});
  let last = '';
  while (Date.now() < t + 6000) {
    const now = await studio.page.evaluate(() => document.querySelector('[data-testid=device]').textContent + ' | ' + document.querySelector('[data-testid=step]').textContent + ' | ' + document.querySelectorAll('.notice').length);
    if (now !== last) console.log(Date.now() - t, now);
    last = now;
    await new Promise((d) => setTimeout(d, 20));
  }
  console.log(await studio.page.evaluate(() => document.querySelector('.notices').textContent));
}
await browser.close(); await site.close();
