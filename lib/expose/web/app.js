// Asks the daemon every few seconds, and shows the page that the address names.

import * as api from './api.js';
import * as alertsPage from './alerts.js';
import * as budgetPage from './budget.js';
import * as findingsPage from './findings.js';
import * as guardrailPage from './guardrail.js';
import * as overviewPage from './overview.js';
import * as sourcesPage from './sources.js';
import {clock, relative, timeOf} from './format.js';
import {h, morph} from './dom.js';
import {isFiring, overallVerdict, seriesOf} from './verdict.js';

const REFRESH_MS = 5_000;
const MOST_COHORTS = 5; // Firing cohort alerts that are shown with their interval.
const PAGES = {
  '': overviewPage,
  guardrail: guardrailPage,
  alerts: alertsPage,
  findings: findingsPage,
  budget: budgetPage,
  sources: sourcesPage,
  config: sourcesPage.configPage,
};

const view = {model: null, data: null, route: null, error: null, fetched: null, turn: 0};

// "#/guardrail/gateway/toxicity/hate?window=1h" as {name, parts, query, path}.
function routeOf(hash) {
  const [path, query = ''] = hash.replace(/^#/, '').split(/\?(.*)/s);
  const decode = part => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  };
  const [name = '', ...parts] = path.split('/').slice(1).map(decode);
  return {
    name: name in PAGES ? name : '',
    parts,
    query: Object.fromEntries(new URLSearchParams(query)),
    path: path || '/',
  };
}

async function readModel() {
  const [status, alerts, findings, guardrails, windows] = await Promise.all([
    api.status(),
    api.alerts(),
    api.findings(),
    api.guardrails(),
    api.wholeWindows(),
  ]);
  const cohorts = await Promise.all(
    alerts
      .filter(a => isFiring(a) && a.labels?.dimension)
      .slice(0, MOST_COHORTS)
      .map(a => api.cohortWindows(a.labels)),
  );
  return {
    status,
    alerts,
    findings,
    guardrails,
    windows: [...windows, ...cohorts.flat()],
    series: seriesOf(windows),
    epochs: api.epochsOf(guardrails),
    now: api.now(),
  };
}

async function refresh() {
  const turn = ++view.turn;
  const route = routeOf(location.hash);
  let next;
  try {
    const model = await readModel();
    next = {
      model,
      data: await PAGES[route.name].load(model, route),
      route,
      error: null,
      fetched: Date.now(),
    };
  } catch (error) {
    next = {error};
  }
  if (turn !== view.turn) return; // A newer question was asked meanwhile.
  const moved = next.route && view.route && next.route.path !== view.route.path;
  Object.assign(view, next);
  render();
  if (moved) {
    scrollTo(0, 0);
    document.querySelector('main h1')?.focus({preventScroll: true});
  }
}

function banner() {
  const unreachable = view.error && !view.error.reached;
  if (view.error) {
    const age = view.fetched
      ? ` What is shown is from ${clock(view.fetched, Date.now(), true)} UTC, ${relative(view.fetched, Date.now())}.`
      : '';
    const what =
      unreachable || !(view.error instanceof api.ApiError)
        ? 'The daemon cannot be reached'
        : 'The daemon answers with an error';
    const detail = view.error instanceof api.ApiError ? view.error.message : String(view.error);
    return {
      level: 'unknown',
      headline: what,
      notes: [`${detail}.${age} Trying again every ${REFRESH_MS / 1000} s.`],
    };
  }
  return overallVerdict(view.model);
}

function renderBanner(verdict) {
  const bar = document.getElementById('banner');
  const fresh = h(
    'div',
    {id: 'banner', role: 'status', 'aria-live': 'polite'},
    h(
      `div.verdict.${verdict.level}`,
      {},
      h('span.lamp', {'aria-hidden': 'true'}),
      h(
        'div',
        {},
        h('p.headline', {}, verdict.headline),
        verdict.notes.map(note => h('p', {}, note)),
      ),
    ),
  );
  morph(bar, fresh);
}

function renderFrame(verdict) {
  const firing = view.error ? 0 : view.model.alerts.filter(isFiring).length;
  const mark = view.error ? '(?) ' : firing ? `(${firing} firing) ` : '';
  document.title = `${mark}guardwatch`;
  document.body.dataset.level = verdict.level;
  document.body.classList.toggle('stale', Boolean(view.error));
  const name = view.route?.name === 'guardrail' ? '' : (view.route?.name ?? '');
  for (const link of document.querySelectorAll('#nav a')) {
    if (link.getAttribute('href') === `#/${name}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const at = view.model?.status.at ?? view.fetched;
  document.getElementById('clock').textContent = at
    ? `as of ${clock(timeOf(at) ?? at, api.now(), true)} UTC`
    : '';
}

function render() {
  const verdict = banner();
  renderBanner(verdict);
  renderFrame(verdict);
  if (view.model) {
    const main = document.getElementById('main');
    const style = getComputedStyle(main);
    const width = main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const content = PAGES[view.route.name].render(
      view.model,
      view.data,
      view.route,
      Math.floor(width),
    );
    morph(
      main,
      h('main', {id: 'main', tabindex: -1}, h('div', {'data-key': view.route.path}, content)),
    );
  }
  document.body.dataset.ready = '1';
}

let timer;
async function tick() {
  clearTimeout(timer);
  if (!document.hidden) await refresh();
  clearTimeout(timer);
  timer = setTimeout(tick, REFRESH_MS);
}

addEventListener('hashchange', tick);
addEventListener('resize', () => view.model && requestAnimationFrame(render));
document.addEventListener('visibilitychange', () => !document.hidden && tick());
document.querySelector('.skip').addEventListener('click', event => {
  event.preventDefault();
  document.getElementById('main').focus();
});
tick();
