// The first screen: what is wrong, then every guardrail, worst first.

import * as api from './api.js';
import {findingList} from './findings.js';
import {alertCard} from './alerts.js';
import {noiseWords} from './calibration.js';
import {sparkline} from './charts.js';
import {h} from './dom.js';
import {
  MISSING,
  count,
  countNode,
  plural,
  statisticNode,
  statisticText,
  timeOf,
  unitName,
  windowText,
} from './format.js';
import {chip, unitAddress} from './parts.js';
import {LEVELS, byUrgency, currentWindow, labelWindow, unitVerdict} from './verdict.js';

const HOUR = 3_600_000;
const TREND_STEP = 2 * 60_000;

// Trends of all units in one question; without them the table still stands.
export async function load(model) {
  const ends = model.status.sources.map(s => timeOf(s.sealed_through)).filter(t => t !== null);
  if (!ends.length) return {trends: []};
  const to = Math.max(...ends);
  const from = to - HOUR;
  const trends = await api
    .series('fail_rate', new Date(from).toISOString(), new Date(to).toISOString(), '2m')
    .catch(error => {
      if (!error.reached) throw error;
      return [];
    });
  return {trends, from, to};
}

function statisticCell(label, name, window, extra) {
  const statistic = window?.statistics?.[name];
  const {interval, reason} = statisticText(name, statistic);
  return h(
    'td.value',
    {'data-label': label},
    h('span.main', {}, statisticNode(name, statistic)),
    h(
      'span.sub',
      {},
      interval || (statistic?.value == null ? reason : ''),
      extra && h('span', {}, extra),
    ),
  );
}

function sameSeries(a, b) {
  return (
    api.sameUnit(a, b) &&
    a.model_version === b.model_version &&
    (a.variant ?? 'live') === (b.variant ?? 'live')
  );
}

function row(one, verdict, data, several) {
  const current = currentWindow(one);
  const labels = labelWindow(one);
  const trend = data.trends.find(t => sameSeries(t, one));
  return h(
    'tr',
    {'data-key': one.key},
    h('td', {'data-label': 'State'}, chip(verdict)),
    h(
      'th',
      {scope: 'row'},
      h('a', {href: unitAddress(one)}, unitName(one)),
      h(
        'span.sub',
        {},
        [several && one.source, one.model_version, one.variant === 'candidate' && 'candidate']
          .filter(Boolean)
          .join(' · '),
      ),
    ),
    statisticCell('Fail rate', 'fail_rate', current),
    h(
      'td.trend',
      {'data-label': 'Last hour'},
      data.from &&
        sparkline({
          statistic: 'fail_rate',
          series: trend,
          from: data.from,
          to: data.to,
          step: TREND_STEP,
        }),
    ),
    statisticCell('Near threshold', 'band_share', current),
    statisticCell('ECE', 'ece', labels, noiseWords(labels)),
    h(
      'td.value',
      {'data-label': 'Labels'},
      h('span.main', {}, labels ? countNode(labels.labels.labeled, 'labeled') : MISSING),
      h(
        'span.sub',
        {},
        labels
          ? `${windowText(labels.window)} ${labels.view === 'matured' ? 'matured' : 'provisional'}`
          : 'no labels',
      ),
    ),
    h(
      'td.value',
      {'data-label': 'Events'},
      h('span.main', {}, countNode(current?.counts?.scored ?? current?.counts?.decided, 'scored')),
      current?.counts?.errors > 0 && h('span.sub', {}, plural(current.counts.errors, 'error')),
    ),
  );
}

function guardrailTable(model, data) {
  const rows = model.series.map(one => ({
    one,
    verdict: unitVerdict(one, currentWindow(one), model),
  }));
  rows.sort(
    (a, b) =>
      LEVELS.indexOf(a.verdict.level) - LEVELS.indexOf(b.verdict.level) ||
      unitName(a.one).localeCompare(unitName(b.one)) ||
      (a.one.variant ?? '').localeCompare(b.one.variant ?? '') * -1,
  );
  const window = windowText(rows.map(r => currentWindow(r.one)?.window).find(Boolean));
  const several = model.status.sources.length > 1;
  if (!rows.length)
    return h(
      'p.muted',
      {},
      'No guardrail has sent an event yet. Sources shows what is being read.',
    );
  return h(
    'table.cards',
    {},
    h('caption.unseen', {}, 'Guardrails, worst first'),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', {scope: 'col'}, 'State'),
        h('th', {scope: 'col'}, 'Guardrail'),
        [
          'Fail rate',
          'Last hour',
          'Near threshold',
          'ECE',
          'Labels',
          `Events${window ? `, ${window}` : ''}`,
        ].map(text =>
          h('th', {scope: 'col', class: text === 'Last hour' ? 'trend' : 'value'}, text),
        ),
      ),
    ),
    h(
      'tbody',
      {},
      rows.map(r => row(r.one, r.verdict, data, several)),
    ),
  );
}

export function render(model, data) {
  const open = model.alerts
    .filter(a => a.state === 'firing' || a.state === 'pending')
    .sort(byUrgency);
  const findings = model.findings.filter(f => f.severity !== 'info');
  const shown = open.slice(0, 5);
  return [
    h('h1.unseen', {tabindex: -1}, 'Overview'),
    open.length > 0 &&
      h(
        'section',
        {'aria-labelledby': 'open-alerts'},
        h('h2', {id: 'open-alerts'}, 'Alerts'),
        shown.map(alert => alertCard(alert, model)),
        open.length > shown.length &&
          h('p', {}, h('a', {href: '#/alerts'}, `All ${count(open.length)} alerts`)),
      ),
    h(
      'section',
      {'aria-labelledby': 'guardrails'},
      h('h2', {id: 'guardrails'}, 'Guardrails'),
      h('div.panel.flush', {}, guardrailTable(model, data)),
    ),
    findings.length > 0 &&
      h(
        'section',
        {'aria-labelledby': 'to-know'},
        h('h2', {id: 'to-know'}, 'Before you trust this page'),
        findingList(findings.slice(0, 5), model),
        findings.length > 5 &&
          h('p', {}, h('a', {href: '#/findings'}, `All ${count(model.findings.length)} findings`)),
      ),
    h(
      'p.footnote',
      {},
      `${plural(model.status.sources.length, 'source')}` +
        (model.status.limits
          ? `, ${count(model.status.limits.series)} of at most ` +
            `${count(model.status.limits.series_limit)} series`
          : '') +
        '. ' +
        'Brackets are 95 % intervals. Times are UTC and of the events, not of this clock.',
    ),
  ];
}
