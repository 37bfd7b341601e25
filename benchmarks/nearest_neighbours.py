"""Exact nearest neighbours among all pairs of people, several ways, against the machine's peak.

    python -m benchmarks.nearest_neighbours [--people 8192] [--variants 1024]

Who is nearest among as many other people, by the number of variants that differ: from products of
two numbers a genotype, as bytes and as floats of 32 and 16 bits, and from popcounts of two bits a
genotype, by numpy and by a loop in C, where there is a compiler. The same blocks of people
everywhere; coding them counts. All ways must find the same. Ways take turns; the fastest of seven
runs is printed, as of peaks: of one large plain product of the same type, or of popcounts of words
that stay in the cache, in the same run.
"""

import argparse
import ctypes
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.machine import describe_machine, print_table
from genosynth.devices import n_cores, use_threads
from genosynth.evaluation.distances import BLOCK, LEFT, RIGHT, distance_blocks

N_RUNS = 7
PEAK_SIZE = 4096  # rows and columns of the large products
CACHED_WORDS, N_REPEATS = 2048, 20_000
COPIED_BYTES = 1 << 28
PEAK_TYPES = {"int8": torch.int8, "float32": torch.float32, "bfloat16": torch.bfloat16}
PAIR_OPERATIONS = 4  # of a product for two genotypes: two numbers, multiplied and added
PAIR_WORDS = 1 / 64  # of a popcount
PAIR_BYTES = 0.25  # of the other person
IN_EVALUATION = "the evaluation: `distance_blocks`"
C_TILE = 32  # people that popcounts.c takes at a time
C_SOURCE = Path(__file__).with_name("popcounts.c")
COMPILE = ["cc", "-O3", "-march=native", f"-DTILE={C_TILE}", "-shared", "-fPIC"]

Counts = NDArray[np.int8]  # (n_people, n_variants), no call missing
Different = NDArray[np.int32]  # (n_left, n_right): variants at which two people differ
Planes = NDArray[np.uint64]  # (2, n_words, n_people): has one, has two ALT copies


@dataclass(frozen=True)
class Way:
    """How people are coded, and how variants that differ are counted.

    peak: the name of what limits it; bytes: of a coded genotype. compare: left and right people of
    a block, coded, to anything (n_left, n_right); fewest: that to the variants at which each left
    person differs from the nearest right one, (n_left,).
    """

    name: str
    peak: str
    bytes: float
    code_left: Callable[[Counts], Any]
    code_right: Callable[[Counts], Any]
    compare: Callable[[Any, Any], Any]
    fewest: Callable[[Any], Different]


def product_ways(n_variants: int) -> list[Way]:
    """Products of bytes, and of floats, of two numbers a genotype."""
    multiply = {"int8": torch._int_mm, "float32": torch.mm, "bfloat16": multiply_halves}
    coded = {"int8": torch.int8, "float32": torch.float32, "bfloat16": torch.float32}
    return [
        Way(
            f"{name} products",
            name,
            2 * coded[name].itemsize,
            partial(code_numbers, table=LEFT, dtype=coded[name]),
            partial(code_numbers, table=RIGHT, dtype=coded[name]),
            partial(multiply_with_transposed, multiply=product),
            partial(fewest_by_product, n_variants=n_variants),
        )
        for name, product in multiply.items()
    ]


def code_numbers(counts: Counts, *, table: Counts, dtype: torch.dtype) -> Tensor:
    """Two numbers a genotype, (n_people, 2 × n_variants)."""
    return torch.from_numpy(table[counts].reshape(len(counts), -1)).to(dtype)


def multiply_with_transposed(
    left: Tensor, right: Tensor, *, multiply: Callable[[Tensor, Tensor], Tensor]
) -> Tensor:
    return multiply(left, right.T)


def fewest_by_product(products: Tensor, *, n_variants: int) -> Different:
    """Products are 2 n_equal − n_different, and n_variants = n_equal + n_different."""
    return ((2 * n_variants - products.amax(dim=1).to(torch.int32)) // 3).numpy()


def multiply_halves(left: Tensor, right: Tensor) -> Tensor:
    """Multiply 32-bit floats as 16-bit ones, which hold small integers, and add up in 32 bits."""
    torch.set_float32_matmul_precision("medium")
    product = left @ right
    torch.set_float32_matmul_precision("highest")
    return product


def popcount_ways(kernels: ctypes.CDLL | None, n_threads: int) -> list[Way]:
    """Popcounts by numpy and, with a compiler, by C."""
    by = {"numpy": different_by_numpy}
    if kernels is not None:
        by["C"] = partial(different_by_c, kernel=kernels.count_different)
    return [
        Way(
            f"popcounts, {name}",
            "popcounts",
            PAIR_BYTES,
            bit_planes,
            bit_planes,
            partial(different_by_rows, count=count, n_threads=n_threads),
            partial(np.min, axis=1),
        )
        for name, count in by.items()
    ]


def bit_planes(counts: Counts) -> Planes:
    """Pack 64 variants into a word: those with one or two ALT copies, then those with two."""
    n_bytes = -(-counts.shape[1] // 64) * 8
    planes = np.zeros((2, len(counts), n_bytes), np.uint8)
    for plane, copies in zip(planes, (1, 2), strict=True):
        packed = np.packbits(counts >= copies, axis=1)
        plane[:, : packed.shape[1]] = packed
    return np.ascontiguousarray(planes.view(np.uint64).transpose(0, 2, 1))


def different_by_rows(
    left: Planes, right: Planes, *, count: Callable[..., None], n_threads: int
) -> Different:
    """Share the left people among threads."""
    n_left = left.shape[2]
    different = np.empty((n_left, right.shape[2]), np.int32)
    ends = np.linspace(0, n_left, n_threads + 1).astype(int).tolist()
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(partial(count, left, right, different), ends[:-1], ends[1:]))
    return different


def different_by_numpy(
    left: Planes, right: Planes, different: Different, first: int, last: int
) -> None:
    for person in range(first, last):
        bits = (left[0, :, person, None] ^ right[0]) | (left[1, :, person, None] ^ right[1])
        different[person] = np.bitwise_count(bits).sum(axis=0, dtype=np.int32)


def different_by_c(
    left: Planes,
    right: Planes,
    different: Different,
    first: int,
    last: int,
    *,
    kernel: Callable[..., None],
) -> None:
    sizes = (first, last, left.shape[2], right.shape[2], left.shape[1])
    kernel(*(array.ctypes.data for array in (left, right, different)), *sizes)


def compile_kernels() -> ctypes.CDLL | None:
    """Compile popcounts.c for this processor; its functions do not hold Python's lock."""
    if not shutil.which(COMPILE[0]):
        return None
    with tempfile.TemporaryDirectory() as scratch:
        library = Path(scratch) / "popcounts.so"
        subprocess.run([*COMPILE, C_SOURCE, "-o", library], check=True)
        kernels = ctypes.CDLL(str(library))
    kernels.count_different.argtypes = [ctypes.c_void_p] * 3 + [ctypes.c_long] * 5
    kernels.count_ones.argtypes = [ctypes.c_void_p, ctypes.c_long, ctypes.c_long]
    return kernels


def nearest(way: Way, left: Counts, right: Counts) -> Different:
    """Variants at which each left person differs from the nearest right one."""
    found = np.full(len(left), left.shape[1], np.int32)
    coded = [(rows, way.code_left(left[rows])) for rows in blocks(left)]
    for others in blocks(right):
        coded_others = way.code_right(right[others])
        for rows, people in coded:
            fewest = way.fewest(way.compare(people, coded_others))
            np.minimum(found[rows], fewest, out=found[rows])
    return found


def nearest_in_evaluation(left: Counts, right: Counts) -> Different:
    """The same by what the evaluation calls, which divides by the variants called in both."""
    found = np.ones(len(left))
    for rows, _, distances in distance_blocks(left, right):
        np.minimum(found[rows], distances.min(axis=1), out=found[rows])
    return np.rint(found * left.shape[1]).astype(np.int32)


def blocks(counts: Counts) -> Iterator[slice]:
    """Rows of the people of each block."""
    return (slice(start, start + BLOCK) for start in range(0, len(counts), BLOCK))


def peak_works(kernels: ctypes.CDLL | None, n_threads: int) -> dict[str, Callable[[], object]]:
    """One large product of each type, popcounts in the cache, one copy: run to be timed."""
    ones = {name: torch.ones(PEAK_SIZE, PEAK_SIZE, dtype=each) for name, each in PEAK_TYPES.items()}
    multiply = {"int8": torch._int_mm}
    products = {
        name: partial(multiply.get(name, torch.mm), factor, factor.T)
        for name, factor in ones.items()
    }
    source = torch.ones(COPIED_BYTES, dtype=torch.int8)
    target = torch.empty_like(source)
    counting = partial(count_cached_ones, kernels, n_threads)
    return {**products, "popcounts": counting, "copy": partial(target.copy_, source)}


def count_cached_ones(kernels: ctypes.CDLL | None, n_threads: int) -> None:
    """Count the bits of the same words again and again, on each thread; by numpy without C."""

    def count(words: NDArray[np.uint64]) -> None:
        if kernels is not None:
            kernels.count_ones(words.ctypes.data, len(words), N_REPEATS)
            return
        for _ in range(N_REPEATS):
            np.bitwise_count(words)

    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(count, np.ones((n_threads, CACHED_WORDS), np.uint64)))


def fastest_seconds(works: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Shortest time of each work; they take turns, so that what disturbs one disturbs all."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(N_RUNS):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - start)
    return {name: min(runs) for name, runs in times.items()}


def measure(left: Counts, right: Counts, *, n_threads: int) -> tuple[pd.DataFrame, str]:
    """Time all ways: way, bytes, comparisons a second, share of the peak; then the peaks in words.

    Raises:
        AssertionError: two ways disagree.
    """
    use_threads(n_threads)
    kernels = compile_kernels()
    ways = product_ways(left.shape[1]) + popcount_ways(kernels, n_threads)
    works = {way.name: partial(nearest, way, left, right) for way in ways}
    works[IN_EVALUATION] = partial(nearest_in_evaluation, left, right)
    found = {name: work() for name, work in works.items()}
    for name, fewest in found.items():
        np.testing.assert_array_equal(fewest, found[ways[0].name], err_msg=name)
    done = dict.fromkeys(PEAK_TYPES, 2 * PEAK_SIZE**3)
    done |= {"popcounts": n_threads * CACHED_WORDS * N_REPEATS, "copy": COPIED_BYTES}
    seconds = fastest_seconds(peak_works(kernels, n_threads))
    peak = {name: done[name] / seconds[name] for name in done}
    limits = {name: peak[name] / PAIR_OPERATIONS for name in PEAK_TYPES}
    limits |= {"popcounts": peak["popcounts"] / PAIR_WORDS}
    seconds = fastest_seconds(works)
    rates = [len(left) * len(right) * left.shape[1] / seconds[name] for name in works]
    ways.append(ways[0])  # the evaluation multiplies bytes
    table = pd.DataFrame({"way": list(works), "bytes": [way.bytes for way in ways], "rate": rates})
    shares = table["rate"] / [limits[way.peak] for way in ways]
    return table.assign(share=shares), describe_peaks(peak, n_threads)


def describe_peaks(peak: dict[str, float], n_threads: int) -> str:
    products = [f"{name} {peak[name] / 1e9:,.0f}" for name in PEAK_TYPES]
    return (
        f"Peaks, {count_cores(n_threads)}: products {', '.join(products)} billion operations a "
        f"second; popcounts {peak['popcounts'] / 1e9:.1f} billion words; a copy reads "
        f"{peak['copy'] / 1e9:.1f} GB, which is {peak['copy'] / PAIR_BYTES / 1e9:,.0f} billion "
        "genotypes of two bits."
    )


def count_cores(n: int) -> str:
    return "one core" if n == 1 else f"{n} cores"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=8192, help=f"a multiple of {C_TILE}")
    parser.add_argument("--variants", type=int, default=1024)
    arguments = parser.parse_args()
    if arguments.people % C_TILE:
        parser.error(f"--people {arguments.people}: a multiple of {C_TILE} is needed")
    machine = describe_machine("numpy", "torch")
    left, right = draw_people(arguments.people, arguments.variants)
    columns, notes = {}, []
    for n_threads in dict.fromkeys((1, n_cores())):
        table, note = measure(left, right, n_threads=n_threads)
        columns |= {"way": table["way"], "bytes a genotype": table["bytes"].map("{:g}".format)}
        cores = count_cores(n_threads)
        columns[f"{cores}: billion genotypes a second"] = table["rate"].map(
            lambda rate: f"{rate / 1e9:,.1f}"
        )
        columns[f"{cores}: of the peak"] = table["share"].map("{:.2f}".format)
        notes.append(note)
    print(f"{arguments.people:,} × {arguments.people:,} people × {arguments.variants:,} SNPs\n")
    print_table(pd.DataFrame(columns), machine=machine)
    print("\n" + "\n".join(notes))


def draw_people(n_people: int, n_variants: int) -> list[Counts]:
    """Two sets of people whose variants are independent."""
    rng = np.random.default_rng(1)
    frequencies = rng.uniform(0.05, 0.5, n_variants)
    return [rng.binomial(2, frequencies, (n_people, n_variants)).astype(np.int8) for _ in range(2)]


if __name__ == "__main__":
    main()
