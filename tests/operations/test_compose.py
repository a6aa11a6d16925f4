"""The compose file is started and sells protection, by `make install-walk`.

Podman runs it, with podman-compose from PyPI. No registry of images is asked: those of PostgreSQL
and Caddy are made from Debian's packages under the names that the file asks for. Podman has no
systemd here, so health is asked by hand. Needs root, and the ports 80 and 443 of loopback.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from tests.docs.snippets import ROOT
from tests.operations.first_offer import TLS_PORT, ask, buy, make_the_first_offer
from tests.operations.machines import missing_programs, wait_for
from tests.operations.places import Place, a_directory_for_data

if not os.environ.get("ORDERGUARD_INSTALL"):
    pytest.skip(
        "SKIPPED: the compose file is started by `make install-walk`", allow_module_level=True
    )

NETWORK = ("/usr/lib/podman/netavark", "/usr/lib/podman/aardvark-dns")
if missing_programs("podman", "runc", "skopeo", "mmdebstrap", *NETWORK):
    pytest.skip(
        "SKIPPED: apt-get install podman runc skopeo mmdebstrap netavark aardvark-dns",
        allow_module_level=True,
    )

COMPOSE = ROOT / "deploy" / "compose"
SERVICES = yaml.safe_load((COMPOSE / "compose.yaml").read_text())["services"]
PODMAN_COMPOSE = "podman-compose==1.6.0"

CONTAINERS = """
[network]
network_backend = "netavark"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
"""

# Podman 4.3 fails when a container is added to others that it requires.
PODMAN = """#!{python}
import os, sys
words = [each for each in sys.argv[1:] if not each.startswith("--requires=")]
os.environ["CONTAINERS_CONF"] = "{place}/containers.conf"
store = ["--root", "{place}/root", "--runroot", "{place}/run", "--storage-driver", "overlay"]
os.execvp("podman", ["podman", *store, *words])
"""

# What the image of PostgreSQL documents of the three variables that the compose file sets.
ENTRY_OF_POSTGRESQL = """#!/bin/sh
set -e
mkdir -p /run/postgresql
chown postgres /run/postgresql "$PGDATA"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    echo "$POSTGRES_PASSWORD" > /tmp/password
    chown postgres /tmp/password
    gosu postgres initdb -U "$POSTGRES_USER" -E UTF8 -A scram-sha-256 --pwfile /tmp/password
    rm /tmp/password
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
    gosu postgres pg_ctl start --wait --options "-c listen_addresses=''"
    PGPASSWORD=$POSTGRES_PASSWORD createdb -U "$POSTGRES_USER" "$POSTGRES_DB"
    gosu postgres pg_ctl stop --wait
fi
exec gosu postgres postgres -c listen_addresses='*' -c timezone=Etc/UTC
"""


class Compose(Place):
    """The services of the compose file; commands run in the one called server."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._podman = str(place / "podman")
        super().__init__(lambda program: self._exec("server", program), ["orderguard"], place)

    def make_ready(self) -> None:
        (self._place / "containers.conf").write_text(CONTAINERS)
        Path(self._podman).write_text(PODMAN.format(python=sys.executable, place=self._place))
        Path(self._podman).chmod(0o755)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target"]
        _run(*pip, str(self._place / "pypi"), PODMAN_COMPOSE)
        for name in ("compose.yaml", "Caddyfile"):
            (self._place / name).write_text((COMPOSE / name).read_text())
        # The documented file, filled in.
        values = {"ORDERGUARD_HOST": "localhost", "POSTGRES_PASSWORD": "0123456789abcdef"}
        text = (COMPOSE / ".env.example").read_text()
        for name, value in values.items():
            text = text.replace(f"{name}=", f"{name}={value}")
        (self._place / ".env").write_text(text)

    def make_images(self) -> None:
        self._import("postgres", "postgresql-15,gosu", ENTRY_OF_POSTGRESQL,
            "ENV PATH=/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "ENV PGDATA=/var/lib/postgresql/data",
        )  # fmt: skip
        self._import("proxy", "caddy,ca-certificates", (
            "#!/bin/sh\nexec caddy run --config /etc/caddy/Caddyfile --adapter caddyfile\n"
        ), "ENV XDG_DATA_HOME=/data")  # fmt: skip
        archive = self._place / "orderguard.tar"
        name = SERVICES["server"]["image"]
        layout = f"oci:{ROOT}/dist/image"
        _run("skopeo", "copy", "--quiet", layout, f"docker-archive:{archive}:{name}")
        self.podman("load", "--quiet", "--input", str(archive))

    def _import(self, service: str, packages: str, entry: str, *changes: str) -> None:
        """Make the image of a service from Debian's packages and a program that starts it."""
        root = self._place / f"{service}.tar"
        script = self._place / f"{service}.sh"
        script.write_text(entry)
        script.chmod(0o755)
        _run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}",
            f"--customize-hook=copy-in {script} /", "bookworm", str(root))  # fmt: skip
        said = [*changes, f'ENTRYPOINT ["/{service}.sh"]', "STOPSIGNAL SIGINT"]
        options = [part for change in said for part in ("--change", change)]
        self.podman("import", "--quiet", *options, str(root), SERVICES[service]["image"])
        root.unlink()

    def up(self) -> None:
        """`docker compose up --detach`, each service when what it depends on is healthy."""
        self.compose("up", "--detach", "postgres")
        self.wait_until_healthy("postgres")
        self.compose("up", "--detach")
        self.wait_until_healthy("server")

    def compose(self, *words: str) -> str:
        program = self._place / "pypi/bin/podman-compose"
        return _run(sys.executable, str(program), "--podman-path", self._podman, *words,
            cwd=self._place, PYTHONPATH=str(self._place / "pypi"))  # fmt: skip

    def podman(self, *words: str) -> str:
        return _run(self._podman, *words)

    def wait_until_healthy(self, service: str) -> None:
        container = f"orderguard_{service}_1"

        def is_healthy() -> bool:
            asked = [self._podman, "healthcheck", "run", container]
            return 0 == subprocess.run(asked, capture_output=True, check=False).returncode

        wait_for(service, is_healthy, lambda: self.podman("logs", container))

    def kill(self, service: str) -> None:
        """As a crash does: the container's restart policy answers it."""
        process = self.podman("inspect", "--format", "{{.State.Pid}}", f"orderguard_{service}_1")
        os.kill(int(process), 9)

    def remove_everything(self) -> None:
        subprocess.run([self._podman, "system", "reset", "--force"], check=False)

    def write(self, name: str, text: str) -> None:
        into = ["tee", f"/var/lib/orderguard/{name}"]
        subprocess.run(self._exec("server", into), input=text.encode(), check=True)

    def _exec(self, service: str, program: Sequence[str]) -> list[str]:
        return [self._podman, "exec", "--interactive", f"orderguard_{service}_1", *program]


def _run(*command: str, cwd: Path | None = None, **settings: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=cwd, env=os.environ | settings
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def compose() -> Iterator[Compose]:
    with a_directory_for_data() as data:
        compose = Compose(data.parent)
        compose.make_ready()
        try:
            compose.make_images()
            yield compose
        finally:
            compose.remove_everything()


def test_the_compose_file_covers_an_order_behind_tls_and_survives_a_crash(
    compose: Compose,
) -> None:
    if not (ROOT / "dist/image").exists():
        _run(sys.executable, "-m", "tools.build_image", cwd=ROOT)
    compose.up()
    key, offer = make_the_first_offer(compose, TLS_PORT)
    buy(TLS_PORT, key, offer)

    compose.kill("server")
    wait_for("the server again", lambda: 200 == ask(TLS_PORT, "GET", "/readyz")[0])
    buy(TLS_PORT, key, offer)

    assert 404 == ask(TLS_PORT, "GET", "/metrics")[0]
    assert re.search(r"net +4\.50", compose.run("statement", "acme"))
    compose.run("backup", "shop.backup")
    assert "1 orders" in compose.run("restore", "--check", "shop.backup")
    log = compose.podman("logs", "orderguard_server_1")
    assert '"level":"warning"' not in log

    # Everything that counts is in volumes.
    compose.compose("down")
    compose.up()
    assert re.search(r"net +4\.50", compose.run("statement", "acme"))
    assert "1 orders" in compose.run("restore", "--check", "shop.backup")
