-- F10: what is wanted against what is received or offered, and what stands in the way.
-- An indicator of a pair is its first or second side; the others stand alone.
WITH side AS (
    SELECT f.figure, d.indicator, 'first' AS side, d.subject, d.subject_label_nl, d.subject_label_en,
        d.indicator_label_nl AS side_label_nl, d.indicator_label_en AS side_label_en
    FROM dim_figure AS f
    JOIN dim_gap AS d ON d.gap = f.gap
    UNION ALL
    SELECT f.figure, d.minus AS indicator, 'second' AS side, d.subject, d.subject_label_nl, d.subject_label_en,
        d.minus_label_nl AS side_label_nl, d.minus_label_en AS side_label_en
    FROM dim_figure AS f
    JOIN dim_gap AS d ON d.gap = f.gap
)
SELECT
    COALESCE(s.subject, e.indicator) AS subject,
    COALESCE(s.subject_label_nl, e.indicator_label_nl) AS subject_label_nl,
    COALESCE(s.subject_label_en, e.indicator_label_en) AS subject_label_en,
    COALESCE(s.side, 'alone') AS side,
    s.side_label_nl,
    s.side_label_en,
    e.*
FROM figure_cell AS e
LEFT JOIN side AS s ON s.figure = e.figure AND s.indicator = e.indicator
WHERE e.figure = 'F10'
ORDER BY e.indicator_order, e.panel_order, e.wave, e.breakdown_order, e.level_order
