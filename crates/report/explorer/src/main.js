// The explorer: choose an indicator, panels, groups and years; see a chart, a table and differences.
import { draw } from './chart.js';
import { tables } from './table.js';
import { read, write } from './state.js';

const $ = (id) => document.getElementById(id);
const shards = new Map();
let waiting = null;
let index = null;
let state = null;

/** What the scripts in `data/` call: the dimensions, and the figures of an indicator. */
window.peil = {
  index(content) {
    index = content;
  },
  shard(key, columns) {
    shards.set(key, columns);
    if (waiting === key) show();
  },
};

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function indicatorOf(key) {
  return index.indicators.find((one) => one.key === key);
}

/** The list of indicators whose label or question has every word that is searched for. */
function search() {
  const words = $('search').value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = index.indicators.filter((one) => {
    const text = `${one.label} ${one.key} ${one.questions}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const list = $('indicator');
  list.replaceChildren(
    ...found.map((one) => {
      const option = element('option', one.label, { value: one.key });
      option.selected = one.key === state.indicator;
      return option;
    }),
  );
  $('found').textContent = fill(index.words.found, { n: found.length });
}

/** Check boxes for what the indicator has; all are on where none is chosen. */
function boxes(id, all, chosen, change) {
  $(id).replaceChildren(
    ...all.map(([value, label]) => {
      const box = element('input', undefined, { type: 'checkbox', value });
      box.checked = chosen.length === 0 || chosen.includes(value);
      box.addEventListener('change', change);
      const line = element('label');
      line.append(box, ` ${label}`);
      return line;
    }),
  );
}

function checked(id) {
  const all = [...$(id).querySelectorAll('input')];
  const on = all.filter((box) => box.checked).map((box) => box.value);
  return on.length === all.length ? [] : on;
}

/** Rows of a shard with their names, of what is chosen. */
function chosen(columns) {
  const rows = [];
  for (let place = 0; place < columns.panel.length; place += 1) {
    const row = {
      panel: index.panels[columns.panel[place]],
      level: index.levels[columns.level[place]],
      wave: index.waves[columns.wave[place]],
      status: index.statuses[columns.status[place]],
      value: columns.value[place],
      low: columns.low[place],
      high: columns.high[place],
      n: columns.n[place],
      segment: columns.segment[place],
      change: columns.change[place],
      call: columns.call[place] === null ? null : index.calls[columns.call[place]],
    };
    const isIn = (list, key) => list.length === 0 || list.includes(key);
    if (
      row.level.breakdown === state.by &&
      isIn(state.panels, row.panel.key) &&
      isIn(state.waves, String(row.wave.wave))
    ) {
      rows.push(row);
    }
  }
  return rows;
}

function controls(columns) {
  const seen = (column, all) => [...new Set(column)].sort((a, b) => a - b).map((place) => all[place]);
  const panels = seen(columns.panel, index.panels).map((one) => [one.key, one.label]);
  const waves = seen(columns.wave, index.waves).map((one) => [String(one.wave), one.label]);
  const breakdowns = new Map(seen(columns.level, index.levels).map((one) => [one.breakdown, one.of]));
  if (!breakdowns.has(state.by)) state.by = 'total';
  boxes('panels', panels, state.panels, () => {
    state.panels = checked('panels');
    show();
  });
  boxes('waves', waves, state.waves, () => {
    state.waves = checked('waves');
    show();
  });
  $('breakdown').replaceChildren(
    ...[...breakdowns].map(([key, label]) => {
      const option = element('option', label, { value: key });
      option.selected = key === state.by;
      return option;
    }),
  );
}

async function show() {
  const columns = shards.get(state.indicator);
  const focused = document.activeElement;
  const place = focused && focused.type === 'checkbox' ? [focused.closest('[id]').id, focused.value] : null;
  controls(columns);
  if (place) document.querySelector(`#${place[0]} input[value="${CSS.escape(place[1])}"]`)?.focus();
  write(state);
  const indicator = indicatorOf(state.indicator);
  const rows = chosen(columns);
  const shown = rows.filter((row) => row.value !== null).length;
  $('title').textContent = indicator.label;
  $('shown').textContent = shown === 0 ? index.words.nothing : fill(index.words.shown, { n: shown });
  tables($('table'), $('differences'), rows, indicator, index);
  await draw($('chart'), rows, indicator, index);
}

/** Reads the shard of the indicator, once. */
function load() {
  waiting = state.indicator;
  if (shards.has(state.indicator)) {
    show();
    return;
  }
  const script = element('script', undefined, { src: `../data/${indicatorOf(state.indicator).file}` });
  script.addEventListener('error', () => {
    $('shown').textContent = index.words.failed;
  });
  document.head.append(script);
}

function start() {
  if (!index) return;
  $('explorer').hidden = false;
  const from = () => read(index.indicators.map((one) => one.key));
  state = from();
  search();
  load();
  $('search').addEventListener('input', search);
  $('indicator').addEventListener('change', (event) => {
    state = { ...state, indicator: event.target.value, panels: [], waves: [] };
    load();
  });
  $('breakdown').addEventListener('change', (event) => {
    state.by = event.target.value;
    show();
  });
  window.addEventListener('hashchange', () => {
    state = from();
    search();
    load();
  });
  let width = $('chart').clientWidth;
  new ResizeObserver(() => {
    if (Math.abs($('chart').clientWidth - width) > 24 && shards.has(state.indicator)) {
      width = $('chart').clientWidth;
      show();
    }
  }).observe($('chart'));
}

document.addEventListener('DOMContentLoaded', start);
