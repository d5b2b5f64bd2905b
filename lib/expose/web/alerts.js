// Alerts: what fires, since when, on which evidence, and where to go next.

import {h, outsideLink} from './dom.js';
import {count, plural, timeNode, timeOf, unitName} from './format.js';
import {unitAddress} from './parts.js';
import {alertLevel, alertSentence, byUrgency, unitOf} from './verdict.js';

const KNOWN_LINKS = {runbook_url: 'Runbook', dashboard_url: 'Dashboard'};

const stateText = alert =>
  alert.state === 'firing' ? `firing · ${alert.labels?.severity || 'page'}` : alert.state;

export function alertCard(alert, model, level = 3, here = false) {
  const labels = alert.labels ?? {};
  const annotations = alert.annotations ?? {};
  const since = alert.firing_since ?? alert.pending_since;
  return h(
    `article.alert.${alertLevel(alert)}`,
    {'data-key': alert.id, 'data-state': alert.state},
    h(
      'header',
      {},
      h(`span.chip.${alertLevel(alert)}`, {}, stateText(alert)),
      h(`h${level}`, {}, alertSentence(alert, model.windows)),
    ),
    (annotations.description || (labels.statistic && annotations.summary)) &&
      h('p', {}, annotations.description || annotations.summary),
    h(
      'dl.facts',
      {},
      h('div', {}, h('dt', {}, 'Rule'), h('dd', {}, labels.alertname ?? '')),
      h(
        'div',
        {},
        h('dt', {}, alert.state === 'pending' ? 'Pending since' : 'Since'),
        h('dd', {}, timeNode(since, model.now)),
      ),
      timeOf(alert.resolved_at) !== null &&
        alert.state === 'resolved' &&
        h('div', {}, h('dt', {}, 'Resolved'), h('dd', {}, timeNode(alert.resolved_at, model.now))),
      alert.n > 0 && h('div', {}, h('dt', {}, 'n'), h('dd', {}, count(alert.n))),
      annotations.evidence &&
        h('div', {}, h('dt', {}, 'Evidence'), h('dd', {}, annotations.evidence)),
    ),
    h(
      'p.links',
      {},
      labels.guardrail && !here && h('a', {href: unitAddress(unitOf(labels))}, unitName(labels)),
      Object.entries(KNOWN_LINKS).map(
        ([key, text]) => annotations[key] && outsideLink(annotations[key], text),
      ),
    ),
  );
}

// After failures in a row nothing is sent for a while, then one notification is tried.
const CIRCUITS = {closed: 'sends', open: 'waits', half_open: 'tries'};

function receiverTable(receivers, now) {
  return h(
    'div.scroll.panel.flush',
    {tabindex: 0, role: 'region', 'aria-label': 'Receivers'},
    h(
      'table',
      {},
      h('caption.unseen', {}, 'Receivers of notifications'),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ['Receiver', 'Sent', 'Failed', 'Dropped', 'Queued', 'Now', 'Last success', 'Last error'].map(
            (text, i) => h('th', {scope: 'col', class: i >= 1 && i <= 4 && 'value'}, text),
          ),
        ),
      ),
      h(
        'tbody',
        {},
        receivers.map(r =>
          h(
            'tr',
            {},
            h('th', {scope: 'row'}, r.name),
            ['sent', 'failed', 'dropped', 'queued'].map(name =>
              h('td.value', {}, count(r[name] ?? 0)),
            ),
            h('td', {class: r.circuit === 'open' && 'bad'}, CIRCUITS[r.circuit]),
            h('td', {}, timeNode(r.last_success, now)),
            h('td', {class: r.last_error && 'bad'}, r.last_error || 'none'),
          ),
        ),
      ),
    ),
  );
}

export const load = async () => ({});

export function render(model) {
  const alerts = [...model.alerts].sort(byUrgency);
  const open = alerts.filter(a => a.state !== 'resolved');
  const resolved = alerts.filter(a => a.state === 'resolved');
  return [
    h('h1', {tabindex: -1}, 'Alerts'),
    model.status.notifications_held &&
      h(
        'p.note',
        {},
        'Catching up: notifications are held. What still fires when the backlog is read will be sent.',
      ),
    open.length
      ? open.map(alert => alertCard(alert, model, 2))
      : h(
          'p.muted',
          {},
          'No alert is firing or pending. Whether that means all is well depends on the line at the top of the page.',
        ),
    resolved.length > 0 &&
      h(
        'section',
        {},
        h('h2', {}, `${plural(resolved.length, 'alert')} resolved lately`),
        resolved.map(alert => alertCard(alert, model, 3)),
      ),
    h('h2', {}, 'Receivers'),
    model.status.receivers.length
      ? receiverTable(model.status.receivers, model.now)
      : h(
          'p.muted',
          {},
          'No receiver is configured: alerts are shown here and in the metrics only.',
        ),
  ];
}
