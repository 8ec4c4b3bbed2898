-- Layout 2, for sqlite; written by `make schema`.

CREATE TABLE abstracts (
    abstract_key VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    text_sha256 VARCHAR NOT NULL,
    source VARCHAR,
    url VARCHAR,
    published VARCHAR,
    PRIMARY KEY (abstract_key)
);

CREATE INDEX ix_abstracts_id ON abstracts (id);

CREATE INDEX ix_abstracts_text_sha256 ON abstracts (text_sha256);

CREATE TABLE runs (
    run_id VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    prompt VARCHAR NOT NULL,
    started VARCHAR NOT NULL,
    finished VARCHAR,
    PRIMARY KEY (run_id)
);

CREATE TABLE extractions (
    extraction_id VARCHAR NOT NULL,
    abstract_key VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    reason VARCHAR,
    rejected JSON NOT NULL,
    model VARCHAR NOT NULL,
    prompt VARCHAR NOT NULL,
    schema VARCHAR NOT NULL,
    mode VARCHAR NOT NULL,
    parameters JSON NOT NULL,
    cache_hit INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    tokens_cached INTEGER NOT NULL,
    cost_usd FLOAT,
    latency_s FLOAT NOT NULL,
    created VARCHAR NOT NULL,
    base_url VARCHAR,
    max_reasks INTEGER,
    skip_checks JSON,
    written BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (extraction_id),
    FOREIGN KEY(abstract_key) REFERENCES abstracts (abstract_key) ON DELETE CASCADE,
    FOREIGN KEY(run_id) REFERENCES runs (run_id)
);

CREATE INDEX ix_extractions_abstract_key ON extractions (abstract_key);

CREATE INDEX ix_extractions_run_id ON extractions (run_id);

CREATE INDEX ix_extractions_written ON extractions (written);

CREATE TABLE claims (
    extraction_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    claim_id VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    task VARCHAR,
    metric VARCHAR,
    value_number FLOAT,
    value_high FLOAT,
    value_unit VARCHAR,
    value_qualifier VARCHAR,
    baseline_value_number FLOAT,
    baseline_value_high FLOAT,
    baseline_value_unit VARCHAR,
    baseline_value_qualifier VARCHAR,
    delta_number FLOAT,
    delta_high FLOAT,
    delta_unit VARCHAR,
    delta_qualifier VARCHAR,
    delta_direction VARCHAR,
    outcome VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL,
    span_start INTEGER,
    span_end INTEGER,
    problems JSON NOT NULL,
    PRIMARY KEY (extraction_id, position),
    FOREIGN KEY(extraction_id) REFERENCES extractions (extraction_id) ON DELETE CASCADE
);

CREATE INDEX ix_claims_claim_id ON claims (claim_id);

CREATE INDEX ix_claims_method ON claims (method);

CREATE INDEX ix_claims_metric ON claims (metric);

CREATE TABLE claim_baselines (
    extraction_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    PRIMARY KEY (extraction_id, position, ordinal),
    FOREIGN KEY(extraction_id, position) REFERENCES claims (extraction_id, position) ON DELETE CASCADE
);

CREATE INDEX ix_claim_baselines_name ON claim_baselines (name);

CREATE TABLE claim_datasets (
    extraction_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    PRIMARY KEY (extraction_id, position, ordinal),
    FOREIGN KEY(extraction_id, position) REFERENCES claims (extraction_id, position) ON DELETE CASCADE
);

CREATE INDEX ix_claim_datasets_name ON claim_datasets (name);

CREATE VIEW current_claims AS 
    SELECT claims.* FROM claims
    WHERE extraction_id IN (
        SELECT extraction_id FROM (
            SELECT extraction_id, ROW_NUMBER() OVER (
                PARTITION BY abstract_key ORDER BY created DESC, written DESC
            ) AS age
            FROM extractions WHERE status <> 'failed'
        ) AS ranked WHERE age = 1
    );

CREATE VIEW claims_flat AS 
    SELECT
        abstracts.id, abstracts.title, abstracts.published, abstracts.url,
        claims.method, claims.task, claim_datasets.name AS dataset, claims.metric,
        claims.value_number, claims.value_high, claims.value_unit, claims.value_qualifier,
        claim_baselines.name AS baseline,
        claims.baseline_value_number, claims.baseline_value_high, claims.baseline_value_unit,
        claims.baseline_value_qualifier,
        claims.delta_number, claims.delta_high, claims.delta_unit, claims.delta_qualifier,
        claims.delta_direction,
        claims.outcome, claims.evidence, claims.span_start, claims.span_end,
        extractions.model, extractions.prompt, extractions.created,
        claims.claim_id, claims.extraction_id, claims.position
    FROM current_claims AS claims
    JOIN extractions ON extractions.extraction_id = claims.extraction_id
    JOIN abstracts ON abstracts.abstract_key = extractions.abstract_key
    LEFT JOIN claim_datasets
        ON claim_datasets.extraction_id = claims.extraction_id
        AND claim_datasets.position = claims.position
    LEFT JOIN claim_baselines
        ON claim_baselines.extraction_id = claims.extraction_id
        AND claim_baselines.position = claims.position;
