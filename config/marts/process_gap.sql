-- F3: care processes judged suitable for digitalisation against carried out digitally.
-- The pair is told by the name of the indicator: `<process>_suitable` and `<process>_carried_out`.
WITH suitable AS (
    SELECT
        substr(i.indicator, 1, character_length(i.indicator) - character_length('_suitable')) AS process,
        i.indicator, i.label_nl, i.label_en, i.unit, i.decimals, i.sort_order,
        e.panel, e.wave, e.n, e.status, e.reason, e.estimate, e.ci_lower, e.ci_upper
    FROM estimate AS e
    JOIN dim_indicator AS i ON i.indicator = e.indicator
    WHERE '|' || i.figures || '|' LIKE '%|F3|%' AND e.breakdown = 'total' AND ends_with(i.indicator, '_suitable')
),
carried_out AS (
    SELECT
        substr(i.indicator, 1, character_length(i.indicator) - character_length('_carried_out')) AS process,
        i.indicator, i.label_nl, i.label_en, i.unit, i.decimals, i.sort_order,
        e.panel, e.wave, e.n, e.status, e.reason, e.estimate, e.ci_lower, e.ci_upper
    FROM estimate AS e
    JOIN dim_indicator AS i ON i.indicator = e.indicator
    WHERE '|' || i.figures || '|' LIKE '%|F3|%' AND e.breakdown = 'total' AND ends_with(i.indicator, '_carried_out')
)
SELECT
    a.process,
    a.label_nl AS suitable_label_nl,
    a.label_en AS suitable_label_en,
    b.label_nl AS carried_out_label_nl,
    b.label_en AS carried_out_label_en,
    a.panel,
    p.label_nl AS panel_label_nl,
    p.label_en AS panel_label_en,
    a.wave,
    a.estimate AS suitable_percent,
    a.ci_lower AS suitable_ci_lower,
    a.ci_upper AS suitable_ci_upper,
    a.n AS suitable_n,
    a.status AS suitable_status,
    a.reason AS suitable_reason,
    b.estimate AS carried_out_percent,
    b.ci_lower AS carried_out_ci_lower,
    b.ci_upper AS carried_out_ci_upper,
    b.n AS carried_out_n,
    b.status AS carried_out_status,
    b.reason AS carried_out_reason,
    g.difference AS gap_percentage_points
FROM suitable AS a
JOIN carried_out AS b ON b.process = a.process AND b.panel = a.panel AND b.wave = a.wave
LEFT JOIN gap AS g
    ON g.gap = 'process' AND g.subject = a.process AND g.panel = a.panel AND g.wave = a.wave AND g.breakdown = 'total'
JOIN dim_panel AS p ON p.panel = a.panel
ORDER BY a.sort_order, p.sort_order, a.wave
