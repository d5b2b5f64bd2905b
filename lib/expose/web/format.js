// Numbers and times as people read them. Every function is pure; `now` is passed in.

import {h} from './dom.js';

const NBSP = '\u00a0';
export const MISSING = '–';

// How each statistic is named and counted. `share` is shown in percent, `number` as it is.
export const STATISTICS = {
  fail_rate: {label: 'Fail rate', unit: 'share', help: 'Flagged of all decided requests'},
  band_share: {
    label: 'Near threshold',
    unit: 'share',
    help: 'Scores within the band around the threshold',
  },
  error_rate: {
    label: 'Guardrail errors',
    unit: 'share',
    help: 'Requests on which the guardrail failed (open)',
  },
  mean_score: {label: 'Mean score', unit: 'number', help: 'Mean of all scores'},
  coverage: {label: 'Label coverage', unit: 'share', help: 'Scored requests that have a label'},
  ece: {label: 'ECE', unit: 'number', help: 'Expected calibration error over 15 equal-width bins'},
  calibration_gap: {
    label: 'Calibration gap',
    unit: 'signed',
    help: 'Mean score minus positive rate',
  },
  precision: {
    label: 'Precision',
    unit: 'share',
    help: 'Flagged requests that were rightly flagged',
  },
  recall: {label: 'Recall', unit: 'share', help: 'Unsafe requests that were flagged'},
  f1: {label: 'F1', unit: 'number', help: 'Harmonic mean of precision and recall'},
  false_positive_rate: {
    label: 'False positive rate',
    unit: 'share',
    help: 'Safe requests that were flagged',
  },
  roc_auc: {
    label: 'ROC AUC',
    unit: 'number',
    help: 'Chance that an unsafe request scores above a safe one',
  },
  average_precision: {
    label: 'Average precision',
    unit: 'number',
    help: 'Area under the precision-recall curve; its ends are certain bounds',
  },
  weighted_precision: {
    label: 'Precision of the traffic',
    unit: 'share',
    help: 'Corrected for which requests were reviewed',
  },
  weighted_recall: {
    label: 'Recall of the traffic',
    unit: 'share',
    help: 'Corrected for which requests were reviewed',
  },
  log_loss: {label: 'Log loss', unit: 'number', help: 'Mean cross-entropy in nats'},
  brier: {label: 'Brier score', unit: 'number', help: 'Mean squared error of the score'},
};

const REASONS = {
  no_data: 'no data',
  one_class: 'one class only',
  too_few: 'too few events',
  overlap: 'the reference overlaps in part',
};
export const reasonText = reason =>
  REASONS[reason] ?? (reason ? reason.replaceAll('_', ' ') : 'no data');
export const statisticLabel = name => STATISTICS[name]?.label ?? (name ?? '').replaceAll('_', ' ');

// Decimals that the interval's half width justifies; without one, three significant digits.
function decimalsFor(value, halfWidth, most) {
  const size = halfWidth > 0 ? halfWidth : Math.abs(value) / 100;
  if (!(size > 0)) return 0;
  const digits = Math.ceil(-Math.log10(size) - 1e-9);
  return Math.min(most, Math.max(0, digits));
}

const halfWidthOf = ({low, high}) => (low != null && high != null ? (high - low) / 2 : 0);

function formatter(unit, value, halfWidth) {
  if (unit === 'share') {
    const decimals = decimalsFor(value * 100, halfWidth * 100, 4);
    return v => (v * 100).toFixed(decimals) + NBSP + '%';
  }
  const decimals =
    halfWidth > 0
      ? Math.max(2, decimalsFor(value, halfWidth, 5))
      : Math.abs(value) >= 0.01 || value === 0
        ? 3
        : 4;
  const sign = v => (unit === 'signed' && v > 0 ? '+' : '');
  return v => sign(v) + v.toFixed(decimals).replace('-', '\u2212');
}

// {value, interval} as text for a statistic of the API; the value alone if it has no interval.
export function statisticText(name, statistic) {
  if (statistic?.value == null)
    return {value: MISSING, interval: '', reason: reasonText(statistic?.reason)};
  const unit = STATISTICS[name]?.unit ?? 'number';
  const text = formatter(unit, statistic.value, halfWidthOf(statistic));
  const bounded = statistic.low != null && statistic.high != null;
  return {
    value: text(statistic.value),
    interval: bounded ? `[${text(statistic.low)}, ${text(statistic.high)}]` : '',
    reason: '',
  };
}

// The number itself stays readable for programs in <data value>.
export function statisticNode(name, statistic) {
  const text = statisticText(name, statistic);
  if (statistic?.value == null) return h('span.missing', {title: text.reason}, text.value);
  return h('data', {value: statistic.value, 'data-statistic': name}, text.value);
}

export const percent = value => (value == null ? MISSING : formatter('share', value, 0)(value));

const thousands = new Intl.NumberFormat('en-US');
export const count = n => (n == null ? MISSING : thousands.format(n));
export const plural = (n, one, many = one + 's') => `${count(n)} ${n === 1 ? one : many}`;
export const countNode = (n, name) => h('data', {value: n ?? '', 'data-count': name}, count(n));

export function compact(n) {
  for (const [size, suffix] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ]) {
    if (Math.abs(n) >= size) return parseFloat((n / size).toPrecision(3)) + NBSP + suffix;
  }
  return count(n);
}

// Milliseconds of an RFC 3339 time, or null.
export function timeOf(text) {
  const time = text ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? null : time;
}

const iso = time => new Date(time).toISOString();

// "02:13" on the day of `now`, with the date on any other.
export function clock(time, now, seconds = false) {
  const text = iso(time);
  const hours = text.slice(11, seconds ? 19 : 16);
  return text.slice(0, 10) === iso(now).slice(0, 10) ? hours : `${text.slice(0, 10)} ${hours}`;
}

export function duration(milliseconds) {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

export function relative(time, now) {
  const age = now - time;
  if (Math.abs(age) < 1000) return 'now';
  return age < 0 ? `in ${duration(age)}` : `${duration(age)} ago`;
}

export function timeText(text, now) {
  const time = timeOf(text);
  return time === null ? MISSING : `${clock(time, now)} UTC (${relative(time, now)})`;
}

export function timeNode(text, now) {
  const time = timeOf(text);
  if (time === null) return h('span.missing', {}, MISSING);
  return h(
    'time',
    {datetime: text, title: text},
    `${clock(time, now)} UTC`,
    h('span.ago', {}, ` ${relative(time, now)}`),
  );
}

export const windowText = window =>
  (window ?? '').replace(
    /^(\d+)([smhd])$/,
    (_, n, unit) => n + NBSP + {s: 's', m: 'min', h: 'h', d: 'd'}[unit],
  );

// "guardrail · category", as a person would say which one.
export const unitName = unit =>
  unit.category ? `${unit.guardrail} · ${unit.category}` : (unit.guardrail ?? '');
export const sliceText = slice =>
  Object.entries(slice ?? {})
    .map(([k, v]) => `${k}=${v === '' ? '""' : v}`)
    .join(', ');
