"""How numbers and names are written on the page."""

import math
from collections.abc import Iterable

SOURCE_NAMES = {
    "real_holdout": "real held-out",
    "real_train": "real train",
    "train_copy": "leaking copy",
    "label_shuffled": "shuffled trait",
    "vae": "VAE",
    "units": "hidden units",
}
ATTACK_NAMES = {
    "mia_nearest": "nearest synthetic person",
    "mia_density": "density of synthetic people",
    "mia_af_lrt": "allele frequencies, likelihood ratio",
    "mia_homer": "allele frequencies, Homer's statistic",
    "mia_sequence": "neighbouring genotypes, likelihood ratio",
}


def name_source(name: str) -> str:
    """Write a generator, a network of it or a reference row in words."""
    return SOURCE_NAMES.get(name, name.replace("_", " "))


def format_number(value: float, *, decimals: int | None = None, least: int = 3) -> str:
    """Write a number with as many decimals as tell it apart from the nearest of 0 and 1.

    decimals: exactly so many; least: at least so many, where they are chosen.

    >>> [format_number(x) for x in (0.0, 1.0, 0.99931, 0.6104, 0.000412, -0.011, 742.3, 36210.0)]
    ['0', '1', '0.9993', '0.610', '0.00041', '−0.011', '742', '36,210']
    """
    if math.isnan(value):
        return "–"
    if decimals is None:
        decimals = _enough_decimals(value, least)
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def _enough_decimals(value: float, least: int) -> int:
    if abs(value) >= 100 or value in (0.0, 1.0):
        return 0
    if abs(value) >= 10:
        return 1
    near_one = abs(abs(value) - 1)
    if near_one < 0.01:
        return max(least, min(6, -math.floor(math.log10(near_one))))
    return max(least, min(6, 1 - math.floor(math.log10(abs(value)))))


def format_interval(low: float, high: float, *, decimals: int) -> str:
    """Write an interval; a dash between positive numbers, which no minus sign can join.

    >>> format_interval(0.98, 0.99, decimals=2), format_interval(-0.1, 0.2, decimals=1)
    ('0.98–0.99', '−0.1 to 0.2')
    """
    ends = [format_number(end, decimals=decimals) for end in (low, high)]
    return (" to " if "−" in "".join(ends) else "–").join(ends)


def format_percent(share: float) -> str:
    """Write a share in percent.

    >>> [format_percent(share) for share in (0.0, 0.00123, 0.999)]
    ['0 %', '0.12 %', '99.9 %']
    """
    percent = 100 * share
    return f"{percent:.3g} %" if abs(percent) >= 10 else f"{percent:.2g} %"


def format_range(counts: Iterable[int]) -> str:
    """Write the smallest and the largest of some counts.

    >>> format_range([1200, 80, 900]), format_range([80, 80])
    ('80 to 1,200', '80')
    """
    known = [*counts]
    return " to ".join(f"{n:,}" for n in sorted({min(known), max(known)}))


def format_seconds(seconds: float) -> str:
    """Write a duration.

    >>> [format_seconds(x) for x in (0.42, 8.3, 75.0, 3990.0)]
    ['0.4 s', '8.3 s', '1 min 15 s', '1 h 06 min']
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def format_memory(megabytes: float) -> str:
    """Write an amount of memory.

    >>> [format_memory(x) for x in (205.4, 1830.0)]
    ['205 MB', '1.8 GB']
    """
    if math.isnan(megabytes):
        return "–"
    return f"{megabytes:.0f} MB" if megabytes < 1000 else f"{megabytes / 1000:.1f} GB"


def join_words(words: list[str]) -> str:
    """Write a list as English does.

    >>> join_words(["a"]), join_words(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def count_word(n: int) -> str:
    """Write a small number in words, as the first word of a sentence.

    >>> count_word(3), count_word(12)
    ('Three', '12')
    """
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    return words[n] if n < len(words) else f"{n:,}"
