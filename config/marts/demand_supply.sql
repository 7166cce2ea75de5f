-- F10: what is wanted against what is received or offered, and what stands in the way.
-- A figure that ends in `_wanted` or `_received` is one side of a pair; the others stand alone.
SELECT
    CASE
        WHEN ends_with(e.indicator, '_wanted') THEN substr(e.indicator, 1, character_length(e.indicator) - 7)
        WHEN ends_with(e.indicator, '_received') THEN substr(e.indicator, 1, character_length(e.indicator) - 9)
        ELSE e.indicator
    END AS subject,
    CASE
        WHEN ends_with(e.indicator, '_wanted') THEN 'wanted'
        WHEN ends_with(e.indicator, '_received') THEN 'received'
        ELSE 'alone'
    END AS side,
    e.indicator,
    i.label_nl AS indicator_label_nl,
    i.label_en AS indicator_label_en,
    e.panel,
    p.label_nl AS panel_label_nl,
    p.label_en AS panel_label_en,
    e.wave,
    e.breakdown,
    b.label_nl AS breakdown_label_nl,
    b.label_en AS breakdown_label_en,
    e.level,
    b.level_label_nl,
    b.level_label_en,
    b.sort_order AS level_order,
    i.unit,
    e.estimate AS value,
    e.ci_lower AS ci_lower,
    e.ci_upper AS ci_upper,
    e.n,
    e.status,
    e.reason,
    e.comparability
FROM estimate AS e
JOIN dim_indicator AS i ON i.indicator = e.indicator
JOIN dim_panel AS p ON p.panel = e.panel
JOIN dim_breakdown AS b ON b.breakdown = e.breakdown AND b.level = e.level
WHERE '|' || i.figures || '|' LIKE '%|F10|%'
ORDER BY i.sort_order, p.sort_order, e.wave, e.breakdown, b.sort_order
