-- One labelled row a figure of the publication, indicator, panel, wave and cell: what dim_figure and its bridges say that it shows.
-- The marts of the figures select from it.
SELECT
    fi.figure,
    e.indicator,
    i.label_nl AS indicator_label_nl,
    i.label_en AS indicator_label_en,
    fi.sort_order AS indicator_order,
    fi.group_name,
    g.label_nl AS group_label_nl,
    g.label_en AS group_label_en,
    e.panel,
    p.label_nl AS panel_label_nl,
    p.label_en AS panel_label_en,
    fp.sort_order AS panel_order,
    fp.role AS panel_role,
    e.wave,
    fw.wave IS NOT NULL AS is_drawn,
    e.breakdown,
    b.label_nl AS breakdown_label_nl,
    b.label_en AS breakdown_label_en,
    fb.sort_order AS breakdown_order,
    e.level,
    b.level_label_nl,
    b.level_label_en,
    b.sort_order AS level_order,
    b.is_reference,
    e.cell,
    i.unit,
    e.estimate AS value,
    e.ci_lower,
    e.ci_upper,
    e.n,
    e.status,
    e.reason,
    s.label_nl AS outcome_label_nl,
    s.label_en AS outcome_label_en,
    e.comparability,
    k.label_nl AS comparability_label_nl,
    k.label_en AS comparability_label_en,
    e.comparability_note,
    e.segment,
    e.band,
    r.label_nl AS band_label_nl,
    r.label_en AS band_label_en,
    c.reference_wave,
    o.estimate AS reference_value,
    c.difference,
    c.ci_lower AS difference_ci_lower,
    c.ci_upper AS difference_ci_upper,
    c.ci_adjusted_lower,
    c.ci_adjusted_upper,
    c.detectable_difference,
    c.p,
    c.p_adjusted,
    c.call,
    l.label_nl AS call_label_nl,
    l.label_en AS call_label_en
FROM figure_indicator AS fi
JOIN figure_panel AS fp ON fp.figure = fi.figure
JOIN figure_breakdown AS fb ON fb.figure = fi.figure
JOIN estimate AS e ON e.indicator = fi.indicator AND e.panel = fp.panel AND e.breakdown = fb.breakdown
JOIN dim_indicator AS i ON i.indicator = e.indicator
JOIN dim_panel AS p ON p.panel = e.panel
JOIN dim_breakdown AS b ON b.cell = e.cell
JOIN dim_status AS s ON s.outcome = e.outcome
JOIN dim_code AS k ON k.kind = 'comparability' AND k.code = e.comparability
LEFT JOIN figure_wave AS fw ON fw.figure = fi.figure AND fw.wave = e.wave
LEFT JOIN figure_group AS g ON g.figure = fi.figure AND g.group_name = fi.group_name
LEFT JOIN dim_band AS r ON r.unit = i.unit AND r.band = e.band
LEFT JOIN change AS c
    ON c.indicator = e.indicator AND c.panel = e.panel AND c.wave = e.wave AND c.cell = e.cell
    AND c.against = 'previous_wave'
LEFT JOIN dim_code AS l ON l.kind = 'call' AND l.code = c.call
LEFT JOIN estimate AS o
    ON o.indicator = e.indicator AND o.panel = e.panel AND o.cell = e.cell AND o.wave = c.reference_wave
ORDER BY fi.figure, fi.sort_order, fp.sort_order, e.wave, fb.sort_order, b.sort_order
