"""Certificates for processes on this machine, as Dask's documentation has them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def certificates(directory: Path) -> dict[str, str]:
    """Make a certificate for 127.0.0.1 and return the environment by which Dask finds it, as its documentation says."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    directory.mkdir(parents=True)
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    names = {f"{role}__{what}" for role in ("SCHEDULER", "WORKER", "CLIENT") for what in ("KEY", "CERT")}
    own = {f"DASK_DISTRIBUTED__COMM__TLS__{name}": str(key if name.endswith("KEY") else certificate) for name in names}
    required = {"DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True"}
    return own | required | {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(certificate)}
