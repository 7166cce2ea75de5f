-- F5: mean expected impact of digital care per societal challenge, scale 0–10.
-- The bands are those of monitor.toml, on the unrounded mean.
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
    e.band,
    CASE e.band WHEN 'positive' THEN 'Positief' WHEN 'neutral' THEN 'Neutraal' WHEN 'negative' THEN 'Negatief' END AS band_label_nl,
    CASE e.band WHEN 'positive' THEN 'Positive' WHEN 'neutral' THEN 'Neutral' WHEN 'negative' THEN 'Negative' END AS band_label_en
FROM estimate AS e
JOIN dim_indicator AS i ON i.indicator = e.indicator
JOIN dim_panel AS p ON p.panel = e.panel
WHERE '|' || i.figures || '|' LIKE '%|F5|%' AND e.breakdown = 'total'
ORDER BY i.sort_order, p.sort_order, e.wave
