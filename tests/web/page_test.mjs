// The status page in a real browser: against the stories of fixtures/stories.mjs, or with GUARDWATCH_URL
// set, against a running daemon (then only what holds for any data).

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {openPage, startBrowser, visit} from './browser.mjs';
import {startServer} from './server.mjs';

const LIVE = process.env.GUARDWATCH_URL?.replace(/\/$/, '');
const GUARDRAIL = '#/guardrail/gateway/prompt-injection/jailbreak';

const browser = await startBrowser();
let server;
before(async () => {
  server = LIVE ? {url: LIVE} : await startServer('firing');
});
after(async () => {
  await browser.close();
  if (!LIVE) await server.stop();
});

// One visit: `look` gets the page; afterwards the console must have stayed silent.
async function seeing(hash, look, {options, story = 'firing'} = {}) {
  if (!LIVE) server.tell(story);
  const {page, complaints, close} = await openPage(browser, options);
  try {
    const seen = recordWindows(page);
    await visit(page, `${server.url}/${hash}`);
    await look(page, seen, complaints);
    assert.deepEqual(complaints, []);
  } finally {
    await close();
  }
}

const stories = (name, run) => test(name, {skip: LIVE && 'about the stories of the fixtures'}, run);
const headline = page => page.textContent('.verdict .headline');
const level = page => page.getAttribute('body', 'data-level');

// Every window that the daemon told this page of.
function recordWindows(page) {
  const seen = [];
  page.on(
    'response',
    response =>
      new URL(response.url()).pathname === '/api/v1/windows' &&
      seen.push(response.json().then(json => json.windows)),
  );
  return async () => (await Promise.all(seen)).flat();
}

// What "7.1 %" or "0.061" may stand for: its digits, give or take half of the last one.
function standsFor(text, value) {
  const plain = text.replace('\u2212', '-').replace(/[+\u00a0,]/g, '');
  const scale = plain.endsWith('%') ? 100 : 1;
  const number = parseFloat(plain);
  const decimals = (plain.replace('%', '').split('.')[1] ?? '').length;
  return Math.abs(number - value * scale) <= 0.5 * 10 ** -decimals + 1e-9;
}

const shownStatistics = (page, scope) =>
  page.$$eval(`${scope} data[data-statistic]`, nodes =>
    nodes.map(node => ({
      statistic: node.dataset.statistic,
      value: Number(node.value),
      text: node.textContent,
      row: node.closest('tr')?.dataset.key,
    })),
  );

test('every number of the overview is one that the API gave, rounded', () =>
  seeing('#/', async (page, seen) => {
    const shown = await shownStatistics(page, 'main');
    const windows = await seen();
    if (windows.some(w => w.counts.scored > 0))
      assert.ok(shown.length > 0, 'no statistic is shown');
    for (const {statistic, value, text, row} of shown) {
      const [source, guardrail, category, variant, version] = JSON.parse(row);
      const told = windows
        .filter(
          w =>
            w.source === source &&
            w.guardrail === guardrail &&
            w.category === category &&
            w.variant === variant &&
            w.model_version === version,
        )
        .map(w => w.statistics[statistic].value);
      assert.ok(told.includes(value), `${statistic} ${value} of ${row} is not among ${told}`);
      assert.ok(standsFor(text, value), `"${text}" is not ${value}`);
    }
  }));

test('every number of a guardrail is one that the API gave, rounded', () =>
  seeing('#/', async (page, seen) => {
    const link = await page.$('tbody th a');
    if (!link) return;
    await link.click();
    await page.waitForSelector('dl.tiles');
    const shown = await shownStatistics(page, 'main');
    const windows = await seen();
    assert.ok(shown.length >= 4);
    for (const {statistic, value, text} of shown) {
      assert.ok(
        windows.some(w => w.statistics[statistic].value === value),
        `${statistic} ${value}`,
      );
      assert.ok(standsFor(text, value), `"${text}" is not ${value}`);
    }
  }));

for (const page of ['#/alerts', '#/findings', '#/budget', '#/sources', '#/config']) {
  test(`${page} opens without complaint and has one heading of the first level`, () =>
    seeing(page, async p => {
      assert.equal(await p.locator('h1').count(), 1);
    }));
}

test('every drawing has a name that says what it shows, or is hidden beside its numbers', () =>
  seeing('#/', async page => {
    const unnamed = () =>
      page.$$eval(
        'main svg',
        all =>
          all.filter(
            s =>
              s.getAttribute('aria-hidden') !== 'true' &&
              !(s.getAttribute('role') === 'img' && s.getAttribute('aria-label')?.length > 20),
          ).length,
      );
    assert.equal(await unnamed(), 0);
    const link = await page.$('tbody th a');
    if (!link) return;
    await link.click();
    await page.waitForSelector('svg.chart');
    assert.equal(await unnamed(), 0);
    assert.equal(
      await page.locator('svg.chart').count(),
      await page.locator('details.numbers').count(),
    );
  }));

stories('a firing alert is the first thing said, with value, interval and since when', () =>
  seeing('#/', async page => {
    assert.equal(
      (await headline(page)).replaceAll('\u00a0', ' '),
      '1 alert firing: prompt-injection · jailbreak fail rate in lang=de 31 % [28 %, 35 %] over 5 min, since 09:43 UTC',
    );
    assert.equal(await level(page), 'firing');
    assert.equal(await page.title(), '(1 firing) guardwatch');
    assert.ok(await page.isVisible('article.alert[data-state="firing"]'));
    assert.equal(await page.locator('tbody tr').first().locator('.chip').textContent(), '1 firing');
  }),
);

stories('only recent and complete data is called fine', async () => {
  const expected = {
    calm: ['fine', /^No alert firing$/],
    silent: ['unknown', /^No alert firing, but 1 guardrail without data: topic-router · billing$/],
    empty: ['unknown', /^No data yet$/],
    catching_up: ['unknown', /^Catching up: notifications are held$/],
    stale: ['unknown', /no new data for 46 min, held back by guardrail.events\/1$/],
    stalled: ['unknown', /has not moved for 6 min/],
    mute: ['warning', /notifications to alertmanager fail: connection refused$/],
  };
  for (const [story, [verdict, text]] of Object.entries(expected)) {
    await seeing(
      '#/',
      async page => {
        assert.match(await headline(page), text, story);
        assert.equal(await level(page), verdict, story);
        const green = await page.locator('.chip.fine').count();
        assert.equal(
          green > 0,
          ['calm', 'silent', 'mute'].includes(story),
          `${story}: ${green} green`,
        );
      },
      {story},
    );
  }
});

stories('a receiver that cannot be reached is said to wait, with its error', () =>
  seeing(
    '#/alerts',
    async page => {
      const row = page.locator('tbody tr', {has: page.locator('th:text-is("alertmanager")')});
      assert.match(await row.textContent(), /waits.*connection refused$/);
      assert.equal(await row.locator('td.bad').count(), 2);
    },
    {story: 'mute'},
  ),
);

stories('a guardrail without data, and one without labels, are never green', () =>
  seeing(
    '#/',
    async page => {
      const chip = name =>
        page.locator('tbody tr', {has: page.locator(`th a:text-is("${name}")`)}).locator('.chip');
      assert.equal(await chip('topic-router · billing').getAttribute('class'), 'chip unknown');
      assert.equal(await chip('pii').getAttribute('class'), 'chip unknown');
      assert.equal(await chip('toxicity · hate').getAttribute('class'), 'chip fine');
    },
    {story: 'silent'},
  ),
);

stories('calibration is told in words beside its noise floor', () =>
  seeing(GUARDRAIL, async page => {
    const text = await page.textContent('section[aria-labelledby="calibration"]');
    assert.match(
      text,
      /ECE 0\.061, far more than noise alone would give \(0\.011\); scores are too high by 0\.061 on the whole/,
    );
    assert.match(text, /11 of 15 bins with labels lie off the diagonal/);
    assert.equal(await page.locator('svg.reliability .bin').count(), 15);
  }),
);

stories('the reliability diagram has both bands, and the histogram its threshold and band', () =>
  seeing(GUARDRAIL, async page => {
    const diagram = page.locator('svg.reliability');
    const edge = (await diagram.locator('polygon.jeffreys').getAttribute('points')).split(' ');
    assert.equal(edge.length, 2 * (await diagram.locator('.bin').count()));
    assert.equal(await diagram.locator('.bin line.whisker').count(), 3 * 15);
    const histogram = page.locator('section[aria-labelledby="scores"]');
    assert.equal(await histogram.locator('svg rect.band').count(), 1);
    assert.match(await histogram.locator('g.threshold text').textContent(), /^threshold 0\.8$/);
    const table = page.locator('section[aria-labelledby="calibration"] details.numbers').first();
    assert.match(await table.locator('thead').textContent(), /95 % Wilson95 % Jeffreys/);
  }),
);

stories('rates of the labels stand beside those of all traffic and what was to be expected', () =>
  seeing(GUARDRAIL, async page => {
    const table = page.locator('table.corrected');
    assert.deepEqual(await table.locator('thead th').allTextContents(), [
      'Labelled',
      'By score',
      'By review probability',
      'Expected',
    ]);
    const recall = (await table.locator('tr[data-key="recall"]').textContent()).replaceAll('\u00a0', ' ');
    assert.match(recall, /41 %\[3\d %, 46 %\]–40 %\[35 %, 4\d %\]$/);
    assert.match(
      await page.textContent('section[aria-labelledby="scores"]'),
      /what 7,398 labels from 2026-11-21 03:00 to 03:00 UTC say of these scores/,
    );
  }),
);

stories('a guardrail of several classes shows which is taken for which', async () => {
  server.tell('firing');
  const {page, complaints, close} = await openPage(browser);
  try {
    await page.route('**/api/v1/windows?*', async route => {
      const response = await route.fetch();
      const json = await response.json();
      for (const w of json.windows) {
        if (Object.keys(w.slice).length) continue;
        w.confusion_matrix = {
          classes: ['<b>hate</b>', 'safe'],
          counts: [
            [40, 2],
            [0, 31],
          ],
          folded: 3,
          accuracy: {value: 0.9726, n: 73},
          cohen_kappa: {value: 0.9439, n: 73},
        };
      }
      await route.fulfill({response, json});
    });
    await visit(page, `${server.url}/${GUARDRAIL}`);
    const table = page.locator('table.classes');
    assert.deepEqual(await table.locator('thead th').allTextContents(), ['<b>hate</b>', 'safe']);
    assert.deepEqual(await table.locator('tbody td').allTextContents(), ['40', '2', '0', '31']);
    assert.equal(await table.locator('td.wrong').count(), 1);
    const text = await page.textContent('section[aria-labelledby="scores"]');
    assert.match(text.replaceAll('\u00a0', ' '), /97\.3 % right, kappa 0\.94; 3 labels/);
    assert.deepEqual(complaints, []);
  } finally {
    await close();
  }
});

stories('curves are drawn with their area, what was decided, and the threshold of the best F1', () =>
  seeing(GUARDRAIL, async page => {
    const panel = page.locator('section[aria-labelledby="calibration"]');
    assert.equal(await panel.locator('svg.curve polyline.line').count(), 2);
    assert.equal(await panel.locator('svg.curve circle.area').count(), 2);
    const text = await panel.textContent();
    assert.match(text, /Area 0\.93 \[0\.92, 0\.95\]/);
    assert.match(text, /Average precision 0\.71 \[0\.69, 0\.74\]/);
    assert.match(text, /best F1, 0\.682, is at a threshold of 0\.775/);
  }),
);

stories('a cohort too thin to watch is said to be so, and rates stand shrunk beside raw ones', () =>
  seeing(GUARDRAIL, async page => {
    const row = name =>
      page.textContent(`section[aria-labelledby="cohorts"] tr[data-key="lang=${name}"]`);
    assert.match(await row('ja'), /too few to watch/);
    assert.match(await row('en'), /from ×1\.4/);
    assert.match(await row('en'), /5\.2\u00a0%\[5\.1.*\]5\.2\u00a0%\[4\.7/);
  }),
);

stories('a hole in the data breaks the line and is shaded', () =>
  seeing(GUARDRAIL, async page => {
    const chart = page.locator('section[aria-labelledby="over-time-fail_rate"]');
    assert.equal(await chart.locator('polyline.line').count(), 2);
    assert.equal(await chart.locator('rect.gap').count(), 1);
    assert.match(await chart.locator('.epoch text').textContent(), /threshold 0\.85 → 0\.8/);
  }),
);

stories('cohorts sort by any column, and the address remembers it', () =>
  seeing(GUARDRAIL, async page => {
    const first = () =>
      page.locator('section[aria-labelledby="cohorts"] tbody tr').first().getAttribute('data-key');
    assert.equal(await first(), 'lang=de');
    await page.click('section[aria-labelledby="cohorts"] thead a:text-is("n")');
    await page.waitForSelector('th:nth-child(3)[aria-sort="descending"]');
    assert.equal(await first(), 'tier=free');
    assert.match(page.url(), /sort=n/);
  }),
);

stories('rejects are shown with their reason and the place of the last one', () =>
  seeing('#/sources', async page => {
    const row = page.locator('tr', {hasText: 'malformed_json'});
    assert.match(await row.textContent(), /17guardrail\.events\/1\/88120001/);
  }),
);

stories('the budget is one number, with the share and the state of every guardrail', () =>
  seeing('#/budget', async page => {
    const text = async key => (await page.textContent(`[data-key="${key}"]`)).replaceAll('\u00a0', ' ');
    assert.match(await text('number'), /^At most 1 false page in 30 days/);
    assert.match(await text('number'), /allow at most 0\.9\./);
    assert.match(await text('halves'), /Half, 0\.5 in 30 days, .* half, 0\.5 in 30 days, for cohorts/);
    const rows = page.locator('[data-key="units"] tbody tr');
    const shares = await rows.locator('data').evaluateAll(all => all.map(one => Number(one.value)));
    assert.ok(shares.length > 1);
    assert.ok(Math.abs(shares.reduce((sum, one) => sum + one, 0) - 1) < 1e-9);
    assert.match(await rows.first().textContent(), /once in .* 1 armed, 1 not monitorable, 1 learning/);
    assert.match(await text('recall'), /once in 3 months.* not monitorable/);
  }),
);

stories('names that look like markup are text', async () => {
  for (const hash of ['#/', '#/alerts', '#/findings', '#/budget', '#/sources']) {
    await seeing(
      hash,
      async page => {
        assert.equal(await page.locator('img, main script, iframe').count(), 0);
        assert.equal(await page.locator('a[href^="javascript" i]').count(), 0);
        if (hash === '#/')
          assert.match(await page.textContent('tbody th a'), /<img src=x onerror=alert\(1\)>/);
      },
      {story: 'hostile'},
    );
  }
  await seeing(
    '#/',
    async page => {
      await page.click('tbody th a');
      await page.waitForSelector('dl.tiles');
      assert.equal(
        await page.textContent('h1'),
        '<img src=x onerror=alert(1)> · "><script>alert(1)</script>',
      );
      assert.equal(await page.locator('img, main script').count(), 0);
    },
    {story: 'hostile'},
  );
});

test('dark and light follow the reader, with text that stands out', async () => {
  const brightness = color =>
    color
      .match(/[\d.]+/g)
      .slice(0, 3)
      .reduce((sum, v) => sum + Number(v), 0) / 3;
  for (const scheme of ['light', 'dark']) {
    await seeing(
      '#/',
      async page => {
        const [ground, ink] = await page.$eval('body', b => [
          getComputedStyle(b).backgroundColor,
          getComputedStyle(b).color,
        ]);
        assert.equal(brightness(ground) < brightness(ink), scheme === 'dark');
        assert.ok(Math.abs(brightness(ground) - brightness(ink)) > 150);
      },
      {options: {scheme}},
    );
  }
});

test('the page fits a phone without sideways scrolling', async () => {
  for (const hash of ['#/', '#/alerts', '#/budget', '#/sources', '#/config', ...(LIVE ? [] : [GUARDRAIL])]) {
    await seeing(
      hash,
      async page => {
        const [content, view] = await page.evaluate(() => [
          document.documentElement.scrollWidth,
          innerWidth,
        ]);
        assert.ok(content <= view, `${hash}: ${content} > ${view}`);
      },
      {options: {width: 360, height: 740}},
    );
  }
});

test('the keyboard reaches every link and control, visibly', () =>
  seeing(LIVE ? '#/' : GUARDRAIL, async page => {
    const wanted = await page.$$eval(
      'a[href], summary, [tabindex="0"]',
      all => all.filter(n => n.checkVisibility()).length,
    );
    const reached = new Set();
    for (let i = 0; i < wanted + 5; ++i) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const node = document.activeElement;
        const all = [...document.querySelectorAll('a[href], summary, [tabindex="0"]')];
        return {index: all.indexOf(node), outline: getComputedStyle(node).outlineStyle};
      });
      if (at.index < 0) break;
      assert.notEqual(at.outline, 'none');
      reached.add(at.index);
    }
    assert.equal(reached.size, wanted);
  }));

stories('a refresh keeps focus and what the reader opened', () =>
  seeing(GUARDRAIL, async page => {
    await page.click('section[aria-labelledby="calibration"] summary');
    await page.focus('.picker a');
    const again = page.waitForResponse(r => r.url().includes('/api/v1/series'), {timeout: 15_000});
    await again;
    await page.waitForFunction(
      () => document.querySelector('section[aria-labelledby="calibration"] details').open,
    );
    assert.ok(await page.evaluate(() => document.activeElement.matches('.picker a')));
  }),
);

stories('a daemon that is gone is said to be gone, with the age of what is shown', async () => {
  const gone = await startServer('calm');
  const {page, close} = await openPage(browser);
  await visit(page, `${gone.url}/#/`);
  assert.equal(await level(page), 'fine');
  await gone.stop();
  await page.waitForSelector('body[data-level="unknown"]', {timeout: 15_000});
  assert.equal(await headline(page), 'The daemon cannot be reached');
  assert.match(
    await page.textContent('.verdict'),
    /What is shown is from \d\d:\d\d:\d\d UTC, .*(ago|now)/,
  );
  assert.ok(await page.isVisible('body.stale tbody tr'));
  await close();
});

stories('a daemon that answers with an error is not taken for a healthy one', async () => {
  const {page, close} = await openPage(browser);
  server.tell('calm');
  await page.route('**/api/v1/alerts', route =>
    route.fulfill({status: 400, json: {error: {code: 'broken', message: 'it broke'}}}),
  );
  await visit(page, `${server.url}/#/`);
  assert.equal(await headline(page), 'The daemon answers with an error');
  assert.match(await page.textContent('.verdict'), /it broke/);
  assert.equal(await level(page), 'unknown');
  await close();
});
