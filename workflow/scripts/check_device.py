"""Rule check_device: stop at once if a GPU was asked for and there is none."""

from genosynth.devices import choose_device
from genosynth.files import write_json
from genosynth.progress import log_to

with log_to(snakemake.log[0]):
    device = choose_device(snakemake.params.device)
    write_json({"device": str(device)}, snakemake.output[0])
