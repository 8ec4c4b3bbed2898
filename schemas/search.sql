-- A full-text index over the claims and abstracts of a SQLite store, which follows every change.
-- Apply it with: sqlite3 claims.db < search.sql

BEGIN;

-- The texts that are searched, under a number that VACUUM leaves alone.
CREATE TABLE claim_texts (
    key INTEGER PRIMARY KEY,
    extraction_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    method TEXT,
    task TEXT,
    datasets TEXT,
    metric TEXT,
    baselines TEXT,
    evidence TEXT,
    UNIQUE (extraction_id, position)
);
CREATE TABLE abstract_texts (
    key INTEGER PRIMARY KEY,
    abstract_key TEXT NOT NULL UNIQUE,
    title TEXT,
    text TEXT
);
CREATE VIRTUAL TABLE claims_fts USING fts5 (
    method, task, datasets, metric, baselines, evidence,
    content = 'claim_texts', content_rowid = 'key', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE abstracts_fts USING fts5 (
    title, text,
    content = 'abstract_texts', content_rowid = 'key', tokenize = 'unicode61 remove_diacritics 2'
);

-- What people search in.
CREATE VIEW claim_search AS
SELECT
    claim_texts.key, abstracts.id, abstracts.title, abstracts.published, abstracts.url,
    claim_texts.method, claim_texts.task, claim_texts.datasets, claim_texts.metric,
    claims.value_number, claims.value_high, claims.value_unit, claims.value_qualifier,
    claim_texts.baselines, claims.baseline_value_number, claims.baseline_value_unit,
    claims.delta_number, claims.delta_unit, claims.delta_direction,
    claims.outcome, claim_texts.evidence, extractions.model, extractions.created, claims.claim_id
FROM claim_texts
JOIN claims
    ON claims.extraction_id = claim_texts.extraction_id AND claims.position = claim_texts.position
JOIN extractions ON extractions.extraction_id = claims.extraction_id
JOIN abstracts ON abstracts.abstract_key = extractions.abstract_key;
CREATE VIEW abstract_search AS
SELECT
    abstract_texts.key, abstracts.id, abstracts.title, abstracts.text, abstracts.published,
    abstracts.url, abstracts.source
FROM abstract_texts JOIN abstracts ON abstracts.abstract_key = abstract_texts.abstract_key;

-- Texts to index.
CREATE TRIGGER claim_texts_inserted AFTER INSERT ON claim_texts BEGIN
    INSERT INTO claims_fts (rowid, method, task, datasets, metric, baselines, evidence)
    VALUES (new.key, new.method, new.task, new.datasets, new.metric, new.baselines, new.evidence);
END;
CREATE TRIGGER claim_texts_deleted AFTER DELETE ON claim_texts BEGIN
    INSERT INTO claims_fts (claims_fts, rowid, method, task, datasets, metric, baselines, evidence)
    VALUES ('delete', old.key, old.method, old.task, old.datasets, old.metric, old.baselines,
            old.evidence);
END;
CREATE TRIGGER claim_texts_updated AFTER UPDATE ON claim_texts BEGIN
    INSERT INTO claims_fts (claims_fts, rowid, method, task, datasets, metric, baselines, evidence)
    VALUES ('delete', old.key, old.method, old.task, old.datasets, old.metric, old.baselines,
            old.evidence);
    INSERT INTO claims_fts (rowid, method, task, datasets, metric, baselines, evidence)
    VALUES (new.key, new.method, new.task, new.datasets, new.metric, new.baselines, new.evidence);
END;
CREATE TRIGGER abstract_texts_inserted AFTER INSERT ON abstract_texts BEGIN
    INSERT INTO abstracts_fts (rowid, title, text) VALUES (new.key, new.title, new.text);
END;
CREATE TRIGGER abstract_texts_deleted AFTER DELETE ON abstract_texts BEGIN
    INSERT INTO abstracts_fts (abstracts_fts, rowid, title, text)
    VALUES ('delete', old.key, old.title, old.text);
END;

-- Tables of the store to texts. What is replaced fires no trigger of its own deletion, so an
-- insertion makes room first.
CREATE TRIGGER claims_inserted AFTER INSERT ON claims BEGIN
    DELETE FROM claim_texts
    WHERE extraction_id = new.extraction_id AND position = new.position;
    INSERT INTO claim_texts (extraction_id, position, method, task, metric, evidence)
    VALUES (new.extraction_id, new.position, new.method, new.task, new.metric, new.evidence);
END;
CREATE TRIGGER claims_updated AFTER UPDATE ON claims BEGIN
    UPDATE claim_texts
    SET extraction_id = new.extraction_id, position = new.position, method = new.method,
        task = new.task, metric = new.metric, evidence = new.evidence
    WHERE extraction_id = old.extraction_id AND position = old.position;
END;
CREATE TRIGGER claims_deleted AFTER DELETE ON claims BEGIN
    DELETE FROM claim_texts
    WHERE extraction_id = old.extraction_id AND position = old.position;
END;
CREATE TRIGGER abstracts_inserted AFTER INSERT ON abstracts BEGIN
    DELETE FROM abstract_texts WHERE abstract_key = new.abstract_key;
    INSERT INTO abstract_texts (abstract_key, title, text)
    VALUES (new.abstract_key, new.title, new.text);
END;
CREATE TRIGGER abstracts_updated AFTER UPDATE ON abstracts BEGIN
    DELETE FROM abstract_texts WHERE abstract_key = old.abstract_key;
    INSERT INTO abstract_texts (abstract_key, title, text)
    VALUES (new.abstract_key, new.title, new.text);
END;
CREATE TRIGGER abstracts_deleted AFTER DELETE ON abstracts BEGIN
    DELETE FROM abstract_texts WHERE abstract_key = old.abstract_key;
END;
CREATE TRIGGER claim_datasets_inserted AFTER INSERT ON claim_datasets BEGIN
    UPDATE claim_texts SET datasets = (
        SELECT group_concat(name, '; ') FROM (
            SELECT name FROM claim_datasets
            WHERE extraction_id = new.extraction_id AND position = new.position
            ORDER BY ordinal
        )
    )
    WHERE extraction_id = new.extraction_id AND position = new.position;
END;
CREATE TRIGGER claim_datasets_updated AFTER UPDATE ON claim_datasets BEGIN
    UPDATE claim_texts SET datasets = (
        SELECT group_concat(name, '; ') FROM (
            SELECT name FROM claim_datasets
            WHERE extraction_id = old.extraction_id AND position = old.position
            ORDER BY ordinal
        )
    )
    WHERE extraction_id = old.extraction_id AND position = old.position;
    UPDATE claim_texts SET datasets = (
        SELECT group_concat(name, '; ') FROM (
            SELECT name FROM claim_datasets
            WHERE extraction_id = new.extraction_id AND position = new.position
            ORDER BY ordinal
        )
    )
    WHERE extraction_id = new.extraction_id AND position = new.position;
END;
CREATE TRIGGER claim_datasets_deleted AFTER DELETE ON claim_datasets BEGIN
    UPDATE claim_texts SET datasets = (
        SELECT group_concat(name, '; ') FROM (
            SELECT name FROM claim_datasets
            WHERE extraction_id = old.extraction_id AND position = old.position
            ORDER BY ordinal
        )
    )
    WHERE extraction_id = old.extraction_id AND position = old.position;
END;
CREATE TRIGGER claim_baselines_inserted AFTER INSERT ON claim_baselines BEGIN
    UPDATE claim_texts SET baselines = (
        SELECT group_concat(name, '; ') FROM (
            SELECT name FROM claim_baselines
            WHERE extraction_id = new.extraction_id AND position = new.position
            ORDER BY ordinal
        )
    )
    WHERE extraction_id = new.extraction_id AND position = new.position;
END;
CREATE TRIGGER claim_baselines_updated AFTER UPDATE ON claim_baselines BEGIN
    UPDATE claim_texts SET baselines = (
        SELECT group_concat(name, '; ') FROM (
            SELECT name FROM claim_baselines
            WHERE extraction_id = old.extraction_id AND position = old.position
            ORDER BY ordinal
        )
    )
    WHERE extraction_id = old.extraction_id AND position = old.position;
    UPDATE claim_texts SET baselines = (
        SELECT group_concat(name, '; ') FROM (
            SELECT name FROM claim_baselines
            WHERE extraction_id = new.extraction_id AND position = new.position
            ORDER BY ordinal
        )
    )
    WHERE extraction_id = new.extraction_id AND position = new.position;
END;
CREATE TRIGGER claim_baselines_deleted AFTER DELETE ON claim_baselines BEGIN
    UPDATE claim_texts SET baselines = (
        SELECT group_concat(name, '; ') FROM (
            SELECT name FROM claim_baselines
            WHERE extraction_id = old.extraction_id AND position = old.position
            ORDER BY ordinal
        )
    )
    WHERE extraction_id = old.extraction_id AND position = old.position;
END;

-- What is there already.
INSERT INTO claim_texts
    (extraction_id, position, method, task, datasets, metric, baselines, evidence)
SELECT
    extraction_id, position, method, task,
    (SELECT group_concat(name, '; ') FROM (
        SELECT name FROM claim_datasets
        WHERE extraction_id = claims.extraction_id AND position = claims.position
        ORDER BY ordinal)),
    metric,
    (SELECT group_concat(name, '; ') FROM (
        SELECT name FROM claim_baselines
        WHERE extraction_id = claims.extraction_id AND position = claims.position
        ORDER BY ordinal)),
    evidence
FROM claims;
INSERT INTO abstract_texts (abstract_key, title, text)
SELECT abstract_key, title, text FROM abstracts;

COMMIT;
