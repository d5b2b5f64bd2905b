// The daemon's API, and nothing else. What a field may lack is filled in here, once.

const TIMEOUT_MS = 10_000;

export class ApiError extends Error {
  constructor(message, reached) {
    super(message);
    this.reached = reached; // Whether the daemon answered at all.
  }
}

// How far the daemon's clock is ahead of this one.
let ahead = 0;
export const now = () => Date.now() + ahead;

export async function get(endpoint, parameters = {}) {
  const given = Object.entries(parameters).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  const query = new URLSearchParams(given).toString();
  let response;
  let body;
  try {
    response = await fetch(`/api/v1/${endpoint}${query ? `?${query}` : ''}`, {
      headers: {accept: 'application/json'},
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    body = await response.text();
  } catch {
    throw new ApiError('no answer from the daemon', false);
  }
  ahead = (Date.parse(response.headers.get('date')) || Date.now()) - Date.now();
  let json = null;
  try {
    json = JSON.parse(body);
  } catch {
    if (response.ok) throw new ApiError(`${endpoint}: the answer is not JSON`, true);
  }
  if (!response.ok)
    throw new ApiError(json?.error?.message ?? `${endpoint}: HTTP ${response.status}`, true);
  return json;
}

const list = (json, name) => (Array.isArray(json) ? json : (json?.[name] ?? []));

export const isWhole = series => Object.keys(series.slice ?? {}).length === 0;
const WHOLE = 'whole';

// {source, guardrail, category} as parameters of a question.
const unitParameters = unit => ({
  source: unit.source,
  guardrail: unit.guardrail,
  category: unit.category ?? '',
});
export const sameUnit = (a, b) =>
  a.source === b.source && a.guardrail === b.guardrail && (a.category ?? '') === (b.category ?? '');

export const status = async () => {
  const json = await get('status');
  return {...json, sources: list(json, 'sources'), receivers: list(json, 'receivers')};
};
export const alerts = async () => list(await get('alerts'), 'alerts');
export const findings = async () => list(await get('findings'), 'findings');
export const guardrails = async () => list(await get('guardrails'), 'guardrails');

// Changes of every unit, oldest first.
export const epochsOf = all =>
  all
    .flatMap(({source, guardrail, category, variant, epochs}) =>
      (epochs ?? []).map(epoch => ({...epoch, source, guardrail, category, variant})),
    )
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
export const config = () => get('config');

// One for each unit, model version and statistic that is watched for drift.
export const baselines = async () => list(await get('baselines'), 'baselines');

// Windows of the wholes of every unit.
export const wholeWindows = async () =>
  list(await get('windows', {slice: WHOLE}), 'windows').filter(isWhole);

// The windows of one length of one unit, whole and cohorts.
export const unitWindows = async (unit, window) =>
  list(await get('windows', {...unitParameters(unit), window}), 'windows').filter(w =>
    sameUnit(w, unit),
  );

// The windows that an alert about a cohort speaks of.
export const cohortWindows = async ({dimension, value, window, variant, ...labels}) =>
  list(
    await get('windows', {
      ...unitParameters(labels),
      window,
      variant,
      slice: `${dimension}:${value}`,
    }),
    'windows',
  );

// History of one statistic of whole series: [{...series, points: [{start, end, value, low, high, n}]}].
export const series = async (statistic, from, to, step, unit) =>
  list(
    await get('series', {
      ...(unit ? unitParameters(unit) : {}),
      slice: WHOLE,
      statistic,
      from,
      to,
      step,
    }),
    'series',
  ).filter(isWhole);

// Summed over model versions: one for each variant.
export const histogram = async (unit, window) =>
  list(
    await get('histogram', {...unitParameters(unit), window, view: 'current', slice: WHOLE}),
    'histograms',
  ).filter(isWhole);

// Summed over model versions: one for each variant.
export const curves = async (unit, window, view) =>
  list(
    await get('curves', {...unitParameters(unit), window, view, slice: WHOLE}),
    'curves',
  ).filter(isWhole);

// One for each value of each dimension and variant, with rates shrunk towards the other values'.
export const cohorts = async (unit, window) =>
  list(await get('cohorts', {...unitParameters(unit), window, view: 'current'}), 'cohorts');
