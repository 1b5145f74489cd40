"""All families of the benchmark."""

from collections import Counter

from instrdiv.benchmarks.graded import compositions, dicts, lists, numbers, strings
from instrdiv.benchmarks.graded.family import Family

TOPICS: dict[str, tuple[Family, ...]] = {
    "numbers": numbers.FAMILIES,
    "strings": strings.FAMILIES,
    "lists": lists.FAMILIES,
    "dictionaries": dicts.FAMILIES,
    "compositions": compositions.FAMILIES,
}
FAMILIES: tuple[Family, ...] = tuple(family for topic in TOPICS.values() for family in topic)

if repeated := [name for name, n in Counter(family.name for family in FAMILIES).items() if n > 1]:
    raise ValueError(f"two families have one name: {', '.join(repeated)}")
