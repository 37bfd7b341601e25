"""config/config.yaml, written from the settings: `python -m genosynth.settings.template`."""

import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic.fields import FieldInfo

from genosynth.settings.config import Config
from genosynth.settings.section import Section

LINE_LENGTH = 100
HEADING = """\
# yaml-language-server: $schema=config.schema.json
# Every setting at its default. Copy what you change into a file of your own, e.g.
# config/cohorts/t2d.yaml, and name it with --configfile; what it leaves out is taken from here.
# Made from genosynth/settings/ by `make config`: change a default there."""


def config_template() -> str:
    """Text of config/config.yaml."""
    lines = [HEADING, ""]
    for name, field in Config.model_fields.items():
        if isinstance(field.default, Section):
            lines += ["", f"# {field.default.__doc__}", f"{name}:", *_settings(field.default, "  ")]
        else:
            lines += _setting(name, field, "")
    return "\n".join(lines) + "\n"


def _settings(section: Section, indent: str) -> Iterator[str]:
    for name, field in type(section).model_fields.items():
        yield from _setting(name, field, indent)
        for part in get_args(field.annotation):  # dict[str, Section]: show one by its keys
            if isinstance(part, type) and issubclass(part, Section):
                yield f"{indent}#  NAME:"
                for key, of_part in part.model_fields.items():
                    yield from _setting(key, of_part, f"{indent}#    ")


def _setting(name: str, field: FieldInfo, indent: str) -> Iterator[str]:
    line = f"{indent}{name}: {_yaml(field)}"
    comment = f"# {field.description}"
    if len(line) + len(comment) + 2 <= LINE_LENGTH:
        yield f"{line}  {comment}"
    else:
        yield from (f"{indent}{comment}", line)


def _yaml(field: FieldInfo) -> str:
    value: Any = field.default
    if field.is_required():
        return "…"
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    if isinstance(value, float) and "e" in repr(value):
        return f"{value:.1e}"  # YAML reads 1e-6 as text, 1.0e-06 as a number
    return value if isinstance(value, str) else json.dumps(value)


if __name__ == "__main__":
    print(config_template(), end="")
