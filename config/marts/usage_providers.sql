-- F2: use of digital applications by care providers, with the mean of the groups.
SELECT *
FROM figure_cell
WHERE figure = 'F2'
ORDER BY indicator_order, panel_order, wave
