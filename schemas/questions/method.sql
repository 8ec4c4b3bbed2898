-- What is said about a method, by its own paper and by others?
-- method = phi-3
SELECT DISTINCT outcome, metric, value_number, value_unit, delta_number, delta_unit,
       delta_direction, id, title, evidence
FROM claims_flat
WHERE lower(method) = lower(:method) OR lower(baseline) = lower(:method)
ORDER BY id
