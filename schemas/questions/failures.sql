-- Why did abstracts fail that nothing has replaced yet?
SELECT reason, count(*) AS abstracts, min(abstracts.id) AS example
FROM extractions AS failed
JOIN abstracts ON abstracts.abstract_key = failed.abstract_key
WHERE failed.status = 'failed'
  AND NOT EXISTS (
      SELECT 1 FROM extractions AS better
      WHERE better.abstract_key = failed.abstract_key AND better.status <> 'failed'
  )
GROUP BY reason
ORDER BY abstracts DESC, reason
