// The choice, kept in the address: `#portal_use&panels=gp,nurse&by=age&waves=2024,2025`.

export function read(indicators) {
  const parts = decodeURIComponent(window.location.hash.slice(1)).split('&');
  const named = new Map(parts.slice(1).map((part) => part.split('=')));
  const list = (name) => (named.get(name) || '').split(',').filter(Boolean);
  return {
    indicator: indicators.includes(parts[0]) ? parts[0] : indicators[0],
    panels: list('panels'),
    by: named.get('by') || 'total',
    waves: list('waves'),
  };
}

export function write(state) {
  const parts = [state.indicator];
  if (state.panels.length) parts.push(`panels=${state.panels.join(',')}`);
  if (state.by !== 'total') parts.push(`by=${state.by}`);
  if (state.waves.length) parts.push(`waves=${state.waves.join(',')}`);
  const hash = `#${parts.map(encodeURI).join('&')}`;
  if (hash !== window.location.hash) window.history.replaceState(null, '', hash);
}
