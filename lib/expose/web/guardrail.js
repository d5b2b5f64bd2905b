// One guardrail: is it right, is it sure of itself, for whom, and since when.

import * as api from './api.js';
import {alertCard} from './alerts.js';
import {gapWords, noiseWords, reliabilityDiagram, scoreHistogram} from './calibration.js';
import {timeChart} from './charts.js';
import {classMatrix} from './classes.js';
import {cohortTable} from './cohorts.js';
import {correctedRates} from './corrected.js';
import {curveCharts} from './curves.js';
import {h} from './dom.js';
import {epochList, epochText} from './findings.js';
import {
  STATISTICS,
  count,
  countNode,
  percent,
  statisticNode,
  statisticText,
  timeOf,
  unitName,
  windowText,
} from './format.js';
import {address, chip} from './parts.js';
import {
  byLength,
  byUrgency,
  concerns,
  currentWindow,
  detailedWindow,
  labelWindow,
  unitVerdict,
} from './verdict.js';

const MINUTE = 60_000;
const RANGES = {
  '1h': [60 * MINUTE, '1m', MINUTE],
  '6h': [360 * MINUTE, '5m', 5 * MINUTE],
  '24h': [1440 * MINUTE, '20m', 20 * MINUTE],
  '7d': [10080 * MINUTE, '2h', 120 * MINUTE],
};
const CHARTED = ['fail_rate', 'band_share'];

function picker(label, route, parameter, choices, chosen) {
  return (
    choices.length > 1 &&
    h(
      'div.picker',
      {role: 'group', 'aria-label': label},
      h('span', {}, label),
      choices.map(([value, text]) =>
        h(
          'a',
          {href: address(route, {[parameter]: value}), 'aria-current': value === chosen && 'true'},
          text,
        ),
      ),
    )
  );
}

const versionName = one =>
  [one.model_version || 'no version', one.variant === 'candidate' && 'candidate']
    .filter(Boolean)
    .join(', ');
const eventsOf = one => Math.max(...one.windows.map(w => w.counts?.scored ?? 0), 0);

// Which version and window the address asks for, of those there are.
function choose(model, unit, route) {
  const all = model.series
    .filter(one => api.sameUnit(one, unit))
    .sort(
      (a, b) =>
        (a.variant === 'candidate') - (b.variant === 'candidate') || eventsOf(b) - eventsOf(a),
    );
  const one = all.find(s => versionName(s) === route.query.version) ?? all[0];
  const lengths = [...new Set((one?.windows ?? []).map(w => w.window))].sort(byLength);
  const window = lengths.includes(route.query.window)
    ? route.query.window
    : lengths[Math.min(1, lengths.length - 1)];
  const range = RANGES[route.query.range] ? route.query.range : '1h';
  return {all, one, lengths, window, range};
}

// A part that the daemon will not give is said to be missing; the rest of the page stands.
const tolerate = promise =>
  promise.catch(error => {
    if (!error.reached) throw error;
    return {failed: error.message};
  });

export async function load(model, route) {
  const [source, guardrail, category = ''] = route.parts;
  const unit = {source, guardrail, category};
  const chosen = choose(model, unit, route);
  if (!chosen.one) return {unit, chosen};
  const [length, step, stepMs] = RANGES[chosen.range];
  const to = timeOf(model.status.sources.find(s => s.name === source)?.sealed_through) ?? model.now;
  const times = [new Date(to - length).toISOString(), new Date(to).toISOString()];
  const view = labelWindow(chosen.one, chosen.window)?.view ?? 'current';
  const [windows, histograms, curves, cohorts, config, ...histories] = await Promise.all([
    api.unitWindows(unit, chosen.window),
    tolerate(api.histogram(unit, chosen.window)),
    tolerate(api.curves(unit, chosen.window, view)),
    tolerate(api.cohorts(unit, chosen.window)),
    tolerate(api.config()),
    ...CHARTED.map(statistic => tolerate(api.series(statistic, ...times, step, unit))),
  ]);
  return {
    unit,
    windows,
    chosen,
    histograms,
    curves,
    cohorts,
    histories,
    config,
    from: to - length,
    to,
    step: stepMs,
  };
}

function tile(name, window) {
  const statistic = window?.statistics?.[name];
  const {interval, reason} = statisticText(name, statistic);
  return h(
    'div.tile',
    {title: STATISTICS[name].help},
    h('dt', {}, STATISTICS[name].label),
    h(
      'dd',
      {},
      h('span.main', {}, statisticNode(name, statistic)),
      h('span.sub', {}, interval || reason),
      statistic?.value != null && h('span.sub', {}, 'n = ', countNode(statistic.n, name)),
    ),
  );
}

// The one of `list`, summed over model versions, that is of the same variant.
const sameVariant = (list, one) =>
  Array.isArray(list)
    ? list.find(s => (s.variant ?? 'live') === (one.variant ?? 'live'))
    : undefined;

const series = (list, one) =>
  Array.isArray(list)
    ? list.find(
        s =>
          s.model_version === one.model_version &&
          (s.variant ?? 'live') === (one.variant ?? 'live'),
      )
    : undefined;

const viewText = window =>
  !window
    ? 'no labels yet'
    : `${window.view === 'matured' ? 'matured' : 'provisional'} labels, ${windowText(window.window)}`;

function coverageNote(window) {
  const coverage = window?.statistics?.coverage;
  if (!window)
    return h(
      'p.note',
      {},
      'No label has been joined in this window, so nothing can be said about correctness.',
    );
  return h(
    'p.caption',
    {},
    `${count(window.labels.labeled)} labels (${count(window.labels.positive)} unsafe)`,
    coverage?.value != null && `, ${percent(coverage.value)} of the scored requests`,
    window.view === 'matured'
      ? '; complete.'
      : '; more labels may still come, so these numbers are provisional.',
  );
}

function confusion(window) {
  const c = window?.confusion ?? {};
  const cell = (name, good) => h(`td.${good ? 'right' : 'wrong'}`, {}, countNode(c[name], name));
  return h(
    'table.confusion',
    {},
    h('caption.unseen', {}, 'Confusion matrix at the operating threshold'),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('td', {}),
        h('th', {scope: 'col'}, 'flagged'),
        h('th', {scope: 'col'}, 'allowed'),
      ),
    ),
    h(
      'tbody',
      {},
      h(
        'tr',
        {},
        h('th', {scope: 'row'}, 'unsafe'),
        cell('true_positive', true),
        cell('false_negative', false),
      ),
      h(
        'tr',
        {},
        h('th', {scope: 'row'}, 'safe'),
        cell('false_positive', false),
        cell('true_negative', true),
      ),
    ),
  );
}

// The threshold in force: what events carried last, else what is configured; and the band around it.
function thresholdOf(unit, config, epochs) {
  const seen = epochs
    .filter(e => e.field === 'threshold' && parseFloat(e.to) >= 0 && parseFloat(e.to) <= 1)
    .at(-1);
  const source = config?.sources?.find(s => s.name === unit.source);
  const named = (source?.guardrails ?? []).filter(g => g.name === unit.guardrail);
  const own =
    named.find(g => g.category === unit.category) ?? named.find(g => g.category === undefined);
  return {
    threshold: seen ? parseFloat(seen.to) : own?.threshold,
    band: own?.band ?? source?.band ?? 0.05,
  };
}

// Bounds of the user's rules on the whole of this unit, to be drawn as lines.
function boundsOf(unit, config, statistic) {
  return (config?.alerting?.rules ?? [])
    .filter(
      r =>
        r.metric === statistic &&
        !r.per_cohort &&
        !r.cohort &&
        (!r.source || r.source === unit.source) &&
        (!r.guardrail || r.guardrail === unit.guardrail) &&
        (r.category === undefined || r.category === unit.category),
    )
    .map(r => ({value: r.above ?? r.below, text: r.alert}));
}

function panel(title, id, ...content) {
  return h('section.panel', {'aria-labelledby': id}, h('h2', {id}, title), content);
}

const failed = data => data?.failed && h('p.note', {}, `Could not be read: ${data.failed}`);

function calibrationPanels(data, one, labels, epochs, width, now) {
  const ece = statisticText('ece', labels?.statistics?.ece);
  const histogram = sameVariant(data.histograms, one);
  return h(
    'div.columns',
    {},
    panel(
      'Calibration',
      'calibration',
      h('p.caption', {}, viewText(labels)),
      labels &&
        h(
          'p.lead',
          {},
          'ECE ',
          statisticNode('ece', labels.statistics?.ece),
          ece.reason && ` ${ece.reason}`,
          noiseWords(labels) && `, ${noiseWords(labels)}`,
          gapWords(labels) && `; ${gapWords(labels)}`,
          '.',
        ),
      reliabilityDiagram(labels && (detailedWindow(data.windows, one, labels) ?? labels), width),
      h('h2', {id: 'thresholds'}, 'Other thresholds'),
      h('p.caption', {}, `${viewText(labels)}, over all model versions`),
      failed(data.curves),
      curveCharts(sameVariant(data.curves, one), width),
    ),
    panel(
      'Scores',
      'scores',
      h(
        'p.caption',
        {},
        `${windowText(data.chosen.window)}, every scored request; the band around the threshold is shaded`,
      ),
      failed(data.histograms),
      scoreHistogram(histogram, thresholdOf(data.unit, data.config, epochs), width),
      h('h2', {id: 'decisions'}, 'Decisions against labels'),
      h('p.caption', {}, viewText(labels)),
      coverageNote(labels),
      labels && [
        confusion(labels),
        h(
          'dl.tiles.small',
          {},
          ['precision', 'recall', 'f1', 'false_positive_rate'].map(name => tile(name, labels)),
        ),
        classMatrix(detailedWindow(data.windows, one, labels)),
        correctedRates(detailedWindow(data.windows, one, labels), now),
      ],
    ),
  );
}

function timePanels(data, one, epochs, width, now) {
  const marks = epochs
    .map(e => ({time: timeOf(e.at), text: epochText(e)}))
    .filter(e => e.time >= data.from && e.time <= data.to);
  return CHARTED.map((statistic, i) =>
    panel(
      `${STATISTICS[statistic].label} over time`,
      `over-time-${statistic}`,
      failed(data.histories[i]),
      timeChart({
        statistic,
        label: STATISTICS[statistic].label,
        series: series(data.histories[i], one),
        from: data.from,
        to: data.to,
        step: data.step,
        width,
        epochs: marks,
        bounds: boundsOf(data.unit, data.config, statistic),
        now,
      }),
    ),
  );
}

export function render(model, data, route, width) {
  const {one, all, lengths, window} = data.chosen;
  const alerts = model.alerts
    .filter(a => concerns(a, {...data.unit, variant: one?.variant}))
    .sort(byUrgency);
  if (!one) {
    return [
      h('h1', {tabindex: -1}, unitName(data.unit), ' ', chip({level: 'unknown', text: 'no data'})),
      h('p.muted', {}, 'This guardrail has sent no event within the longest window.'),
      alerts.map(a => alertCard(a, model, 2, true)),
    ];
  }
  const current = currentWindow(one, window);
  const labels = labelWindow(one, window) ?? undefined;
  const epochs = model.epochs.filter(
    e => api.sameUnit(e, data.unit) && (e.variant ?? 'live') === (one.variant ?? 'live'),
  );
  const half = width > 900 ? Math.floor((width - 24) / 2) - 40 : width - 40;
  return [
    h(
      'header.title',
      {},
      h('h1', {tabindex: -1}, unitName(data.unit)),
      chip(unitVerdict(one, currentWindow(one), model)),
      h('p.muted', {}, `source ${data.unit.source}, ${versionName(one)}`),
    ),
    h(
      'div.pickers',
      {},
      picker(
        'Version',
        route,
        'version',
        all.map(s => [versionName(s), versionName(s)]),
        versionName(one),
      ),
      picker(
        'Window',
        route,
        'window',
        lengths.map(w => [w, windowText(w)]),
        window,
      ),
      picker(
        'Charts',
        route,
        'range',
        Object.keys(RANGES).map(r => [r, windowText(r)]),
        data.chosen.range,
      ),
    ),
    alerts.map(alert => alertCard(alert, model, 2, true)),
    h(
      'dl.tiles.panel',
      {'aria-label': `Statistics over ${windowText(window)}`},
      ['fail_rate', 'band_share', 'mean_score', 'error_rate'].map(name => tile(name, current)),
      ['roc_auc', 'brier'].map(name => tile(name, labels)),
    ),
    h('div.columns', {}, timePanels(data, one, epochs, half, model.now)),
    calibrationPanels(data, one, labels, epochs, half, model.now),
    cohortTable({
      windows: data.windows,
      cohorts: Array.isArray(data.cohorts) ? data.cohorts : [],
      one,
      window,
      whole: current,
      labels,
      route,
    }),
    epochs.length > 0 && h('section', {}, h('h2', {}, 'Changes'), epochList(epochs, model, false)),
  ];
}
