-- F9: every series, called increased, stable or decreased against the wave before in which it was asked.
SELECT
    c.indicator,
    i.label_nl AS indicator_label_nl,
    i.label_en AS indicator_label_en,
    c.panel,
    p.label_nl AS panel_label_nl,
    p.label_en AS panel_label_en,
    c.wave,
    c.reference_wave,
    i.unit,
    e.estimate AS value,
    r.estimate AS reference_value,
    c.difference,
    c.ci_lower,
    c.ci_upper,
    c.ci_adjusted_lower,
    c.ci_adjusted_upper,
    c.detectable_difference,
    c.p,
    c.p_adjusted,
    c.call,
    CASE c.call
        WHEN 'increased' THEN 'Gestegen'
        WHEN 'stable' THEN 'Stabiel'
        WHEN 'decreased' THEN 'Gedaald'
        WHEN 'no_test' THEN 'Niet te toetsen'
        WHEN 'not_comparable' THEN 'Niet vergelijkbaar'
        ELSE 'Niet getoond'
    END AS call_label_nl,
    CASE c.call
        WHEN 'increased' THEN 'Increased'
        WHEN 'stable' THEN 'Stable'
        WHEN 'decreased' THEN 'Decreased'
        WHEN 'no_test' THEN 'No test'
        WHEN 'not_comparable' THEN 'Not comparable'
        ELSE 'Withheld'
    END AS call_label_en,
    e.comparability_note
FROM change AS c
JOIN dim_indicator AS i ON i.indicator = c.indicator
JOIN dim_panel AS p ON p.panel = c.panel
JOIN estimate AS e
    ON e.indicator = c.indicator AND e.panel = c.panel AND e.wave = c.wave
    AND e.breakdown = c.breakdown AND e.level = c.level
JOIN estimate AS r
    ON r.indicator = c.indicator AND r.panel = c.panel AND r.wave = c.reference_wave
    AND r.breakdown = c.breakdown AND r.level = c.level
WHERE c.against = 'previous_wave' AND c.breakdown = 'total'
ORDER BY i.sort_order, p.sort_order, c.wave
