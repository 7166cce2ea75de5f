-- F5: mean expected impact of digital care per societal challenge; the bands are those of monitor.toml, on the unrounded mean.
SELECT
    indicator,
    indicator_label_nl,
    indicator_label_en,
    indicator_order,
    panel,
    panel_label_nl,
    panel_label_en,
    panel_order,
    panel_role,
    wave,
    is_drawn,
    unit,
    value,
    ci_lower,
    ci_upper,
    n,
    status,
    reason,
    outcome_label_nl,
    outcome_label_en,
    comparability,
    comparability_label_nl,
    comparability_label_en,
    comparability_note,
    segment,
    band,
    band_label_nl,
    band_label_en
FROM figure_cell
WHERE figure = 'F5'
ORDER BY indicator_order, panel_order, wave
