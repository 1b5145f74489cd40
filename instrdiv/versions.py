"""The version of this project that is installed."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """Of the installed package; ``unknown`` where a checkout is used without an installation."""
    try:
        return version("instrdiv")
    except PackageNotFoundError:
        return "unknown"
