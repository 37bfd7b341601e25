"""A SLURM cluster of one node, started and stopped by hand: no systemd, no cgroups.

More processors and memory are declared than the machine has, or a job that asks for eight threads
would wait for ever; memory of a job is really limited, by polling. The one GPU, of type `toy`, is
`/dev/null`: jobs that ask for it get it, and find nothing to compute with.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.slurm import accounting

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo")
SYSTEM = Path("/etc/slurm")  # job steps drop SLURM_CONF, so the configuration must lie here
FILES = ("slurm.conf", "gres.conf", "cgroup.conf")
PATIENCE_S = 30
COLUMNS = ("JobID", "Comment", "State", "Partition", "MinMemory", "tres-per-job")  # of squeue
WIDTH = 100  # of each
CONFIGURATION = """\
ClusterName=onenode
SlurmctldHost={node}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
ReturnToService=2
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
{accounting}
JobCompType=jobcomp/none
MinJobAge=3600
KillWait=5
CompleteWait=0
InactiveLimit=0
SlurmctldTimeout=60
SlurmdTimeout=120
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=5,batch_sched_delay=0,sched_min_interval=0
StateSaveLocation={home}/ctld
SlurmdSpoolDir={home}/d
SlurmctldPidFile={home}/slurmctld.pid
SlurmdPidFile={home}/slurmd.pid
SlurmctldLogFile={home}/slurmctld.log
SlurmdLogFile={home}/slurmd.log
NodeName={node} NodeAddr=127.0.0.1 CPUs=32 Boards=1 SocketsPerBoard=1 CoresPerSocket=32 \
ThreadsPerCore=1 RealMemory=100000 Gres=gpu:toy:1 State=UNKNOWN
PartitionName=cpu Nodes={node} Default=YES MaxTime=2-00:00:00 State=UP
PartitionName=gpu Nodes={node} Default=NO MaxTime=2-00:00:00 State=UP
"""


@dataclass(frozen=True)
class Job:
    """What SLURM remembers of a job: its rule and, as it was asked for, where it ran."""

    number: int
    rule: str
    state: str
    partition: str
    memory: str
    has_gpu: bool


def _read_job(number: str, comment: str, state: str, partition: str, memory: str, tres: str) -> Job:
    rule = comment.removeprefix("rule_").split("_wildcards_")[0]
    return Job(int(number), rule, state.split()[0], partition, memory, "gpu" in tres)


class OneNode:
    """The cluster; its state, logs and configuration lie in `home`."""

    def __init__(self, home: Path) -> None:
        """Start nothing yet."""
        self.home = home
        self.has_accounting = accounting.is_installed()
        self.environment = os.environ | {"SLURM_CONF": str(home / "slurm.conf")}

    @staticmethod
    def unavailable() -> str:
        """Why no cluster can be started here; empty if one can."""
        missing = [name for name in PROGRAMS if shutil.which(name) is None]
        if missing:
            return f"{', '.join(missing)} not on PATH (slurmctld, slurmd, slurm-client, munge)"
        if os.geteuid() != 0:
            return "a cluster is started as root"
        own = [name for name in FILES if (SYSTEM / name).exists()]
        if any(not (SYSTEM / name).is_symlink() for name in own):
            return f"this machine has a SLURM of its own: {SYSTEM}"
        if any(_runs((SYSTEM / name).resolve().with_name("slurmctld.pid")) for name in own):
            return "other tests have a cluster running here"
        return ""

    def start(self) -> None:
        """Start the daemons, those of accounting where installed; wait until jobs are taken."""
        for folder in ("ctld", "d", "munge"):
            (self.home / folder).mkdir()
        (self.home / "munge").chmod(0o700)
        self._start_munge()
        node = socket.gethostname().split(".")[0]
        texts = (
            CONFIGURATION.format(
                home=self.home,
                node=node,
                accounting=accounting.WITH if self.has_accounting else accounting.WITHOUT,
            ),
            f"NodeName={node} Name=gpu Type=toy File=/dev/null\n",
            "CgroupAutomount=no\n",
        )
        SYSTEM.mkdir(exist_ok=True)
        for name, text in zip(FILES, texts, strict=True):
            (self.home / name).write_text(text)
            (SYSTEM / name).unlink(missing_ok=True)
            (SYSTEM / name).symlink_to(self.home / name)
        if self.has_accounting:
            self._start_accounting()
        self.start_controller()
        self._run("slurmd")
        wait_until(self.takes_jobs, what="the node is not up")

    def start_controller(self) -> None:
        """Start the daemon that schedules jobs; it takes up the state of the one before."""
        self._run("slurmctld")

    def stop_controller(self) -> None:
        """Stop that daemon; running jobs run on."""
        self._stop("slurmctld")

    def stop(self) -> None:
        """Cancel all jobs and stop what was started."""
        self._run("scancel", "--full", "--user", "root", check=False)
        for name in ("slurmd", "slurmctld", "slurmdbd", "mariadbd", "munged"):
            self._stop(name)
        for name in FILES:
            (SYSTEM / name).unlink(missing_ok=True)

    def takes_jobs(self) -> bool:
        """Whether the node is up."""
        done = self._run("sinfo", "--noheader", "--format", "%T", check=False)
        return done.stdout.strip().splitlines()[:1] in (["idle"], ["mixed"], ["allocated"])

    def jobs(self) -> list[Job]:
        """All jobs since the start, ended ones too, in order of submission."""
        columns = ",".join(f"{name}:{WIDTH}" for name in COLUMNS)
        done = self._run("squeue", "--noheader", "--states=all", "--Format", columns)
        jobs = []
        for line in done.stdout.splitlines():
            starts = range(0, WIDTH * len(COLUMNS), WIDTH)
            jobs.append(_read_job(*(line[start : start + WIDTH].strip() for start in starts)))
        return sorted(jobs, key=lambda job: job.number)

    def accounted_jobs(self) -> list[Job]:
        """The same, as the accounting database has them."""
        columns = "JobID,Comment,State,Partition,ReqMem,ReqTRES"
        query = ("sacct", "--allocations", "--noheader", "--parsable2", f"--format={columns}")
        return [_read_job(*line.split("|")) for line in self._run(*query).stdout.splitlines()]

    def unfinished(self) -> list[Job]:
        """Jobs that wait or run."""
        return [job for job in self.jobs() if job.state in ("PENDING", "RUNNING", "COMPLETING")]

    def kill(self, job: Job) -> None:
        """Kill what a job runs, as the system does with a process that it cannot bear."""
        self._run("scancel", "--signal=KILL", f"{job.number}.0")

    def cancel(self, job: Job) -> None:
        """Cancel a job, as its owner or an administrator does."""
        self._run("scancel", str(job.number))

    def interrupt(self, job: Job) -> None:
        """Send the program of a job what Ctrl-C sends."""
        self._run("scancel", "--batch", "--signal=INT", str(job.number))

    def _start_munge(self) -> None:
        Path("/run/munge").mkdir(mode=0o755, exist_ok=True)
        key = self.home / "munge/munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        self._run(
            *("munged", "--force", f"--key-file={key}"),
            f"--seed-file={self.home}/munge/munge.seed",
            f"--pid-file={self.home}/munged.pid",
            f"--log-file={self.home}/munge/munged.log",
        )

    def _start_accounting(self) -> None:
        accounting.start_mariadb(self.home)
        wait_until((self.home / "mariadb.socket").exists, what="the database does not start")
        accounting.start_slurmdbd(self.home, self.environment)
        wait_until(self._accounts, what="slurmdbd does not answer")
        self._run("sacctmgr", "--immediate", "add", "cluster", "onenode")

    def _accounts(self) -> bool:
        return self._run("sacctmgr", "list", "cluster", check=False).returncode == 0

    def _run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=check,
        )

    def _stop(self, name: str) -> None:
        try:
            daemon = psutil.Process(int((self.home / f"{name}.pid").read_text()))
        except (FileNotFoundError, psutil.NoSuchProcess):
            return
        daemon.terminate()
        wait_until(lambda: _has_ended(daemon), what=f"{name} does not stop")


def _runs(pid_file: Path) -> bool:
    return pid_file.exists() and psutil.pid_exists(int(pid_file.read_text()))


def _has_ended(process: psutil.Process) -> bool:
    """Whether a process has ended, even if nobody has asked for its exit status yet."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(condition: Callable[[], bool], *, what: str, patience_s: float = PATIENCE_S) -> None:
    """Ask again and again; fail, saying what is wrong, when patience ends."""
    end = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"after {patience_s:.0f} s: {what}")
        time.sleep(0.2)
