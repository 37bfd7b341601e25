"""What writes down the jobs of the cluster of one node: a MariaDB of its own, and slurmdbd.

The database starts on an empty folder in well under a second: it has small buffers, no users, and
no port, only a socket in the folder of the tests.
"""

import shutil
import subprocess
from pathlib import Path

PROGRAMS = ("mariadbd", "slurmdbd", "sacctmgr")
CONFIGURATION = """\
AuthType=auth/munge
DbdHost=localhost
DbdAddr=127.0.0.1
SlurmUser=root
LogFile={home}/slurmdbd.log
PidFile={home}/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageLoc=accounting
"""
MARIADB = (
    *("mariadbd", "--no-defaults", "--user=root", "--skip-networking", "--skip-grant-tables"),
    *("--innodb-buffer-pool-size=16M", "--innodb-log-file-size=4M", "--performance-schema=off"),
    *("--innodb-flush-log-at-trx-commit=0", "--innodb-lock-wait-timeout=900"),
)
# Lines of slurm.conf for a cluster with accounting, and for one without.
WITH = """\
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStorageTRES=gres/gpu
AccountingStoreFlags=job_comment"""
WITHOUT = "AccountingStorageType=accounting_storage/none"


def is_installed() -> bool:
    """Whether jobs can be written down here (Debian: slurmdbd, mariadb-server)."""
    return all(shutil.which(program) for program in PROGRAMS)


def start_mariadb(home: Path) -> None:
    """Start the database; it answers as soon as `mariadb.socket` is there."""
    (home / "mariadb").mkdir()
    files = {"datadir": "mariadb", "socket": "mariadb.socket", "pid-file": "mariadbd.pid"}
    files["log-error"] = "mariadbd.log"
    options = [f"--{option}={home / name}" for option, name in files.items()]
    nowhere = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    subprocess.run(["setsid", "--fork", *MARIADB, *options], check=True, **nowhere)


def start_slurmdbd(home: Path, environment: dict[str, str]) -> None:
    """Start the daemon between the cluster and its database; it takes a second to answer."""
    configuration = home / "slurmdbd.conf"
    configuration.write_text(CONFIGURATION.format(home=home))
    configuration.chmod(0o600)  # or it refuses to start
    socket = {"MYSQL_UNIX_PORT": str(home / "mariadb.socket")}
    subprocess.run(["slurmdbd"], env=environment | socket, check=True)
