-- How do the claims about a metric grow with the years?
-- metric = accuracy
SELECT substr(published, 1, 4) AS year, count(DISTINCT claim_id) AS claims,
       count(DISTINCT id) AS abstracts
FROM claims_flat
WHERE lower(metric) = lower(:metric)
GROUP BY substr(published, 1, 4)
ORDER BY year
