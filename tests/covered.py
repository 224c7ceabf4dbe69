"""What the whole suite covers of each floor, printed and compared: it may not fall below what stands in pyproject.toml."""

import io
import tomllib
from pathlib import Path

from coverage import Coverage

ROOT = Path(__file__).resolve().parent.parent


def compare(folder: Path) -> int:
    """Prints the share of covered lines a floor, in per cent, and the least that is asked; 1 where one is below."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["academy"]["least-covered"]
    measured = Coverage(data_file=str(folder / "covered"))
    measured.combine([str(file) for file in folder.glob("covered-*")])
    shares = {floor: measured.report(include=[f"{floor}/*"], file=io.StringIO()) for floor in asked}
    print("== Lines covered: " + ", ".join(f"{floor} {shares[floor]:.1f} %" for floor in asked), flush=True)
    fallen = [floor for floor in asked if shares[floor] < asked[floor]]
    for floor in fallen:
        print(
            f"{floor}: {shares[floor]:.1f} % of the lines are covered, {asked[floor]} % is the least (pyproject.toml)"
        )
    return 1 if fallen else 0
