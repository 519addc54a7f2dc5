"""Keys: whatever decides a result is in its key, and nothing else."""

from __future__ import annotations

from tools.store.keys import catalog_key, digest_of, product_key

RULE = {"rule": 2, "level": 5}


def test_equal_things_have_equal_keys():
    assert product_key(RULE, b"plan") == product_key({"level": 5, "rule": 2}, b"plan")
    assert catalog_key("blas_lib_generic", "aa") == catalog_key("blas_lib_generic", "aa")


def test_other_things_have_other_keys():
    keys = [
        product_key(RULE, b"plan"),
        product_key(RULE, b"plan2"),
        product_key(RULE | {"level": 6}, b"plan"),
        catalog_key("blas_lib_generic", "aa"),
        catalog_key("blas_lib_generic", "ab"),
        catalog_key("rand_lib_generic", "aa"),
        digest_of(b"plan"),
    ]

    assert len(set(keys)) == len(keys)
    assert all(len(key) == 64 for key in keys)
