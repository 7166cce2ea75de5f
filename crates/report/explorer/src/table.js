// The figures and the differences as tables.

function cell(row, name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  row.append(made);
  return made;
}

export function number(value, decimals, index) {
  const text = Math.abs(value).toFixed(decimals).replace('.', index.words.decimal);
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

export function figure(value, indicator, index) {
  return number(value, indicator.decimals, index) + (indicator.unit === 'percent' ? '%' : '');
}

function table(place, caption, heads, rows) {
  const made = document.createElement('table');
  made.createCaption().textContent = caption;
  const head = made.createTHead().insertRow();
  for (const [text, isNumber] of heads) {
    cell(head, 'th', text, isNumber ? { scope: 'col', class: 'n' } : { scope: 'col' });
  }
  const body = made.createTBody();
  for (const cells of rows) {
    const row = body.insertRow();
    cells.forEach((text, column) => {
      const isNumber = heads[column][1];
      if (column === 0) cell(row, 'th', text, { scope: 'row' });
      else cell(row, 'td', text, isNumber ? { class: 'n' } : {});
    });
  }
  place.replaceChildren(made);
}

export function tables(figures, differences, rows, indicator, index) {
  const words = index.words;
  const isTotal = rows.every((row) => row.level.breakdown === 'total');
  const who = [[words.panel, false], ...(isTotal ? [] : [[words.level, false]]), [words.wave, false]];
  const about = (row) => [row.panel.label, ...(isTotal ? [] : [row.level.label]), row.wave.label];
  const plain = (value) => number(value, indicator.decimals, index);
  table(
    figures,
    words.table,
    [...who, [words.value, true], [words.interval, true], ['n', true], [words.remark, false]],
    rows.map((row) => [
      ...about(row),
      row.value === null ? '–' : figure(row.value, indicator, index),
      row.low === null ? '' : `${plain(row.low)}–${plain(row.high)}`,
      row.n === null ? '' : String(row.n).replace(/\B(?=(\d{3})+$)/g, words.thousands),
      row.status.shown && !row.status.reason ? '' : row.status.label,
    ]),
  );
  table(
    differences,
    words.difference,
    [...who, [words.change, true], [words.call, false]],
    rows
      .filter((row) => row.call)
      .map((row) => [
        ...about(row),
        row.change === null ? '–' : (row.change > 0 ? '+' : '') + plain(row.change),
        `${row.call.sign} ${row.call.label}`.trim(),
      ]),
  );
}
