-- F5: mean expected impact of digital care per societal challenge; the bands are those of monitor.toml, on the unrounded mean.
SELECT *
FROM figure_cell
WHERE figure = 'F5'
ORDER BY indicator_order, panel_order, wave
