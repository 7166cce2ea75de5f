-- F1: use of digital applications by care users.
SELECT *
FROM figure_cell
WHERE figure = 'F1'
ORDER BY indicator_order, panel_order, wave
