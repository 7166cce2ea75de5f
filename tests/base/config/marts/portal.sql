-- The share that offers a patient portal, wave by wave.
SELECT e.panel, e.wave, e.estimate AS value, e.n, e.status
FROM estimate AS e
WHERE e.indicator = 'portal_offered' AND e.breakdown = 'total'
ORDER BY e.panel, e.wave
