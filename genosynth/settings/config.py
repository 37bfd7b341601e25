"""The whole config file, typed.  `python -m genosynth.settings.config` prints its JSON schema."""

import json
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from genosynth.errors import ConfigError
from genosynth.settings.clusters import ClustersSettings
from genosynth.settings.copula import CopulaSettings
from genosynth.settings.diffusion import DiffusionSettings
from genosynth.settings.evaluation import EvaluationSettings
from genosynth.settings.generators import ExternalRelease, Generator
from genosynth.settings.genotypes import GenotypesSettings
from genosynth.settings.independent import IndependentSettings
from genosynth.settings.phenotypes import PhenotypesSettings
from genosynth.settings.privacy import PrivacySettings
from genosynth.settings.qc import QcSettings
from genosynth.settings.sampling import SamplingSettings
from genosynth.settings.section import Section
from genosynth.settings.selection import SelectionSettings
from genosynth.settings.simulation import SimulationSettings
from genosynth.settings.split import SplitSettings
from genosynth.settings.vae import VaeSettings

NO_TRAIT = "none"  # the name under which a run without phenotypes is filed


class Config(Section):
    """One cohort: what goes in, what is made, how it is judged."""

    cohort: str = Field("cohort", pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    """Name of the cohort: results go to results/{cohort}/."""

    seed: int = Field(1, ge=0)
    """Root of every derived seed."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where networks train and sample; auto: a GPU if there is one, cuda: or stop."""

    genotypes: GenotypesSettings = GenotypesSettings()
    phenotypes: PhenotypesSettings = PhenotypesSettings()
    qc: QcSettings = QcSettings()
    split: SplitSettings = SplitSettings()
    selection: SelectionSettings = SelectionSettings()

    generators: list[Generator] = ["latent_diffusion", "independent", "copula"]
    """Fitted, scored; also clusters (dense panels), {name: gan, release: PATH} (made elsewhere)."""

    vae: VaeSettings = VaeSettings()
    diffusion: DiffusionSettings = DiffusionSettings()
    independent: IndependentSettings = IndependentSettings()
    copula: CopulaSettings = CopulaSettings()
    clusters: ClustersSettings = ClustersSettings()
    sampling: SamplingSettings = SamplingSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    privacy: PrivacySettings = PrivacySettings()
    simulation: SimulationSettings = SimulationSettings()

    @model_validator(mode="after")
    def _cohort_has_genotypes(self) -> Self:
        if self.genotypes.format != "simulated" and self.genotypes.path is None:
            raise ValueError(
                "genotypes.path is missing: name your PLINK, VCF or BGEN files, or run the demo "
                "with --configfile config/cohorts/demo.yaml"
            )
        return self

    @model_validator(mode="after")
    def _phenotypes_have_a_table(self) -> Self:
        wanted = [*self.phenotypes.traits, *self.phenotypes.covariates, *self.phenotypes.conditions]
        simulated = self.genotypes.format == "simulated"
        if wanted and self.phenotypes.path is None and not simulated:
            raise ValueError(f"phenotypes.path is missing: which table holds {', '.join(wanted)}?")
        return self

    @model_validator(mode="after")
    def _selection_by_gwas_needs_a_trait(self) -> Self:
        if self.selection.method == "gwas" and not self.phenotypes.traits:
            raise ValueError(
                "selection.method gwas needs phenotypes.traits; without a trait choose list, "
                "prune, region or all"
            )
        return self

    @model_validator(mode="after")
    def _composition_names_a_binary_trait(self) -> Self:
        composition = self.sampling.composition
        if isinstance(composition, dict):
            for name in composition:
                trait = self.phenotypes.traits.get(name)
                if trait is None or trait.kind != "binary":
                    raise ValueError(f"sampling.composition: {name} is not a binary trait")
        return self

    @model_validator(mode="after")
    def _generators_have_names_of_their_own(self) -> Self:
        names = self.generator_names
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"generators: {', '.join(repeated)} is named twice; rename one")
        return self

    @property
    def built_in_generators(self) -> list[str]:
        """Names of the generators that are fitted here."""
        return [each for each in self.generators if isinstance(each, str)]

    @property
    def external_releases(self) -> dict[str, ExternalRelease]:
        """Releases made elsewhere, by name."""
        return {each.name: each for each in self.generators if isinstance(each, ExternalRelease)}

    @property
    def generator_names(self) -> list[str]:
        """Names of all that is scored as synthetic people, in the order of the config."""
        return [each if isinstance(each, str) else each.name for each in self.generators]

    @property
    def trait_names(self) -> list[str]:
        """Names of the traits, or the one name that stands for none."""
        return list(self.phenotypes.traits) or [NO_TRAIT]

    @property
    def traits_scanned_elsewhere(self) -> list[str]:
        """Names of the traits whose effects come from an external GWAS."""
        traits = self.phenotypes.traits.items()
        return [name for name, trait in traits if trait.summary_statistics is not None]


def read_config(values: dict[str, Any]) -> Config:
    """Validate a config file's content.

    Raises:
        ConfigError: unknown keys, wrong types or impossible combinations, each with its path.
    """
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        lines = [_explain(item) for item in error.errors()]
        raise ConfigError("the config file is not valid:\n  " + "\n  ".join(lines)) from None


def _explain(item: Any) -> str:
    path = ".".join(str(part) for part in item["loc"] if part not in ("built_in", "external"))
    if item["type"] == "extra_forbidden":
        return f"{path}: unknown key; config/config.yaml lists all keys"
    message = item["msg"].removeprefix("Value error, ")
    return f"{path}: {message} (got {item['input']!r})" if path else message


if __name__ == "__main__":
    print(json.dumps(Config.model_json_schema(), indent=2))
