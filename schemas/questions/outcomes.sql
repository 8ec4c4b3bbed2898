-- How do claims end, and how many of each print a figure?
SELECT outcome,
       count(*) AS claims,
       count(CASE WHEN value_number IS NOT NULL OR baseline_value_number IS NOT NULL
                    OR delta_number IS NOT NULL THEN 1 END) AS with_figure
FROM current_claims
GROUP BY outcome
ORDER BY claims DESC
