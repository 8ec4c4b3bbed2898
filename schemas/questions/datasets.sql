-- Which data sets are results reported on, and of how many of them are figures printed?
SELECT dataset,
       count(DISTINCT id) AS abstracts,
       count(DISTINCT claim_id) AS claims,
       count(DISTINCT CASE WHEN value_number IS NOT NULL THEN claim_id END) AS with_value
FROM claims_flat
WHERE dataset IS NOT NULL
GROUP BY dataset
ORDER BY abstracts DESC, claims DESC, dataset
LIMIT 20
