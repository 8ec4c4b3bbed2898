-- What was asked of which model, and what did it cost?
SELECT model, prompt, count(*) AS extractions,
       count(CASE WHEN status = 'failed' THEN 1 END) AS failed,
       count(CASE WHEN cache_hit = 1 THEN 1 END) AS cached,
       sum(tokens_in) AS tokens_in, sum(tokens_out) AS tokens_out, sum(cost_usd) AS cost_usd
FROM extractions
GROUP BY model, prompt
ORDER BY extractions DESC, model, prompt
