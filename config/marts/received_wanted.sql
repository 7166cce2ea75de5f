-- F4: care wanted digitally against received digitally, per type of contact.
-- Which indicators are a pair stands in monitor.toml, and in dim_gap.
SELECT
    d.subject AS contact,
    d.subject_label_nl AS contact_label_nl,
    d.subject_label_en AS contact_label_en,
    d.sort_order AS subject_order,
    a.group_name,
    a.group_label_nl,
    a.group_label_en,
    a.panel,
    a.panel_label_nl,
    a.panel_label_en,
    a.panel_order,
    a.panel_role,
    a.wave,
    a.is_drawn,
    a.indicator_label_nl AS wanted_label_nl,
    a.indicator_label_en AS wanted_label_en,
    a.value AS wanted_percent,
    a.ci_lower AS wanted_ci_lower,
    a.ci_upper AS wanted_ci_upper,
    a.n AS wanted_n,
    a.status AS wanted_status,
    a.reason AS wanted_reason,
    b.indicator_label_nl AS received_label_nl,
    b.indicator_label_en AS received_label_en,
    b.value AS received_percent,
    b.ci_lower AS received_ci_lower,
    b.ci_upper AS received_ci_upper,
    b.n AS received_n,
    b.status AS received_status,
    b.reason AS received_reason,
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
WHERE f.figure = 'F4'
ORDER BY d.sort_order, a.panel_order, a.wave
