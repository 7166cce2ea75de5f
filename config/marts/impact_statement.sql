-- F6: share that (fully) agrees with statements on digital care.
-- Whether a statement is positive or negative stands at the end of the indicator's name.
SELECT
    e.indicator,
    i.label_nl AS indicator_label_nl,
    i.label_en AS indicator_label_en,
    e.panel,
    p.label_nl AS panel_label_nl,
    p.label_en AS panel_label_en,
    e.wave,
    CASE
        WHEN ends_with(e.indicator, '_positive') THEN 'positive'
        WHEN ends_with(e.indicator, '_negative') THEN 'negative'
        ELSE 'unspecified'
    END AS direction,
    CASE
        WHEN ends_with(e.indicator, '_positive') THEN 'Positief'
        WHEN ends_with(e.indicator, '_negative') THEN 'Negatief'
        ELSE 'Niet aangegeven'
    END AS direction_label_nl,
    CASE
        WHEN ends_with(e.indicator, '_positive') THEN 'Positive'
        WHEN ends_with(e.indicator, '_negative') THEN 'Negative'
        ELSE 'Unspecified'
    END AS direction_label_en,
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
WHERE '|' || i.figures || '|' LIKE '%|F6|%' AND e.breakdown = 'total'
ORDER BY i.sort_order, p.sort_order, e.wave
