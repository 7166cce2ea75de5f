-- F8: expected impact among users against non-users of an application, and by age and digital skill of the provider.
-- Each level is set against the reference level of its breakdown (non-users, the oldest, the most skilled).
SELECT
    e.indicator,
    e.indicator_label_nl,
    e.indicator_label_en,
    e.indicator_order,
    e.panel,
    e.panel_label_nl,
    e.panel_label_en,
    e.panel_order,
    e.panel_role,
    e.wave,
    e.is_drawn,
    e.breakdown,
    e.breakdown_label_nl,
    e.breakdown_label_en,
    e.breakdown_order,
    e.level,
    e.level_label_nl,
    e.level_label_en,
    e.level_order,
    e.is_reference,
    e.cell,
    e.unit,
    e.value,
    e.ci_lower,
    e.ci_upper,
    e.n,
    e.status,
    e.reason,
    e.outcome_label_nl,
    e.outcome_label_en,
    e.comparability,
    e.comparability_label_nl,
    e.comparability_label_en,
    e.comparability_note,
    e.segment,
    r.level AS reference_level,
    r.level_label_nl AS reference_label_nl,
    r.level_label_en AS reference_label_en,
    r.value AS reference_value,
    r.n AS reference_n,
    r.status AS reference_status,
    0 - c.difference AS difference,
    0 - c.ci_upper AS difference_ci_lower,
    0 - c.ci_lower AS difference_ci_upper,
    c.p,
    c.p_adjusted
FROM figure_cell AS e
JOIN figure_cell AS r
    ON r.figure = e.figure AND r.indicator = e.indicator AND r.panel = e.panel AND r.wave = e.wave
    AND r.breakdown = e.breakdown AND r.is_reference
LEFT JOIN contrast AS c
    ON c.indicator = e.indicator AND c.panel = e.panel AND c.wave = e.wave
    AND c.cell_a = e.cell AND c.cell_b = r.cell
WHERE e.figure = 'F8' AND e.level <> 'background_unknown'
ORDER BY e.indicator_order, e.panel_order, e.wave, e.breakdown_order, e.level_order
