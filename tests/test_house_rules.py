"""What a reviewer would have to remember."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "custodyfinder"

MAY_IMPORT = {
    # room: what it may import from the package besides itself and errors
    "domain": set(),
    "gateways": {"domain"},
    "models": {"domain", "db"},
    "services": {"domain", "gateways", "models", "db", "config", "wiring"},
    "web": {"domain", "gateways", "services", "models", "config", "wiring", "clock", "printing"},
    "cli": {"domain", "services", "config", "wiring", "clock", "worker", "printing"},
    "standin": {"clock"},
}
PURE = {"flask", "sqlalchemy", "logging", "os", "requests", "twilio"}


def modules(room: str) -> Iterator[Path]:
    yield from (PACKAGE / room).rglob("*.py")


def imported(path: Path) -> Iterator[str]:
    """Absolute dotted names that a file imports."""
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
            start = f"{base}.{node.module}" if node.level and node.module else base if node.level else node.module
            assert start is not None
            yield from (f"{start}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_point_inwards(room: str) -> None:
    allowed = MAY_IMPORT[room] | {room, "errors"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(room)
        for name in imported(path)
        if name.startswith("custodyfinder.") and name.split(".")[1] not in allowed
    ]

    assert not wrong


def test_pages_and_commands_reach_the_database_only_through_services() -> None:
    """Of the tables, they may know the closed lists."""
    lists = {"RequestState", "TextState", "Kind", "CallOutcome"}
    wrong = [
        f"{path.name} imports {name}"
        for path in [*modules("web"), *modules("cli")]
        for name in imported(path)
        if name.startswith(("custodyfinder.models.", "custodyfinder.db", "sqlalchemy"))
        and name.removeprefix("custodyfinder.models.") not in lists
    ]

    assert not wrong


def test_audit_lines_are_written_by_the_service_that_chains_them_and_by_nobody_else() -> None:
    writes = re.compile(r"\b(insert|update|delete)\(Audit|\bAudit(Event|Head)\((?!Base)")
    wrong = [
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*.py")
        if path != PACKAGE / "services" / "audit.py" and writes.search(path.read_text(encoding="utf-8"))
    ]

    assert not wrong


def test_the_rules_know_no_web_no_database_and_no_environment() -> None:
    wrong = [
        f"{path.name} imports {name}"
        for path in modules("domain")
        for name in imported(path)
        if name.split(".")[0] in PURE
    ]

    assert not wrong


def test_only_the_clock_asks_the_time() -> None:
    asks = re.compile(r"datetime\.now\(|utcnow\(|date\.today\(|time\.time\(")
    wrong = [
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*.py")
        if path.name != "clock.py" and asks.search(path.read_text(encoding="utf-8"))
    ]

    assert not wrong


def test_every_warning_of_the_linter_that_is_set_aside_says_why() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in PACKAGE.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "# noqa" in line and not re.search(r"# noqa: [A-Z]+[0-9]+ - \S", line)
    ]

    assert not wrong
    configuration = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(r'^select = \[.*"S"', configuration, re.MULTILINE)
    assert '"custodyfinder' not in configuration.split("per-file-ignores]")[1].split("[tool.")[0]


def test_long_files_say_why() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {len(lines)} lines"
        for path in [*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
        if "versions" not in path.parts
        and len(lines := path.read_text(encoding="utf-8").splitlines()) > 350
        and not any(line.startswith("# Long because") for line in lines)
    ]

    assert not wrong, "split them, or say why in one comment that starts with '# Long because'"


def test_every_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = set(re.findall(r'"([A-Z][A-Z_]{3,})"', (PACKAGE / "config.py").read_text(encoding="utf-8")))

    assert {name for name in names if f"`{name}`" not in readme} == set()


def test_every_weight_is_in_the_readme_or_the_table_is_named() -> None:
    assert "custodyfinder/domain/weights.py" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_and_says_why_it_is_here(file: str) -> None:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    wrong = [
        line
        for line in lines
        if line and not line.startswith(("#", "-r ")) and not re.fullmatch(r"[\w\[\]-]+==\S+ +# \S.*", line)
    ]

    assert not wrong


def test_only_numbers_that_belong_to_nobody_are_in_the_project() -> None:
    """Ofcom's drama ranges: 07700 900000-900999, 020 7946 0000-0999, 01632 960000-960999."""
    drama = re.compile(r"7700\s?900\d{3}|20\s?7946\s?0\d{3}|1632\s?960\s?\d{3}")
    british = re.compile(r"(?:\+44|\b0)\s?(?:7\d{3}\s?\d{6}|20\s?\d{4}\s?\d{4}|1632\s?\d{3}\s?\d{3})")
    files = [
        path
        for folder in ("custodyfinder", "templates", "seeds", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".csv", ".md", ".txt"}
    ]
    wrong = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in [*files, ROOT / "README.md"]
        for match in british.finditer(path.read_text(encoding="utf-8"))
        if not drama.search(match.group())
    ]

    assert not wrong


def test_views_hold_no_sentence_so_that_a_second_language_can_follow() -> None:
    """Sentences stand in templates, in forms beside their fields, and in `domain/wording`."""
    for path in sorted((PACKAGE / "web").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if "Blueprint" not in {name.id for name in ast.walk(tree) if isinstance(name, ast.Name)}:
            continue
        beside = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        said = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in beside
        ]
        sentences = [words for words in said if re.search(r"^[A-Z][a-z]+ [a-z]|[a-z] [a-z]+[.?!]( |$)", words)]
        assert sentences == [], f"{path.name}: {sentences}"
