-- F7: use by education and by age.
SELECT *
FROM figure_cell
WHERE figure = 'F7'
ORDER BY indicator_order, panel_order, wave, breakdown_order, level_order
