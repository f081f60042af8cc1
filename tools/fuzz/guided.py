"""One target under atheris in a separate process: libFuzzer ends it when its runs are done.

    python -m tools.fuzz.guided TARGET RUNS SEED FOLDER

The folder gets `watch.json`; libFuzzer writes the coverage to standard error.
"""

from __future__ import annotations

import base64
import importlib
import json
import pkgutil
import resource
import sys
from pathlib import Path
from typing import Any

MOST_MEMORY_MB = 4096
BETWEEN_FACTS = 5_000  # runs


def main() -> None:
    import atheris  # the extra "fuzz"; only here, so that the other modules need none

    with atheris.instrument_imports(include=["poolviz"]):
        import poolviz

        for found in pkgutil.walk_packages(poolviz.__path__, "poolviz."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)
    from .targets import MOST_BYTES, TARGETS
    from .watch import Watch

    name, runs, seed, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    target = TARGETS[name]
    watch = Watch(target)
    seeds = folder / "seeds"
    seeds.mkdir()
    for i, data in enumerate(target.seeds()):
        (seeds / f"{i:04}").write_bytes(data[:MOST_BYTES])
    words = folder / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words), encoding="ascii")
    dictionary = [f"-dict={words}"] if target.words else []

    def one_input(data: bytes) -> None:
        watch(data)
        if watch.runs == runs or watch.runs % BETWEEN_FACTS == 0:
            facts = folder / "facts"  # complete at any time, in case of a timeout
            facts.write_text(json.dumps(_facts(watch)))
            facts.replace(folder / "watch.json")

    options = [f"-runs={runs}", f"-seed={seed}", f"-max_len={MOST_BYTES}", "-timeout=60"]
    options += [*dictionary, f"-rss_limit_mb={MOST_MEMORY_MB}", f"-artifact_prefix={folder}/"]
    atheris.Setup([sys.argv[0], *options, str(seeds)], one_input)
    atheris.Fuzz()


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


def _facts(watch: Any) -> dict[str, Any]:
    return {
        "runs": watch.runs,
        "seconds": watch.seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "slow": [base64.b64encode(data).decode() for _, data in watch.slow],
        "faults": [
            {**vars(fault), "data": base64.b64encode(fault.data).decode()}
            for fault in watch.faults.values()
        ],
    }


if __name__ == "__main__":
    main()
