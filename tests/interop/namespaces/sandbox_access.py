"""`python -m tests.interop.namespaces.sandbox_access ADDRESS`: the doors of a sandbox at an address of this machine."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

COMMAND = (sys.executable, "-m", "fake_daily_server", "--sandbox", "--verbose", "--port", "0", "--sip-port", "0")


@contextmanager
def sandbox(address: str, folder: Path) -> Iterator[str]:
    """Run it; what the terminal says at the start. Its records are in the file `records`."""
    with (
        (folder / "records").open("w") as records,
        subprocess.Popen(
            [*COMMAND, "--host", address], cwd=folder, stdout=subprocess.PIPE, stderr=records, text=True
        ) as process,
    ):
        assert process.stdout is not None
        try:
            said = ""
            while "are not kept" not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            yield said
        finally:
            process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert "token" not in rest


def check(address: str, folder: Path) -> None:
    """Open the page with its token, and without; then look for the token in everything that is kept."""
    with sandbox(address, folder) as said:
        found = re.search(rf"Sandbox: (http://{re.escape(address)}:\d+)/\?token=(\S+)", said)
        key = re.search(r"DAILY_API_KEY=(\w+)", said)
        assert found is not None, said
        assert key is not None, said
        url, token = found[1], found[2]
        with httpx.Client(base_url=url, trust_env=False) as browser:
            assert browser.get("/_sim/sandbox").status_code == 401
            for refused in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
                answer = browser.get("/", params={"token": token}, headers=refused)
                assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
            page = browser.get("/", params={"token": token}, follow_redirects=True)
            assert (page.status_code, page.url.path, page.url.query) == (200, "/_sim/sandbox", b"")
            assert key[1] in page.text
            assert browser.post("/_sim/phones", json={}, headers={"Origin": url}).status_code == 200
            assert browser.post("/_sim/phones", json={}, headers={"Origin": "http://127.0.0.1.x"}).status_code == 403
            kept = [browser.get(path).text for path in ("/_sim/timeline", "/_sim/report", "/_sim/settings")]
        with httpx.Client(base_url=url, trust_env=False, headers={"Authorization": f"Bearer {key[1]}"}) as program:
            assert program.get("/_sim/phones").status_code == 200
            kept.append(program.get("/v1/logs/api").text)
    kept.append((folder / "records").read_text())
    assert not [each for each in kept if token in each]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as path:
        check(sys.argv[1], Path(path))
