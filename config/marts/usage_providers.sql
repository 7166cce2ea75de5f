-- F2: use of digital applications by care providers, with the mean of the groups.
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
    call,
    call_label_nl,
    call_label_en
FROM figure_cell
WHERE figure = 'F2'
ORDER BY indicator_order, panel_order, wave
