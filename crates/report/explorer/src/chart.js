// The chart as Vega-Lite, run without evaluating code so that a strict policy holds.
import { View, parse, None } from 'vega';
import { compile } from 'vega-lite';
import { expressionInterpreter } from 'vega-interpreter';
import { figure } from './table.js';

const GRID = '#e3e8ec';
const QUIET = '#4d5b67';

function domain(rows, indicator) {
  const all = rows.flatMap((row) => [row.low, row.high, row.value]).filter((value) => value !== null);
  if (indicator.unit === 'percent') return [0, Math.min(100, Math.ceil(Math.max(10, ...all) / 10) * 10)];
  return [Math.floor(Math.min(...all) - 0.5), Math.ceil(Math.max(...all) + 0.5)];
}

/** A line a panel; a small multiple a level where groups are asked for. */
export function specification(rows, indicator, index, width) {
  const isTotal = rows.every((row) => row.level.breakdown === 'total');
  const values = rows.map((row) => ({
    panel: row.panel.label,
    level: isTotal ? '' : row.level.label,
    wave: row.wave.label,
    segment: `${row.panel.key} ${row.level.level} ${row.segment}`,
    value: row.value,
    low: row.low,
    high: row.high,
    words:
      row.value === null
        ? `${row.panel.label}, ${row.wave.label}: ${row.status.label}`
        : `${row.panel.label}, ${row.wave.label}: ${figure(row.value, indicator, index)}`,
  }));
  const panels = index.panels.filter((panel) => rows.some((row) => row.panel.key === panel.key));
  const scale = { domain: domain(rows, indicator), zero: false };
  const waves = index.waves.map((wave) => wave.label);
  const x = {
    field: 'wave', type: 'ordinal', sort: waves, title: null,
    scale: { type: 'point', padding: 0.4, domain: waves }, axis: { labelAngle: 0 },
  };
  const colour = {
    field: 'panel', type: 'nominal', title: null,
    scale: { domain: panels.map((panel) => panel.label), range: panels.map((panel) => panel.colour) },
    legend: { orient: 'bottom', columns: width < 500 ? 1 : 3, labelLimit: 400, symbolLimit: 40 },
  };
  const shape = { ...colour, scale: { domain: colour.scale.domain } };
  const y = (field) => ({
    field, type: 'quantitative', title: null, scale,
    axis: { tickCount: 5, labelExpr: indicator.unit === 'percent' ? "datum.label + '%'" : 'datum.label' },
  });
  const isShown = { filter: 'isValid(datum.value)' };
  const columns = isTotal || width < 560 ? 1 : 2;
  const layer = [
    {
      transform: [isShown],
      mark: { type: 'line', strokeWidth: 2 },
      encoding: { x, y: y('value'), color: colour, detail: { field: 'segment', type: 'nominal' } },
    },
    {
      transform: [isShown],
      mark: { type: 'rule', strokeWidth: 1.3 },
      encoding: { x, y: y('low'), y2: { field: 'high' }, color: colour },
    },
    {
      transform: [isShown],
      mark: { type: 'point', filled: true, size: 55, opacity: 1 },
      encoding: { x, y: y('value'), color: colour, shape, tooltip: { field: 'words', type: 'nominal' } },
    },
    {
      transform: [{ filter: '!isValid(datum.value)' }],
      mark: { type: 'text', text: '×', baseline: 'bottom', fontSize: 13 },
      encoding: { x, y: { datum: scale.domain[0], type: 'quantitative', scale }, color: { value: QUIET }, tooltip: { field: 'words', type: 'nominal' } },
    },
  ];
  const inner = { width: Math.max(180, width / columns - 60), height: isTotal ? 300 : 190, layer };
  const whole = isTotal
    ? inner
    : {
        facet: {
          field: 'level', type: 'nominal', title: null,
          sort: index.levels.map((level) => level.label), header: { labelFontSize: 13, labelFontWeight: 600, labelAnchor: 'start' },
        },
        columns,
        spec: inner,
      };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: indicator.label,
    data: { values },
    ...whole,
    config: {
      font: 'sans-serif', view: { stroke: null },
      axis: { gridColor: GRID, labelColor: QUIET, labelFontSize: 12, domainColor: '#87929c', tickColor: '#87929c' },
      legend: { labelFontSize: 12.5 },
      axisX: { grid: false },
    },
  };
}

let view = null;

export async function draw(place, rows, indicator, index) {
  if (view) view.finalize();
  view = null;
  place.replaceChildren();
  if (!rows.some((row) => row.value !== null)) return;
  const spec = compile(specification(rows, indicator, index, place.clientWidth || 640)).spec;
  view = new View(parse(spec, null, { ast: true }), {
    renderer: 'svg', container: place, hover: false, logLevel: None, expr: expressionInterpreter,
  });
  await view.runAsync();
}
