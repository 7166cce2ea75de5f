-- F5: mean expected impact of digital care per societal challenge, scale 0–10.
-- Bands on the unrounded mean: 5.5 and more is positive, from 4.5 to 5.5 neutral, below that negative.
SELECT
    e.indicator,
    i.label_nl AS indicator_label_nl,
    i.label_en AS indicator_label_en,
    e.panel,
    p.label_nl AS panel_label_nl,
    p.label_en AS panel_label_en,
    e.wave,
    i.unit,
    round(CASE WHEN i.unit = 'percent' THEN 100 * e.estimate ELSE e.estimate END, i.decimals) AS value,
    CASE WHEN i.unit = 'percent' THEN 100 * e.ci_lower ELSE e.ci_lower END AS ci_lower,
    CASE WHEN i.unit = 'percent' THEN 100 * e.ci_upper ELSE e.ci_upper END AS ci_upper,
    e.n,
    e.status,
    e.reason,
    e.comparability,
    CASE
        WHEN e.estimate >= 5.5 THEN 'positive'
        WHEN e.estimate >= 4.5 THEN 'neutral'
        WHEN e.estimate < 4.5 THEN 'negative'
    END AS band,
    CASE
        WHEN e.estimate >= 5.5 THEN 'Positief'
        WHEN e.estimate >= 4.5 THEN 'Neutraal'
        WHEN e.estimate < 4.5 THEN 'Negatief'
    END AS band_label_nl,
    CASE
        WHEN e.estimate >= 5.5 THEN 'Positive'
        WHEN e.estimate >= 4.5 THEN 'Neutral'
        WHEN e.estimate < 4.5 THEN 'Negative'
    END AS band_label_en
FROM estimate AS e
JOIN dim_indicator AS i ON i.indicator = e.indicator
JOIN dim_panel AS p ON p.panel = e.panel
WHERE '|' || i.figures || '|' LIKE '%|F5|%' AND e.breakdown = 'total'
ORDER BY i.sort_order, p.sort_order, e.wave
