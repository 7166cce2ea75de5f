-- F8: expected impact among users against non-users of an application, and by age and digital skill of the provider.
-- Each level is set against the last level of its breakdown (non-users, the oldest, the most skilled).
WITH cell AS (
    SELECT
        e.indicator, e.panel, e.wave, e.breakdown, e.level, e.n, e.estimate, e.ci_lower, e.ci_upper,
        e.status, e.reason, e.comparability,
        b.sort_order, b.label_nl, b.label_en, b.level_label_nl, b.level_label_en
    FROM estimate AS e
    JOIN dim_breakdown AS b ON b.breakdown = e.breakdown AND b.level = e.level
    WHERE (starts_with(e.breakdown, 'user_') OR starts_with(e.breakdown, 'age') OR e.breakdown = 'digital_skill')
        AND e.level <> 'background_unknown'
),
last_level AS (
    SELECT breakdown, max(sort_order) AS sort_order
    FROM dim_breakdown
    WHERE level <> 'background_unknown'
    GROUP BY breakdown
),
reference AS (
    SELECT cell.*
    FROM cell
    JOIN last_level ON last_level.breakdown = cell.breakdown AND last_level.sort_order = cell.sort_order
)
SELECT
    e.indicator,
    i.label_nl AS indicator_label_nl,
    i.label_en AS indicator_label_en,
    e.panel,
    p.label_nl AS panel_label_nl,
    p.label_en AS panel_label_en,
    e.wave,
    e.breakdown,
    e.label_nl AS breakdown_label_nl,
    e.label_en AS breakdown_label_en,
    e.level,
    e.level_label_nl,
    e.level_label_en,
    e.sort_order AS level_order,
    i.unit,
    e.estimate AS value,
    e.ci_lower AS ci_lower,
    e.ci_upper AS ci_upper,
    e.n,
    e.status,
    e.reason,
    e.comparability,
    r.level AS reference_level,
    r.level_label_nl AS reference_label_nl,
    r.level_label_en AS reference_label_en,
    r.estimate AS reference_value,
    r.n AS reference_n,
    r.status AS reference_status,
    CASE WHEN e.level = r.level THEN 0 ELSE 0 - c.difference END AS difference,
    0 - c.ci_upper AS difference_ci_lower,
    0 - c.ci_lower AS difference_ci_upper,
    c.p,
    c.p_adjusted
FROM cell AS e
JOIN dim_indicator AS i ON i.indicator = e.indicator
JOIN dim_panel AS p ON p.panel = e.panel
JOIN reference AS r
    ON r.indicator = e.indicator AND r.panel = e.panel AND r.wave = e.wave AND r.breakdown = e.breakdown
LEFT JOIN contrast AS c
    ON c.indicator = e.indicator AND c.panel = e.panel AND c.wave = e.wave AND c.breakdown = e.breakdown
    AND c.level_a = e.level AND c.level_b = r.level
WHERE '|' || i.figures || '|' LIKE '%|F8|%'
ORDER BY i.sort_order, p.sort_order, e.wave, e.breakdown, e.sort_order
