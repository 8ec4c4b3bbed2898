"""What an answer costs, by the price tables of genai-prices."""

from genai_prices import Usage as PricedUsage
from genai_prices import calc_price

from extractor.asking.answers import Answer


def price_answer(answer: Answer, provider: str | None, model: str) -> float | None:
    """Price one answer in USD.

    Returns:
        None where the tables do not know the model, or the server did not count the tokens;
        the tables hold list prices, without discounts.
    """
    if provider is None or not answer.usage.tokens_in:
        return None
    usage = PricedUsage(
        input_tokens=answer.usage.tokens_in,
        output_tokens=answer.usage.tokens_out,
        cache_read_tokens=answer.usage.tokens_cached,
    )
    try:
        return float(calc_price(usage, model_ref=model, provider_id=provider).total_price)
    except (LookupError, ValueError):
        return None
