-- What is most often beaten?
SELECT baseline, count(DISTINCT claim_id) AS claims, count(DISTINCT id) AS abstracts
FROM claims_flat
WHERE outcome = 'better' AND baseline IS NOT NULL
GROUP BY baseline
ORDER BY abstracts DESC, claims DESC, baseline
LIMIT 20
