-- Who is said to beat whom, and by how much?
-- first = phi-3
-- second = phi-3-mini
SELECT DISTINCT method, outcome, baseline, dataset, metric,
       value_number, value_unit, baseline_value_number, baseline_value_unit,
       delta_number, delta_unit, delta_direction, id, claim_id, evidence
FROM claims_flat
WHERE (lower(method) = lower(:first) AND lower(baseline) = lower(:second))
   OR (lower(method) = lower(:second) AND lower(baseline) = lower(:first))
ORDER BY dataset, metric
