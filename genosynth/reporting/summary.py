"""The few lines a finished run prints.  `python -m genosynth.reporting.summary results/demo`"""

import sys
from pathlib import Path

import pandas as pd

from genosynth.errors import ArtifactMismatch
from genosynth.files import read_table
from genosynth.reporting.tables import pool_repeats
from genosynth.reporting.verdicts import judge
from genosynth.reporting.wording import format_number, name_source
from genosynth.settings.generators import ROWS_OF_REAL_PEOPLE

KEY_SCORES = {
    "LD": "ld_near_pearson",
    "C2ST": "c2st_auc",
    "slope": "effect_slope",
    "TSTR AUC": "tstr_auc.logistic",
    "TSTR r²": "tstr_r2.ridge",
    "nearest": "dcr_ratio",
}


def summarise(scores: pd.DataFrame) -> str:
    """Set key scores and verdicts of every generator below what real people reach."""
    return "\n".join(
        line
        for trait, of_trait in scores.groupby("trait", sort=False)
        for line in _summarise_trait(str(trait), pool_repeats(of_trait))
    )


def _summarise_trait(trait: str, scores: pd.DataFrame) -> list[str]:
    generators = [g for g in scores["generator"].unique() if g not in ROWS_OF_REAL_PEOPLE]
    names = [name_source(name) for name in generators]
    width = max(len(text) for text in [trait, *names]) + 2
    ceilings = scores.drop_duplicates("metric").set_index("metric")["ceiling"]
    lines = [f"{trait:<{width}}  {_list_scores(ceilings)}  real people: the ceiling"]
    for generator, name in zip(generators, names, strict=True):
        values = scores[scores["generator"] == generator].set_index("metric")["value"]
        answers = ", ".join(verdict.headline.lower() for verdict in judge(scores, generator))
        lines.append(f"  {name:<{width}}{_list_scores(values)}  {answers}")
    return lines


def _list_scores(values: pd.Series) -> str:
    known = {title: name for title, name in KEY_SCORES.items() if name in values.index}
    return "  ".join(f"{t} {format_number(values[name], decimals=3)}" for t, name in known.items())


def summarise_folder(folder: str | Path) -> str:
    """Summarise results/{cohort}: where the report is, who is in it, and the key scores.

    Raises:
        ArtifactMismatch: the folder holds no scores.
    """
    folder = Path(folder)
    paths = sorted(folder.glob("*/scores.tsv"))
    if not paths:
        raise ArtifactMismatch(f"{folder}: no scores.tsv in its folders. Run the workflow first")
    n_of = read_table(folder / "cohort" / "split.tsv")["part"].value_counts()
    n_synthetic = [len(read_table(path.parent / "labels" / "1.tsv")) for path in paths]
    n_variants = [len(read_table(path.parent / "panel.tsv")) for path in paths]
    drawn = f"made    {max(n_synthetic):,} synthetic people from each generator, of"
    is_fitted = any(any(path.parent.glob("*/model")) for path in paths)
    header = [
        f"report  {folder / 'report.html'}",
        f"{drawn if is_fitted else 'scored '} {max(n_variants):,} variants; "
        f"{n_of.sum():,} real people, {n_of['train']:,} of them for training",
    ]
    return "\n".join([*header, summarise(pd.concat([read_table(path) for path in paths]))])


if __name__ == "__main__":
    print(summarise_folder(sys.argv[1]))
