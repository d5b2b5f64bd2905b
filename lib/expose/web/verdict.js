// What the page says about the state of things. One rule stands above all: "fine" is said only of
// recent data; whatever is missing, old, held up or unreachable is said to be so.

import {
  clock,
  count,
  duration,
  plural,
  sliceText,
  statisticLabel,
  statisticText,
  timeOf,
  unitName,
  windowText,
} from './format.js';
import {sameUnit} from './api.js';

// From worst to best. `unknown` is never shown as fine.
export const LEVELS = ['firing', 'warning', 'unknown', 'fine'];
export const worse = (a, b) => (LEVELS.indexOf(a) <= LEVELS.indexOf(b) ? a : b);

// Sealed event time further back than this is old, unless the source is catching up or flowing.
const STALE_MS = 10 * 60_000;
// The daemon publishes its view every few seconds.
const VIEW_OLD_MS = 60_000;

const URGENT = new Set(['page', 'critical', '']);
export const isFiring = alert => alert.state === 'firing';
export const alertLevel = alert =>
  !isFiring(alert)
    ? alert.state === 'pending'
      ? 'warning'
      : 'fine'
    : URGENT.has(alert.labels?.severity ?? '')
      ? 'firing'
      : 'warning';

export const unitOf = labels => ({
  source: labels?.source ?? '',
  guardrail: labels?.guardrail ?? '',
  category: labels?.category ?? '',
});
export const concerns = (alert, unit) =>
  sameUnit(unitOf(alert.labels), unit) &&
  (alert.labels?.variant ?? 'live') === (unit.variant ?? 'live');

function sliceOf(labels) {
  return labels?.dimension ? {[labels.dimension]: labels.value ?? ''} : {};
}

// The statistic that an alert speaks of, with its interval, from the windows at hand.
export function alertStatistic(alert, windows) {
  const {statistic, window} = alert.labels ?? {};
  const slice = sliceText(sliceOf(alert.labels));
  const seen = windows.find(
    w =>
      concerns(alert, w) &&
      w.window === window &&
      sliceText(w.slice) === slice &&
      w.statistics?.[statistic]?.value === alert.value,
  );
  return seen?.statistics[statistic] ?? {value: alert.value, n: alert.n};
}

// "prompt-injection · jailbreak fail rate in lang=de 31 % [28 %, 34 %]"
export function alertSentence(alert, windows = []) {
  const labels = alert.labels ?? {};
  const name = unitName(labels);
  if (!labels.statistic)
    return alert.annotations?.summary || `${labels.alertname ?? 'alert'}${name ? `: ${name}` : ''}`;
  const text = statisticText(labels.statistic, alertStatistic(alert, windows));
  const where = labels.dimension ? ` in ${sliceText(sliceOf(labels))}` : '';
  const value =
    alert.value == null ? '' : ` ${[text.value, text.interval].filter(Boolean).join(' ')}`;
  const over = labels.window ? ` over ${windowText(labels.window)}` : '';
  return `${name} ${statisticLabel(labels.statistic).toLowerCase()}${where}${value}${over}`.trim();
}

export function alertSince(alert, now) {
  const since = timeOf(alert.firing_since ?? alert.pending_since);
  return since === null ? '' : `since ${clock(since, now)}\u00a0UTC`;
}

// Events are coming in, and what is sealed keeps up with them. Event time may still lie far back: a
// recording that is played, say.
function isFlowing(source, sealed) {
  const scores = (source.logs ?? []).filter(log => log.carries?.some(kind => kind !== 'labels'));
  const newest = Math.max(...scores.map(log => timeOf(log.progress) ?? -Infinity));
  return scores.some(log => log.state === 'active') && newest - sealed <= STALE_MS;
}

// One source: {level, text}. `now` is the daemon's clock.
export function sourceVerdict(source, findings, now) {
  const sealed = timeOf(source.sealed_through);
  const mine = findings.filter(f => f.source === source.name);
  const stall = mine.find(f => f.kind === 'stalled' || f.kind === 'log_unavailable');
  const held = source.held_back_by ? `, held back by ${source.held_back_by}` : '';
  if (stall) return {level: 'unknown', text: stall.summary};
  if (source.catching_up) {
    const behind = sealed === null ? '' : `, ${duration(now - sealed)} behind`;
    return {level: 'unknown', text: `Source ${source.name} is catching up${behind}`};
  }
  if (sealed === null)
    return {level: 'unknown', text: `Source ${source.name} has no complete data yet${held}`};
  if (now - sealed > STALE_MS && !isFlowing(source, sealed)) {
    return {
      level: 'unknown',
      text: `Source ${source.name} has no new data for ${duration(now - sealed)}${held}`,
    };
  }
  const critical = mine.find(f => f.severity === 'critical' && !f.guardrail);
  if (critical) return {level: 'warning', text: critical.summary};
  return {level: 'fine', text: ''};
}

const minutes = window => {
  const [, n, unit] = /^(\d+)([smhd])$/.exec(window ?? '') ?? [null, 0, 'm'];
  return n * {s: 1 / 60, m: 1, h: 60, d: 1440}[unit];
};
export const byLength = (a, b) => minutes(a) - minutes(b);

// The series of each unit, wholes only: [{source, guardrail, category, model_version, variant, windows}],
// windows from short to long. A version without events in any window beside one that has some is left out.
export function seriesOf(windows) {
  const series = new Map();
  for (const w of windows) {
    const key = JSON.stringify([w.source, w.guardrail, w.category, w.variant, w.model_version]);
    if (!series.has(key)) series.set(key, {...w, key, windows: []});
    series.get(key).windows.push(w);
  }
  const all = [...series.values()];
  for (const one of all) one.windows.sort((a, b) => byLength(a.window, b.window));
  const live = all.filter(one => one.windows.some(hasEvents));
  const alone = one => !live.some(other => sameUnit(one, other) && one.variant === other.variant);
  return all.filter(one => live.includes(one) || alone(one));
}

export const hasEvents = w =>
  (w?.counts?.scored ?? 0) + (w?.counts?.decided ?? 0) + (w?.counts?.errors ?? 0) > 0;
export const currentWindow = (series, window) =>
  series.windows.find(w => w.view !== 'matured' && (!window || w.window === window));

// Where label statistics are read: matured labels if there are any, else provisional ones.
export function labelWindow(series, window) {
  const candidates = series.windows.filter(w => !window || w.window === window);
  const labeled = view => candidates.find(w => w.view === view && (w.labels?.labeled ?? 0) > 0);
  return labeled('matured') ?? labeled('current');
}

// The same window with everything that is known of it, among the windows of its guardrail: those of all
// guardrails have the headlines only.
export const detailedWindow = (windows, series, window) =>
  (windows ?? []).find(
    w =>
      Object.keys(w.slice ?? {}).length === 0 &&
      w.window === window.window &&
      w.view === window.view &&
      w.model_version === series.model_version &&
      (w.variant ?? 'live') === (series.variant ?? 'live'),
  );

// What the daemon says of a unit that leaves the page unable to say "no alert, and that means something".
const DOUBTED = {stalled: 'stale', no_data: 'no data', insufficient_labels: 'few labels'};

// One unit: {level, text}; `window` is its most recent one, or undefined.
export function unitVerdict(unit, window, model) {
  const alerts = model.alerts.filter(a => concerns(a, unit) && a.state !== 'resolved');
  const firing = alerts.filter(isFiring);
  if (firing.length) {
    const level = firing.map(alertLevel).reduce(worse);
    return {level, text: `${firing.length} firing`};
  }
  const source = model.status.sources.find(s => s.name === unit.source);
  const state = source
    ? sourceVerdict(source, model.findings, model.now)
    : {level: 'unknown', text: 'source unknown'};
  if (state.level === 'unknown') {
    return {level: 'unknown', text: source?.catching_up ? 'catching up' : 'stale', why: state.text};
  }
  if (!hasEvents(window)) return {level: 'unknown', text: 'no data'};
  if (alerts.length) return {level: 'warning', text: `${alerts.length} pending`};
  const finding = model.findings.find(
    f => f.guardrail && sameUnit(f, unit) && f.severity !== 'info',
  );
  if (finding) return {level: 'warning', text: 'see finding', why: finding.summary};
  const judged = model.guardrails.find(
    g => sameUnit(g, unit) && (g.variant ?? 'live') === (unit.variant ?? 'live'),
  );
  return DOUBTED[judged?.verdict]
    ? {level: 'unknown', text: DOUBTED[judged.verdict], why: judged.reason}
    : {level: 'fine', text: 'no alert'};
}

function firingVerdict(firing, model) {
  const first = firing[0];
  const more = firing.length > 1 ? `, and ${firing.length - 1} more` : '';
  const since = alertSince(first, model.now);
  return {
    level: firing.map(alertLevel).reduce(worse),
    headline:
      `${plural(firing.length, 'alert')} firing: ${alertSentence(first, model.windows)}` +
      `${since ? `, ${since}` : ''}${more}`,
  };
}

// Worst first, then oldest first.
export function byUrgency(a, b) {
  const rank = x =>
    LEVELS.indexOf(alertLevel(x)) * 10 + ['firing', 'pending', 'resolved'].indexOf(x.state);
  return rank(a) - rank(b) || (timeOf(a.firing_since) ?? 0) - (timeOf(b.firing_since) ?? 0);
}

// What keeps the page from saying that all is well, in sentences; empty if nothing does.
function doubts(model) {
  const said = [];
  const age = model.now - (timeOf(model.status.at) ?? model.now);
  if (age > VIEW_OLD_MS) said.push(`The daemon's view is ${duration(age)} old`);
  if (model.status.notifications_held || model.status.sources.some(s => s.catching_up)) {
    said.push('Catching up: notifications are held');
  }
  if (model.status.ready === false)
    said.push(`Not ready: ${model.status.not_ready_reason || 'starting'}`);
  for (const source of model.status.sources) {
    const verdict = sourceVerdict(source, model.findings, model.now);
    if (verdict.level === 'unknown') said.push(verdict.text);
  }
  return said;
}

// Units whose latest window is empty although their source is up to date.
function silentUnits(model) {
  return model.series.filter(
    one =>
      one.variant !== 'candidate' && unitVerdict(one, currentWindow(one), model).text === 'no data',
  );
}

function quietVerdict(model) {
  const pending = model.alerts.filter(a => a.state === 'pending');
  if (pending.length) {
    const first = alertSentence(pending[0], model.windows);
    return {
      level: 'warning',
      headline: `No alert firing, ${count(pending.length)} pending: ${first}`,
    };
  }
  const critical = model.findings.find(f => f.severity === 'critical');
  if (critical) return {level: 'warning', headline: critical.summary};
  const mute = model.status.receivers.find(r => r.last_error);
  if (mute)
    return {
      level: 'warning',
      headline: `No alert firing, but notifications to ${mute.name} fail: ${mute.last_error}`,
    };
  const silent = silentUnits(model);
  if (silent.length) {
    return {
      level: 'unknown',
      headline:
        `No alert firing, but ${plural(silent.length, 'guardrail')} without data: ` +
        silent.slice(0, 3).map(unitName).join(', ') +
        (silent.length > 3 ? ', …' : ''),
    };
  }
  const unjudged = model.guardrails.filter(g => g.verdict === 'insufficient_labels').length;
  const notes = unjudged
    ? [`Calibration is not judged for ${plural(unjudged, 'guardrail')}: too few labels.`]
    : [];
  const warnings = model.findings.filter(f => f.severity === 'warning').length;
  const aside = warnings ? `, ${plural(warnings, 'finding')} to read` : '';
  return {level: warnings ? 'warning' : 'fine', headline: `No alert firing${aside}`, notes};
}

// The whole: {level, headline, notes}.
export function overallVerdict(model) {
  const notes = doubts(model);
  const firing = model.alerts.filter(isFiring).sort(byUrgency);
  if (firing.length) return {...firingVerdict(firing, model), notes};
  if (!model.status.sources.length)
    return {level: 'unknown', headline: 'No source is configured', notes};
  if (!model.windows.some(hasEvents) && !model.status.sources.some(s => s.catching_up)) {
    return {level: 'unknown', headline: 'No data yet', notes};
  }
  if (notes.length) return {level: 'unknown', headline: notes[0], notes: notes.slice(1)};
  return {notes, ...quietVerdict(model)};
}
