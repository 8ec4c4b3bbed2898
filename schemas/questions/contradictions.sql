-- Which abstracts contradict one another about two methods, a data set and a metric?
WITH said AS (
    SELECT method AS winner, baseline AS loser, dataset, metric, id, evidence
    FROM claims_flat WHERE outcome = 'better'
    UNION
    SELECT baseline, method, dataset, metric, id, evidence
    FROM claims_flat WHERE outcome = 'worse'
)
SELECT one.dataset, one.metric, one.winner, one.loser, one.id, one.evidence,
       other.id AS other_id, other.evidence AS other_evidence
FROM said AS one
JOIN said AS other
    ON lower(other.dataset) = lower(one.dataset)
    AND lower(other.metric) = lower(one.metric)
    AND lower(other.winner) = lower(one.loser)
    AND lower(other.loser) = lower(one.winner)
    AND other.id > one.id
ORDER BY one.dataset, one.metric
