// A small static server for the built site: `node src/tools/serve.mjs [--base /sub/] [--port N] [--bare]`.
// It listens on this machine alone. `--bare` sends no policy headers, as the plainest host would.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { cameraHeaders, cameraPages, documentHeaders, everyHeaders, scriptHeaders } from './policy.mjs';
import { root } from './project.mjs';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * @typedef {object} ServeOptions
 * @property {string} [folder] Folder to serve, `build/` when absent.
 * @property {string} [base] Sub-path with both slashes, `/` when absent.
 * @property {number} [port] First port to try; 0 takes any free one.
 * @property {boolean} [bare] No policy headers.
 * @property {(path: string) => void} [onRequest] Told of every request.
 */

/**
 * Starts the server on this machine; answers when it listens.
 * @param {ServeOptions} [options]
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve(options = {}) {
  const base = options.base ?? '/';
  const folder = options.folder ?? join(root, 'build');
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    options.onRequest?.(path);
    answer(request, response, path, { base, folder, bare: options.bare === true });
  });
  const port = await listen(server, options.port ?? 4173);
  return {
    url: `http://localhost:${port}${base}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} path
 * @param {{ base: string, folder: string, bare: boolean }} site
 */
function answer(request, response, path, site) {
  const headers = site.bare ? {} : { ...everyHeaders };
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return end(response, 405, headers, 'Only GET and HEAD.\n');
  if (!path.startsWith(site.base)) return end(response, 404, headers, 'Not here.\n');
  const file = find(site.folder, path.slice(site.base.length));
  if (file === null) return end(response, 404, headers, 'Not here.\n');
  const type = types[/** @type {keyof typeof types} */ (extname(file))] ?? 'application/octet-stream';
  response.writeHead(200, {
    ...headers,
    ...(site.bare ? {} : headersOf(file)),
    'Content-Type': type,
    'Content-Length': statSync(file).size,
    'Cache-Control': file.includes(`${sep}immutable${sep}`)
      ? 'public, max-age=31536000, immutable'
      : 'no-cache',
  });
  if (request.method === 'HEAD') response.end();
  else createReadStream(file).pipe(response);
}

/** @param {string} file */
function headersOf(file) {
  if (cameraPages.some((name) => file.endsWith(sep + name))) return cameraHeaders;
  if (file.endsWith('.html')) return documentHeaders;
  if (file.endsWith('service-worker.js')) return scriptHeaders.serviceWorker;
  return /[\\/]workers[\\/]/.test(file) ? scriptHeaders.worker : {};
}

/**
 * The file that an address names: itself, with `.html`, or the `index.html` of a folder.
 * @param {string} folder
 * @param {string} path
 */
function find(folder, path) {
  let plain;
  try {
    plain = decodeURIComponent(path);
  } catch {
    return null;
  }
  const full = normalize(join(folder, plain));
  if (plain.includes('\0') || (full !== normalize(folder) && !full.startsWith(normalize(folder) + sep))) {
    if (full !== normalize(folder + sep)) return null;
  }
  const candidates =
    plain === '' || plain.endsWith('/') ? [join(full, 'index.html')] : [full, `${full}.html`];
  return candidates.find((one) => existsSync(one) && statSync(one).isFile()) ?? null;
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {Record<string, string>} headers
 * @param {string} text
 */
function end(response, status, headers, text) {
  response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(text);
}

/**
 * @param {import('node:http').Server} server
 * @param {number} first
 * @returns {Promise<number>}
 */
function listen(server, first) {
  return new Promise((resolve, reject) => {
    let port = first;
    server.on('error', (error) => {
      const taken = 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || port >= first + 50) return reject(error);
      port += 1;
      server.listen(port, 'localhost');
    });
    server.on('listening', () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : port);
    });
    server.listen(port, 'localhost');
  });
}

/**
 * Reads the options of the command line.
 * @param {readonly string[]} args
 * @returns {ServeOptions}
 */
export function serveOptions(args) {
  const value = (/** @type {string} */ name) => {
    const at = args.indexOf(name);
    return at < 0 ? undefined : args[at + 1];
  };
  const base = value('--base');
  return {
    port: Number(value('--port') ?? process.env.PORT ?? 4173),
    bare: args.includes('--bare'),
    ...(base === undefined ? {} : { base: `/${base.replace(/^\/+|\/+$/g, '')}/`.replace('//', '/') }),
  };
}

if (process.argv[1] === join(root, 'src', 'tools', 'serve.mjs')) {
  const { url } = await serve(serveOptions(process.argv.slice(2)));
  console.log(url);
}
