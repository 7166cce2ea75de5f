-- F4: care wanted digitally against received digitally, per type of contact.
-- The pair is told by the name of the indicator: `<contact>_wanted` and `<contact>_received`.
WITH wanted AS (
    SELECT
        substr(i.indicator, 1, character_length(i.indicator) - character_length('_wanted')) AS contact,
        i.indicator, i.label_nl, i.label_en, i.unit, i.decimals, i.sort_order,
        e.panel, e.wave, e.n, e.status, e.reason, e.estimate, e.ci_lower, e.ci_upper
    FROM estimate AS e
    JOIN dim_indicator AS i ON i.indicator = e.indicator
    WHERE '|' || i.figures || '|' LIKE '%|F4|%' AND e.breakdown = 'total' AND ends_with(i.indicator, '_wanted')
),
received AS (
    SELECT
        substr(i.indicator, 1, character_length(i.indicator) - character_length('_received')) AS contact,
        i.indicator, i.label_nl, i.label_en, i.unit, i.decimals, i.sort_order,
        e.panel, e.wave, e.n, e.status, e.reason, e.estimate, e.ci_lower, e.ci_upper
    FROM estimate AS e
    JOIN dim_indicator AS i ON i.indicator = e.indicator
    WHERE '|' || i.figures || '|' LIKE '%|F4|%' AND e.breakdown = 'total' AND ends_with(i.indicator, '_received')
)
SELECT
    a.contact,
    a.label_nl AS wanted_label_nl,
    a.label_en AS wanted_label_en,
    b.label_nl AS received_label_nl,
    b.label_en AS received_label_en,
    a.panel,
    p.label_nl AS panel_label_nl,
    p.label_en AS panel_label_en,
    a.wave,
    a.estimate AS wanted_percent,
    a.ci_lower AS wanted_ci_lower,
    a.ci_upper AS wanted_ci_upper,
    a.n AS wanted_n,
    a.status AS wanted_status,
    a.reason AS wanted_reason,
    b.estimate AS received_percent,
    b.ci_lower AS received_ci_lower,
    b.ci_upper AS received_ci_upper,
    b.n AS received_n,
    b.status AS received_status,
    b.reason AS received_reason,
    g.difference AS gap_percentage_points
FROM wanted AS a
JOIN received AS b ON b.contact = a.contact AND b.panel = a.panel AND b.wave = a.wave
LEFT JOIN gap AS g
    ON g.gap = 'contact' AND g.subject = a.contact AND g.panel = a.panel AND g.wave = a.wave AND g.breakdown = 'total'
JOIN dim_panel AS p ON p.panel = a.panel
ORDER BY a.sort_order, p.sort_order, a.wave
