-- Layout 2, for postgresql; written by `make schema`.

CREATE TABLE abstracts (
    abstract_key VARCHAR COLLATE "C" NOT NULL,
    id VARCHAR COLLATE "C" NOT NULL,
    title VARCHAR COLLATE "C" NOT NULL,
    text VARCHAR COLLATE "C" NOT NULL,
    text_sha256 VARCHAR COLLATE "C" NOT NULL,
    source VARCHAR COLLATE "C",
    url VARCHAR COLLATE "C",
    published VARCHAR COLLATE "C",
    PRIMARY KEY (abstract_key)
);

CREATE INDEX ix_abstracts_id ON abstracts USING spgist (id);

CREATE INDEX ix_abstracts_text_sha256 ON abstracts (text_sha256);

CREATE TABLE runs (
    run_id VARCHAR COLLATE "C" NOT NULL,
    model VARCHAR COLLATE "C" NOT NULL,
    prompt VARCHAR COLLATE "C" NOT NULL,
    started VARCHAR COLLATE "C" NOT NULL,
    finished VARCHAR COLLATE "C",
    PRIMARY KEY (run_id)
);

CREATE TABLE extractions (
    extraction_id VARCHAR COLLATE "C" NOT NULL,
    abstract_key VARCHAR COLLATE "C" NOT NULL,
    run_id VARCHAR COLLATE "C" NOT NULL,
    status VARCHAR COLLATE "C" NOT NULL,
    reason VARCHAR COLLATE "C",
    rejected JSON NOT NULL,
    model VARCHAR COLLATE "C" NOT NULL,
    prompt VARCHAR COLLATE "C" NOT NULL,
    schema VARCHAR COLLATE "C" NOT NULL,
    mode VARCHAR COLLATE "C" NOT NULL,
    parameters JSON NOT NULL,
    cache_hit INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    tokens_cached INTEGER NOT NULL,
    cost_usd FLOAT,
    latency_s FLOAT NOT NULL,
    created VARCHAR COLLATE "C" NOT NULL,
    base_url VARCHAR COLLATE "C",
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
    extraction_id VARCHAR COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    claim_id VARCHAR COLLATE "C" NOT NULL,
    method VARCHAR COLLATE "C" NOT NULL,
    task VARCHAR COLLATE "C",
    metric VARCHAR COLLATE "C",
    value_number FLOAT,
    value_high FLOAT,
    value_unit VARCHAR COLLATE "C",
    value_qualifier VARCHAR COLLATE "C",
    baseline_value_number FLOAT,
    baseline_value_high FLOAT,
    baseline_value_unit VARCHAR COLLATE "C",
    baseline_value_qualifier VARCHAR COLLATE "C",
    delta_number FLOAT,
    delta_high FLOAT,
    delta_unit VARCHAR COLLATE "C",
    delta_qualifier VARCHAR COLLATE "C",
    delta_direction VARCHAR COLLATE "C",
    outcome VARCHAR COLLATE "C" NOT NULL,
    evidence VARCHAR COLLATE "C" NOT NULL,
    span_start INTEGER,
    span_end INTEGER,
    problems JSON NOT NULL,
    PRIMARY KEY (extraction_id, position),
    FOREIGN KEY(extraction_id) REFERENCES extractions (extraction_id) ON DELETE CASCADE
);

CREATE INDEX ix_claims_claim_id ON claims (claim_id);

CREATE INDEX ix_claims_method ON claims USING spgist (method);

CREATE INDEX ix_claims_metric ON claims USING spgist (metric);

CREATE TABLE claim_baselines (
    extraction_id VARCHAR COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    name VARCHAR COLLATE "C" NOT NULL,
    PRIMARY KEY (extraction_id, position, ordinal),
    FOREIGN KEY(extraction_id, position) REFERENCES claims (extraction_id, position) ON DELETE CASCADE
);

CREATE INDEX ix_claim_baselines_name ON claim_baselines USING spgist (name);

CREATE TABLE claim_datasets (
    extraction_id VARCHAR COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    name VARCHAR COLLATE "C" NOT NULL,
    PRIMARY KEY (extraction_id, position, ordinal),
    FOREIGN KEY(extraction_id, position) REFERENCES claims (extraction_id, position) ON DELETE CASCADE
);

CREATE INDEX ix_claim_datasets_name ON claim_datasets USING spgist (name);

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
