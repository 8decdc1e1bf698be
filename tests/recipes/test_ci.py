"""The CI files of the recipe: they run what the page runs here, and keep what a failed run leaves."""

from __future__ import annotations

from typing import Any

import yaml

from tests.recipes.catalogue import recipe_of
from tests.recipes.page import Command, File

PAGE = recipe_of("ci")
FILES = {step.name: step.text for step in PAGE if isinstance(step, File)}
TYPED = [step.line for step in PAGE if isinstance(step, Command)]
IN_CI = TYPED[TYPED.index("pip install --quiet -r requirements-test.txt") :]
"""The commands that the page says are those of both jobs."""


def github() -> list[dict[str, Any]]:
    # YAML 1.1 reads the key `on` as true; GitHub does not.
    jobs: dict[str, Any] = yaml.safe_load(FILES[".github/workflows/telephony.yml"])["jobs"]
    steps: list[dict[str, Any]] = jobs["telephony"]["steps"]
    return steps


def gitlab() -> dict[str, Any]:
    job: dict[str, Any] = yaml.safe_load(FILES[".gitlab-ci.yml"])["telephony"]
    return job


def test_both_jobs_run_what_the_page_runs_here() -> None:
    assert [step["run"] for step in github() if "run" in step] == IN_CI
    assert gitlab()["script"] == IN_CI


def test_packages_are_kept_by_the_file_that_is_installed() -> None:
    (python,) = (step["with"] for step in github() if "setup-python" in step.get("uses", ""))
    assert (python["cache"], python["cache-dependency-path"]) == ("pip", "requirements-test.txt")
    cache = gitlab()["cache"]
    assert cache["key"]["files"] == ["requirements-test.txt"]
    assert gitlab()["variables"]["PIP_CACHE_DIR"] == f"$CI_PROJECT_DIR/{cache['paths'][0]}"


def test_reports_and_recordings_are_kept_also_after_a_failure() -> None:
    (upload,) = (step for step in github() if "upload-artifact" in step.get("uses", ""))
    assert upload["if"] == "${{ !cancelled() }}"
    assert upload["with"]["path"].split() == ["reports/", ".daily-sim/"]
    assert upload["with"]["include-hidden-files"] is True
    kept = gitlab()["artifacts"]
    assert (kept["when"], kept["paths"]) == ("always", ["reports/", ".daily-sim/"])
    assert kept["reports"]["junit"] == "reports/*.xml"


def test_no_job_asks_for_root_services_or_secrets() -> None:
    for name in (".github/workflows/telephony.yml", ".gitlab-ci.yml"):
        for word in ("sudo", "services", "secrets", "privileged", "apt-get"):
            assert word not in FILES[name]
