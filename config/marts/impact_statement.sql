-- F6: share that (fully) agrees with statements on digital care; positive and negative ones are groups of the figure.
SELECT *
FROM figure_cell
WHERE figure = 'F6'
ORDER BY indicator_order, panel_order, wave
