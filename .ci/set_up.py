"""Make the virtual environment that `make` runs everything in: `set_up.py VENV LOCK`.

Runs under the bare interpreter that `find_python.sh` chose. Installs exactly what the lock holds, then the
project itself, editable; touches VENV/.ready when all of it is there, which is what `make` looks at.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import venv
from pathlib import Path


def platform_problem() -> str | None:
    """Why pjsua2-python or numpy of the lock has no wheel for this machine, or None."""
    system, machine = platform.system(), platform.machine()
    if system == "Linux" and machine == "x86_64":
        libc, version = platform.libc_ver()
        if libc == "glibc" and _at_least(version, (2, 28)):
            return None
        here = f"Linux {machine} with {libc or 'musl or another C library'} {version}".rstrip()
    elif system == "Darwin" and machine in ("arm64", "x86_64"):
        version = platform.mac_ver()[0]
        if _at_least(version, (14,) if machine == "arm64" else (15,)):
            return None
        here = f"macOS {version} {machine}"
    elif system == "Windows":
        return "native Windows is not supported; run this inside a WSL 2 distribution"
    else:
        here = f"{system} {machine}"
    return (
        f"the dependencies have no wheels for {here}; "
        "they have them for Linux x86_64 (glibc 2.28+), macOS 14+ arm64 and macOS 15+ x86_64"
    )


def _at_least(version: str, wanted: tuple[int, ...]) -> bool:
    numbers = tuple(int(part) for part in version.split(".")[: len(wanted)] if part.isdigit())
    return numbers >= wanted


def install(pip: list[str], arguments: list[str], log: Path, count: int) -> bool:
    """Run one `pip install`, showing how far it is; everything it says goes to `log`."""
    seen = 0
    with (
        log.open("a") as kept,
        subprocess.Popen(
            [*pip, "install", "--no-input", "--disable-pip-version-check", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        for line in process.stdout or ():
            kept.write(line)
            if line.startswith(("Collecting ", "Processing ")) and count:
                seen += 1
                tell(f"setup: {seen}/{count} {Path(line.split()[1]).name.split('==')[0]}", passing=True)
            elif line.startswith("Installing collected packages"):
                tell("setup: unpacking", passing=True)
    return process.returncode == 0


def tell(text: str, *, passing: bool = False) -> None:
    """One line on stderr; a `passing` one is overwritten by the next, and left out when nobody watches."""
    if not sys.stderr.isatty():
        if not passing:
            print(text, file=sys.stderr, flush=True)
        return
    print(f"\r\x1b[K{text}", end="" if passing else "\n", file=sys.stderr, flush=True)


def set_up(folder: Path, lock: Path) -> str | None:
    """Do it all; returns what went wrong."""
    project = Path(__file__).resolve().parent.parent
    problem = platform_problem()
    if problem:
        return problem
    if folder.exists() and not (folder / "pyvenv.cfg").exists() and any(folder.iterdir()):
        return f"{folder} holds something that is no virtual environment; move it away or choose another with VENV=…"
    count = sum("==" in line for line in lock.read_text().splitlines())
    tell(f"setup: Python {platform.python_version()}, {count} packages into {folder} (a minute or two, once)")
    try:
        if not usable(folder):
            venv.create(folder, with_pip=True, symlinks=True, clear=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"{folder} could not be made: {error}"

    log = folder / "setup.log"
    log.write_text("")
    pip = [str(folder / "bin" / "python"), "-m", "pip"]
    locked = ["--require-hashes", "--only-binary=:all:", "-r", str(lock)]
    editable = ["--no-build-isolation", "--no-deps", "-e", str(project)]
    if not install(pip, locked, log, count) or not install(pip, editable, log, 0):
        errors = [line for line in log.read_text().splitlines() if line.startswith("ERROR")]
        return f"pip failed, all of its words are in {log}: {' '.join(errors) or 'see its end'}"
    (folder / ".ready").touch()
    tell("setup: done")
    return None


def usable(folder: Path) -> bool:
    """Whether `folder` is a working environment of this interpreter's version, with pip."""
    try:
        asked = subprocess.run(
            [folder / "bin" / "python", "-c", "import pip, platform; print(platform.python_version())"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return asked.stdout.strip() == platform.python_version()


if __name__ == "__main__":
    try:
        went_wrong = set_up(Path(sys.argv[1]), Path(sys.argv[2]))
    except KeyboardInterrupt:
        went_wrong = "interrupted; run it again"
    sys.exit(f"setup: {went_wrong}" if went_wrong else 0)
