"""The call machine, which is joined from small scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_daily_server.values.errors import ServerFault
from fake_daily_server.web.call_machine import call_machine


def test_the_scripts_are_joined_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "20_second.js").write_text("said(word);\n")
    (tmp_path / "10_first.js").write_text("const word = 'hello';\n")
    (tmp_path / "README.md").write_text("not a script")
    assert call_machine(tmp_path) == (
        "(() => {\n\n"
        '"use strict";\n\n'
        "// 10_first.js\nconst word = 'hello';\n\n"
        "// 20_second.js\nsaid(word);\n\n"
        "})();\n"
    )


def test_a_folder_without_scripts_is_a_server_fault(tmp_path: Path) -> None:
    with pytest.raises(ServerFault, match=f"no \\*.js file in {tmp_path}"):
        call_machine(tmp_path)
