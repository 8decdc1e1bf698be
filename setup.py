"""Says why a Python cannot be used before setuptools builds anything; pyproject.toml has everything else.

pip itself would only say "requires a different Python". Keep this file readable for old and new versions.
"""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 12):
    sys.exit(
        "daily-telephony-simulator needs Python 3.11 or 3.12, and this is {}.{} ({}): it uses PJSIP, and the package "
        "pjsua2-python has no wheels for other versions.\n"
        "Make an environment with one of them and install again there, for example:\n"
        "    uv venv --seed --python 3.12 && . .venv/bin/activate\n"
        "or: pyenv install 3.12 && pyenv local 3.12 && python -m venv .venv && . .venv/bin/activate".format(
            *sys.version_info[:2], sys.executable
        )
    )

from setuptools import setup

setup()
