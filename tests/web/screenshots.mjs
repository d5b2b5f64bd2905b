// Makes the pictures of the documentation: screenshots.mjs FOLDER [URL]. Without URL they show the fleet
// of the tests; with it, a running daemon.

import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {openPage, startBrowser, visit} from './browser.mjs';
import {startServer} from './server.mjs';

const PAGES = [
  ['overview', '#/'],
  ['guardrail', null],
  ['alerts', '#/alerts'],
  ['sources', '#/sources'],
  ['findings', '#/findings'],
  ['config', '#/config'],
];
const SHAPES = [
  ['light', {}],
  ['dark', {scheme: 'dark'}],
  ['narrow', {width: 390, height: 844}],
];

const [folder, url] = process.argv.slice(2);
mkdirSync(folder, {recursive: true});
const server = url ? null : await startServer('firing');
const base = url ?? server.url;
const browser = await startBrowser();
for (const [shape, options] of SHAPES) {
  const {page, close} = await openPage(browser, options);
  await visit(page, `${base}/#/`);
  const guardrail = await page.evaluate(() =>
    document.querySelector('tbody th a')?.getAttribute('href'),
  );
  for (const [name, hash] of PAGES) {
    if (!hash && !guardrail) continue;
    await visit(page, `${base}/${hash ?? guardrail}`);
    await page.screenshot({path: join(folder, `${name}-${shape}.png`), fullPage: true});
  }
  await close();
}
await browser.close();
await server?.stop();
