"""Says why a Python cannot be used before setuptools builds anything, and lets it build from the sources alone.

pyproject.toml has everything else.
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

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build import build


class BuildFromSources(build):
    """Removes what earlier builds left in build/lib: setuptools would ship it, also modules that are deleted since."""

    def run(self):
        for package in ("simulator", "fake_daily_server", "scenarios"):
            earlier = Path(self.build_lib, package)
            if earlier.exists():
                shutil.rmtree(earlier)
        super().run()


setup(cmdclass={"build": BuildFromSources})
