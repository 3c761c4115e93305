// The built site, served from memory of nothing: a static host with a sub-path, as unhelpful as hosts are.

import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** What `cargo xtask build` made. */
export const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/** Where the tests put it: nobody's root. */
export const SUB_PATH = '/any/sub/path/';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
  // As files, not as an encoding: the page must unpack them itself.
  '.gz': 'application/gzip',
};

/**
 * Serves `dist/` under SUB_PATH on a free port. `hold(ending)` keeps answers back until its result is called; `replaced`
 * has the texts that are served in place of files. `compressed`: text and code are sent as most hosts send them, and may
 * be kept, and come at `rate` bytes a second each.
 */
export async function serve({ compressed = false, rate = Infinity } = {}) {
  if (!existsSync(join(DIST, 'index.html'))) {
    throw new Error(`${DIST} holds no site: run \`cargo xtask build\` first`);
  }
  let held = null;
  const replaced = new Map();
  // Once, and not beside a browser that shares this machine's processor.
  const packed = new Map();
  const pack = (file) => packed.get(file) ?? packed.set(file, gzipSync(readFileSync(file))).get(file);
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const file = path.startsWith(SUB_PATH) ? fileFor(path.slice(SUB_PATH.length) || 'index.html') : null;
    if (!file) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`nothing at ${path}\n`);
      return;
    }
    if (held && file.endsWith(held.ending)) await held.until;
    const text = replaced.get(relative(DIST, file));
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    if (compressed && /^(text|application\/(json|wasm|manifest))|svg/.test(type)) {
      const small = text === undefined ? pack(file) : gzipSync(text);
      response.writeHead(200, { 'content-type': type, 'content-length': small.length, 'content-encoding': 'gzip', 'cache-control': 'max-age=600' });
      if (request.method !== 'HEAD') await trickle(response, small, rate);
      response.end();
      return;
    }
    response.writeHead(200, {
      'content-type': type,
      'content-length': text === undefined ? statSync(file).size : Buffer.byteLength(text),
      'cache-control': 'no-store',
    });
    if (request.method === 'HEAD') response.end();
    else if (text !== undefined) response.end(text);
    else createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://localhost:${server.address().port}`;
  return {
    origin,
    address: origin + SUB_PATH,
    replaced,
    hold(ending) {
      let release;
      held = { ending, until: new Promise((done) => (release = done)) };
      return () => {
        held = null;
        release();
      };
    },
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

async function trickle(response, bytes, rate) {
  const PIECE = 1 << 14;
  const start = performance.now();
  for (let at = 0; at < bytes.length && !response.destroyed; at += PIECE) {
    const wait = (1000 * at) / rate - (performance.now() - start);
    if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    response.write(bytes.subarray(at, at + PIECE));
  }
}

function fileFor(path) {
  const file = resolve(DIST, normalize(path));
  return file.startsWith(DIST + sep) && existsSync(file) && statSync(file).isFile() ? file : null;
}

/** Whether the site's catalogue lists this data set: `mnist`, `ecg5000`, or any if none is named. */
export function hasData(set) {
  const catalogue = join(DIST, 'data', 'catalogue.json');
  if (!existsSync(catalogue)) return false;
  return JSON.parse(readFileSync(catalogue, 'utf8')).sets.some(({ slug }) => set === undefined || slug === set);
}

/**
 * For the options of a test that needs a data set: the reason why it does not run, or `false`. Where the data are
 * required the test runs all the same, and fails by what is missing.
 */
export function skipWithout(set) {
  if (hasData(set) || process.env.REQUIRE_DATA === '1') return false;
  return `no ${set} in this site: put it there by HOURGLASS_DATA=FOLDER cargo xtask build`;
}
