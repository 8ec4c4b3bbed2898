"""The views, in SQL that both databases understand."""

_CURRENT_CLAIMS = """
    SELECT claims.* FROM claims
    WHERE extraction_id IN (
        SELECT extraction_id FROM (
            SELECT extraction_id, ROW_NUMBER() OVER (
                PARTITION BY abstract_key ORDER BY created DESC, {tie} DESC
            ) AS age
            FROM extractions WHERE status <> 'failed'
        ) AS ranked WHERE age = 1
    )
"""
_CLAIMS_FLAT = """
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
        AND claim_baselines.position = claims.position
"""


def render_views(tie: str) -> list[str]:
    """The statements that create the views.

    `current_claims` holds the claims of the newest extraction of each abstract that did not
    fail; older ones stay beside it in `claims`. `claims_flat` has a row for each of them, data
    set and baseline, with the names of everything spelled out.

    Args:
        tie: the column of `extractions` that tells the newest of those of one second.
    """
    return [
        f"CREATE VIEW current_claims AS {_CURRENT_CLAIMS.format(tie=tie)}",
        f"CREATE VIEW claims_flat AS {_CLAIMS_FLAT}",
    ]
