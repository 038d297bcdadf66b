"""Run the measurements: all of them, or the ones named."""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import UTC, datetime

from custodyfinder.config import PROJECT

from . import crash, ranking, texts

PARTS = {"ranking": ranking.measure, "texts": texts.measure, "crash": crash.measure}


def main(names: list[str]) -> int:
    """Measure each part, print its lines as they come, write the figures."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(
            f"There is no part {unknown[0]}. Parts: {', '.join(PARTS)}. Example: make bench ONLY=ranking",
            file=sys.stderr,
        )
        return 2
    path = PROJECT / "instance" / "bench.json"
    path.parent.mkdir(exist_ok=True)
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    for name in names or PARTS:
        print(f"== {name}", flush=True)
        kept[name] = {
            "figures": PARTS[name](),
            "machine": machine,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        path.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    print(f"Written to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
