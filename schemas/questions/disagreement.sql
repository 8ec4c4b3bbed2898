-- Where do two models read different numbers of claims out of one abstract?
-- first = patterns
-- second = openai/gpt-5-mini
SELECT abstracts.id, abstracts.title,
       count(DISTINCT CASE WHEN extractions.model = :first THEN claims.claim_id END) AS first,
       count(DISTINCT CASE WHEN extractions.model = :second THEN claims.claim_id END) AS second
FROM abstracts
JOIN extractions ON extractions.abstract_key = abstracts.abstract_key
LEFT JOIN claims ON claims.extraction_id = extractions.extraction_id
WHERE extractions.model IN (:first, :second)
GROUP BY abstracts.id, abstracts.title
HAVING count(DISTINCT extractions.model) = 2
   AND count(DISTINCT CASE WHEN extractions.model = :first THEN claims.claim_id END)
    <> count(DISTINCT CASE WHEN extractions.model = :second THEN claims.claim_id END)
ORDER BY abstracts.id
