"""What each actor may take of the rate limit and the concurrency."""

from dataclasses import replace

from extractor.settings import Settings


def count_actors(settings: Settings, cpus: float) -> int:
    """One actor a processor, but none that could not ask once at a time, and once a minute."""
    bounds = [cpus, settings.concurrency, settings.rpm, settings.tpm]
    return max(1, int(min(bound for bound in bounds if bound is not None)))


def divide_settings(settings: Settings, actors: int) -> Settings:
    """The settings of one of so many actors; its budget comes by loans."""
    return replace(
        settings,
        concurrency=max(1, settings.concurrency // actors),
        rpm=None if settings.rpm is None else settings.rpm / actors,
        tpm=None if settings.tpm is None else settings.tpm / actors,
        max_cost_usd=None if settings.max_cost_usd is None else 0.0,
        max_requests=None if settings.max_requests is None else 0,
    )
