-- F1: use of digital applications by care users.
SELECT
    e.indicator,
    i.label_nl AS indicator_label_nl,
    i.label_en AS indicator_label_en,
    e.panel,
    p.label_nl AS panel_label_nl,
    p.label_en AS panel_label_en,
    e.wave,
    i.unit,
    e.estimate AS value,
    e.ci_lower AS ci_lower,
    e.ci_upper AS ci_upper,
    e.n,
    e.status,
    e.reason,
    e.comparability,
    c.call
FROM estimate AS e
JOIN dim_indicator AS i ON i.indicator = e.indicator
JOIN dim_panel AS p ON p.panel = e.panel
LEFT JOIN change AS c
    ON c.indicator = e.indicator AND c.panel = e.panel AND c.wave = e.wave
    AND c.breakdown = e.breakdown AND c.level = e.level AND c.against = 'previous_wave'
WHERE '|' || i.figures || '|' LIKE '%|F1|%' AND e.breakdown = 'total'
ORDER BY i.sort_order, p.sort_order, e.wave
