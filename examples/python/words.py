"""Counts words."""

from collections import Counter


def count(text: str) -> Counter[str]:
    return Counter(text.lower().split())
