-- F3: care processes judged suitable for digitalisation against carried out digitally.
-- Which indicators are a pair stands in monitor.toml, and in dim_gap.
SELECT
    d.subject AS process,
    d.subject_label_nl AS process_label_nl,
    d.subject_label_en AS process_label_en,
    d.sort_order AS subject_order,
    a.panel,
    a.panel_label_nl,
    a.panel_label_en,
    a.panel_order,
    a.panel_role,
    a.wave,
    a.is_drawn,
    a.indicator_label_nl AS suitable_label_nl,
    a.indicator_label_en AS suitable_label_en,
    a.value AS suitable_percent,
    a.ci_lower AS suitable_ci_lower,
    a.ci_upper AS suitable_ci_upper,
    a.n AS suitable_n,
    a.status AS suitable_status,
    a.reason AS suitable_reason,
    b.indicator_label_nl AS carried_out_label_nl,
    b.indicator_label_en AS carried_out_label_en,
    b.value AS carried_out_percent,
    b.ci_lower AS carried_out_ci_lower,
    b.ci_upper AS carried_out_ci_upper,
    b.n AS carried_out_n,
    b.status AS carried_out_status,
    b.reason AS carried_out_reason,
    g.difference AS gap_percentage_points,
    g.ci_lower AS gap_ci_lower,
    g.ci_upper AS gap_ci_upper,
    g.call AS gap_call,
    c.difference AS gap_change_percentage_points,
    c.call AS gap_change_call
FROM dim_figure AS f
JOIN dim_gap AS d ON d.gap = f.gap
JOIN figure_cell AS a ON a.figure = f.figure AND a.indicator = d.indicator
JOIN figure_cell AS b
    ON b.figure = f.figure AND b.indicator = d.minus AND b.panel = a.panel AND b.wave = a.wave AND b.cell = a.cell
LEFT JOIN gap AS g
    ON g.gap = d.gap AND g.subject = d.subject AND g.panel = a.panel AND g.wave = a.wave AND g.cell = a.cell
LEFT JOIN gap_change AS c
    ON c.gap = d.gap AND c.subject = d.subject AND c.panel = a.panel AND c.wave = a.wave AND c.cell = a.cell
    AND c.against = 'previous_wave'
WHERE f.figure = 'F3'
ORDER BY d.sort_order, a.panel_order, a.wave
