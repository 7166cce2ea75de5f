-- F9: every series, called increased, stable or decreased against the wave before in which it was asked.
SELECT *
FROM figure_cell
WHERE figure = 'F9'
ORDER BY indicator_order, panel_order, wave
