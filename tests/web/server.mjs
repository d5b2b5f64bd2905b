// Serves the page's files and tells one of the stories of fixtures/stories.mjs as the daemon would.

import {createServer} from 'node:http';
import {readFileSync} from 'node:fs';
import {AT} from './fixtures/fleet.mjs';
import {STORIES} from './fixtures/stories.mjs';

const ROOT = new URL('../../', import.meta.url);
const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

// The policy that the daemon sends, read where it is written.
const POLICY = [
  ...readFileSync(new URL('lib/expose/web_assets.h', ROOT), 'utf8')
    .match(/kContentSecurityPolicy =([^;]*;.*?)";\n/s)[1]
    .matchAll(/"([^"\n]*)"?/g),
]
  .map(m => m[1])
  .join('')
  .trim();

// {url, tell(story), stop()}; `stop` drops open connections too, as a daemon that died would.
export async function startServer(story) {
  let answers = STORIES[story];
  const server = createServer((request, response) => {
    const {pathname, searchParams} = new URL(request.url, 'http://localhost');
    const send = (code, type, body) =>
      response
        .writeHead(code, {
          'content-type': type,
          'content-security-policy': POLICY,
          'x-content-type-options': 'nosniff',
          date: new Date(AT).toUTCString(),
        })
        .end(body);
    const endpoint = pathname.startsWith('/api/v1/') && answers[pathname.slice('/api/v1/'.length)];
    if (endpoint) return send(200, 'application/json', JSON.stringify(endpoint(searchParams)));
    try {
      const name = pathname === '/' ? 'index.html' : pathname.slice(1);
      return send(
        200,
        TYPES[name.split('.').at(-1)],
        readFileSync(new URL(`lib/expose/web/${name}`, ROOT)),
      );
    } catch {
      return send(
        404,
        'application/json',
        '{"error":{"code":"not_found","message":"no such page"}}',
      );
    }
  });
  server.sendDate = false;
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    policy: POLICY,
    tell: name => {
      answers = STORIES[name];
    },
    stop: () =>
      new Promise(resolve => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
