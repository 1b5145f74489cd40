"""Under test, the functions that handle arrays and records check their arguments, shapes included.

The experiments' configs are left out: they check themselves, and tests look at how they refuse.
"""

from beartype import BeartypeConf, beartype
from jaxtyping import install_import_hook

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))  # an int will do for a float
CHECKED = ["tasks", "models", "runs", "statistics", "training.evaluation", "training.loop"]
install_import_hook([f"instrdiv.{name}" for name in CHECKED], "conftest.checked")
