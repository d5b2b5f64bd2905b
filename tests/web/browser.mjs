// Debian's Chromium, driven by the playwright-core that scripts/setup installed.

import {createRequire} from 'node:module';
import {existsSync, readdirSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function findPlaywright() {
  const folder = process.env.GUARDWATCH_DEPS || join(homedir(), '.cache', 'guardwatch');
  const names = existsSync(folder)
    ? readdirSync(folder)
        .filter(n => n.startsWith('playwright-core-'))
        .sort()
    : [];
  for (const name of names.reverse()) {
    try {
      return createRequire(join(folder, name, 'package.json'))('playwright-core');
    } catch {
      continue;
    }
  }
  return null;
}

// A browser with a profile of its own; prints why and exits with 77 where there is none to be had.
export async function startBrowser() {
  const playwright = findPlaywright();
  const missing = !playwright ? 'playwright-core' : !existsSync(CHROMIUM) ? CHROMIUM : null;
  if (missing) {
    console.log(`SKIPPED: ${missing} is not installed; run scripts/setup`);
    process.exit(77);
  }
  return playwright.chromium.launch({executablePath: CHROMIUM, args: ARGUMENTS});
}

// A page that keeps what it complains about, errors of the console and of the policy alike.
export async function openPage(browser, {scheme = 'light', width = 1280, height = 900} = {}) {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: {width, height},
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', error => complaints.push(String(error)));
  await page.addInitScript(() =>
    addEventListener('securitypolicyviolation', event =>
      console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`),
    ),
  );
  return {page, complaints, close: () => context.close()};
}

// The page at `address` once it has shown its first complete answer.
export async function visit(page, address) {
  await page.goto('about:blank');
  await page.goto(address);
  await page.waitForSelector('body[data-ready="1"]');
}
