"""``python -m unittest rocm_sdk.tests``: what ``rocm-sdk test`` looks at, for people who know TheRock's name for it."""

from __future__ import annotations

import unittest


class InstallationTest(unittest.TestCase):
    """One test of the installation; its name is the one that ``rocm-sdk test`` prints."""

    def __init__(self, name: str = "") -> None:
        super().__init__("check")
        self.name = name

    def id(self) -> str:
        return f"{__name__}.{self.name}"

    __str__ = id

    def check(self) -> None:
        from rocm_sdk import _self_test

        result = _self_test.guarded(self.name)
        if result.state == "skipped":
            self.skipTest(result.detail)
        if result.state != "ok":
            self.fail(result.detail)


def load_tests(loader: unittest.TestLoader, standard: unittest.TestSuite, pattern: str | None) -> unittest.TestSuite:
    """Return a test for each line of ``rocm-sdk test`` (the load_tests protocol of unittest)."""
    from rocm_sdk import _self_test

    return unittest.TestSuite(map(InstallationTest, _self_test.TESTS))
