-- Which methods lead on a data set, by their own printed values?
-- dataset = GSM8K
-- metric = accuracy
SELECT DISTINCT value_number, value_high, value_unit, value_qualifier, method, id, title, evidence
FROM claims_flat
WHERE lower(dataset) = lower(:dataset)
  AND lower(metric) = lower(:metric)
  AND value_number IS NOT NULL
ORDER BY value_number DESC
