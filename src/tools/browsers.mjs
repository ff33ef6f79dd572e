// Finds the three browsers of the tests, and installs them where that is possible without asking:
// named by an environment variable, installed, Debian's package when root, Playwright's Chromium.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { binary, root } from './project.mjs';

/** @typedef {'chromium' | 'firefox' | 'webkit'} EngineName */
/** @typedef {{ path: string | null, advice: string }} Found `path` is null when the engine is absent; `advice` says what to do. */

/** @type {readonly EngineName[]} */
export const engines = ['chromium', 'firefox', 'webkit'];

const places = {
  chromium: {
    variables: ['CHROMIUM_PATH', 'CHROME_PATH'],
    names: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    fixed: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    ],
    packages: ['chromium'],
    advice: 'install Chromium or Chrome, or set CHROMIUM_PATH',
  },
  firefox: {
    variables: ['FIREFOX_PATH'],
    names: ['firefox-esr', 'firefox'],
    fixed: [
      '/Applications/Firefox.app/Contents/MacOS/firefox',
      'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
    ],
    packages: ['firefox-esr'],
    advice: 'install Firefox 128 or newer, or set FIREFOX_PATH',
  },
  webkit: {
    variables: ['WEBKIT_DRIVER_PATH'],
    names: ['WebKitWebDriver'],
    fixed: ['/usr/lib/webkit2gtk-4.1/WebKitWebDriver'],
    packages: ['webkit2gtk-driver', 'xvfb'],
    advice: 'install webkit2gtk-driver and xvfb (Linux only), or set WEBKIT_DRIVER_PATH',
  },
};

/**
 * Finds every engine, installing what can be installed.
 * @returns {Promise<Record<EngineName, Found>>}
 */
export async function findBrowsers() {
  const found = { chromium: present('chromium'), firefox: present('firefox'), webkit: present('webkit') };
  const missing = engines.filter((engine) => found[engine] === null);
  if (missing.length > 0 && mayInstall()) {
    installDebian(missing.flatMap((engine) => places[engine].packages));
    for (const engine of missing) found[engine] = present(engine);
  }
  if (found.chromium === null && mayDownload()) found.chromium = downloadChromium();
  return /** @type {Record<EngineName, Found>} */ (
    Object.fromEntries(
      engines.map((engine) => [engine, { path: found[engine], advice: places[engine].advice }]),
    )
  );
}

/**
 * Path of an engine that is there already, else null. For WebKit it is the path of its driver.
 * @param {EngineName} engine
 * @returns {string | null}
 */
export function present(engine) {
  const { variables, names, fixed } = places[engine];
  for (const variable of variables) {
    const value = process.env[variable];
    if (value === undefined || value === '') continue;
    if (existsSync(value)) return value;
    console.warn(`${variable} names ${value}, which does not exist.`);
  }
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((one) => existsSync(one));
  const path = onPath ?? fixed.find((one) => existsSync(one)) ?? null;
  // WebKit runs on a screen of its own; without Xvfb or a display there is none.
  if (engine === 'webkit' && path !== null && !hasDisplay()) return null;
  return path;
}

function hasDisplay() {
  return (
    Boolean(process.env.DISPLAY) || spawnSync('Xvfb', ['-help'], { stdio: 'ignore' }).error === undefined
  );
}

/** Debian itself: Ubuntu's packages of these names are stubs for another installer. */
function mayInstall() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version') || !existsSync('/etc/os-release'))
    return false;
  return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/** @param {readonly string[]} packages */
function installDebian(packages) {
  console.log(`Installing ${packages.join(', ')} with apt-get …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      stdio: 'inherit',
      env,
    });
  } catch {
    console.warn('apt-get could not install them.');
  }
}

function mayDownload() {
  return !process.env.PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD;
}

/** @returns {string | null} */
function downloadChromium() {
  console.log('Installing Chromium with Playwright …');
  const { status } = spawnSync(process.execPath, [binary('playwright'), 'install', 'chromium'], {
    stdio: 'inherit',
    cwd: root,
  });
  if (status !== 0) return null;
  const path = spawnSync(
    process.execPath,
    ['-e', "import('playwright').then(({ chromium }) => console.log(chromium.executablePath()))"],
    { cwd: root, encoding: 'utf8' },
  ).stdout.trim();
  return existsSync(path) ? path : null;
}
