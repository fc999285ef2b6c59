"""The files to run Convscope elsewhere fit together, as far as a test can say without an engine."""

from __future__ import annotations

import dataclasses
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.web.server.metrics import Metrics
from tests.services import program

ROOT = Path(__file__).resolve().parents[2]
Json = dict[str, Any]

KUBERNETES = "1.34"  # the newest whose strict schemas the validator has
SETTINGS = {f"CONVSCOPE_{field.name.upper()}" for field in dataclasses.fields(Settings)}
PASSWORD = "0123abcd"
# Read by uvicorn itself: whose word on a client's address counts.
KNOWN = SETTINGS


def compose() -> Json:
    """As Docker reads it where a password is set and a token is not."""
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    text = re.sub(r"\$\{REDIS_PASSWORD(:\?[^}]*)?\}", PASSWORD, text)
    text = re.sub(r"\$\{CONVSCOPE_TOKEN:-\}", "", text)
    assert "${" not in text
    found: Json = yaml.safe_load(text)
    return found


def manifests(kind: str | None = None) -> list[Json]:
    found = list(yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text(encoding="utf-8")))
    return [item for item in found if kind in (None, item["kind"])]


def named(kind: str, name: str) -> Json:
    (found,) = (item for item in manifests(kind) if item["metadata"]["name"] == name)
    return found


def container(deployment: str) -> Json:
    (found,) = named("Deployment", deployment)["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def environment_of(deployment: str) -> dict[str, str]:
    """The variables of a container, a secret as what Kubernetes would put there."""
    found = {item["name"]: item.get("value", PASSWORD) for item in container(deployment)["env"]}
    expanded = {name: re.sub(r"\$\((\w+)\)", lambda one: found[one[1]], text) for name, text in found.items()}
    return {name: "" if name == "CONVSCOPE_TOKEN" else text for name, text in expanded.items()}


def secrets_of(deployment: str) -> list[Json]:
    return [item for item in container(deployment)["env"] if "valueFrom" in item]


# --- compose.yaml -----------------------------------------------------------------------------------------


def test_compose_has_a_proxy_three_replicas_and_redis() -> None:
    services = compose()["services"]
    replicas = [name for name in services if name.startswith("replica-")]
    assert set(services) == {"proxy", "redis", *replicas}
    assert len(replicas) == 3
    assert services["proxy"]["depends_on"].keys() == set(replicas)
    assert services["proxy"]["ports"] == ["8080:8080"]
    assert not any("ports" in services[name] for name in (*replicas, "redis")), "the proxy is the only way in"


def test_every_key_of_compose_is_one_that_compose_knows() -> None:
    known = set(
        "build cap_drop command depends_on environment healthcheck image mem_limit networks ports read_only "
        "restart security_opt stop_grace_period tmpfs user volumes".split()
    )
    found = compose()
    assert found.keys() == {"x-replica", "services", "networks"}
    for name, service in found["services"].items():
        assert service.keys() <= known, name
        assert "build" in service or re.search(r":\d", service["image"]), f"{name} has an image of no version"
        for network in service["networks"]:
            assert network in found["networks"]
        for other, wanted in service.get("depends_on", {}).items():
            assert wanted == {"condition": "service_healthy"}
            # A replica's health is the image's own.
            assert "healthcheck" in found["services"][other] or "build" in found["services"][other]
    addresses = [
        service["networks"]["inside"]["ipv4_address"]
        for service in found["services"].values()
        if "inside" in service["networks"]
    ]
    assert len(set(addresses)) == len(addresses)
    assert found["services"]["replica-1"]["environment"]["CONVSCOPE_PROXIES"] == addresses[0]


def test_a_replica_of_compose_is_read_only_and_has_time_to_drain() -> None:
    for name, service in compose()["services"].items():
        assert service["read_only"] is True, name
        if name.startswith("replica-"):
            settings = Settings.from_environment(service["environment"])
            assert str(settings.uploads).startswith(f"redis://:{PASSWORD}@redis:")
            assert "CONVSCOPE_TOKEN" in service["environment"]
            assert settings.log == "json"
            grace_s = int(service["stop_grace_period"].removesuffix("s"))
            assert grace_s > settings.drain_notice_s + settings.drain_s
            assert service["environment"].keys() <= KNOWN
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert name.startswith("replica-") or not service["user"].startswith(("0", "root")), name


def test_redis_asks_for_a_password_and_only_replicas_reach_it() -> None:
    found = compose()
    redis = found["services"]["redis"]
    assert redis["command"][redis["command"].index("--requirepass") + 1] == PASSWORD
    assert redis["environment"]["REDISCLI_AUTH"] == PASSWORD
    assert "ports" not in redis
    assert set(redis["networks"]) == {"store"}
    assert found["networks"]["store"] == {"internal": True}
    reached = {name for name, service in found["services"].items() if "store" in service["networks"]}
    assert reached == {"redis", "replica-1", "replica-2", "replica-3"}
    for deployment, variable in (("convscope-redis", "REDISCLI_AUTH"), ("convscope", "REDIS_PASSWORD")):
        kept = {item["name"]: item["valueFrom"]["secretKeyRef"] for item in secrets_of(deployment)}
        assert kept[variable] == {"name": "convscope", "key": "redis-password"}
    arguments = container("convscope-redis")["args"]
    assert arguments[arguments.index("--requirepass") + 1] == "$(REDISCLI_AUTH)"


def test_the_token_of_a_cluster_is_a_secret_and_may_be_left_out() -> None:
    kept = {item["name"]: item["valueFrom"]["secretKeyRef"] for item in secrets_of("convscope")}
    assert kept["CONVSCOPE_TOKEN"] == {"name": "convscope", "key": "token", "optional": True}


def test_a_pod_is_asked_by_whom_a_policy_names() -> None:
    for name in ("convscope", "convscope-redis"):
        policy = named("NetworkPolicy", name)["spec"]
        labels = named("Deployment", name)["spec"]["template"]["metadata"]["labels"]
        assert policy["podSelector"]["matchLabels"] == labels
        assert all(rule["from"] and rule["ports"] for rule in policy["ingress"])
        assert container(name)["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container(name)["securityContext"]["allowPrivilegeEscalation"] is False
        names = {port["name"] for port in container(name)["ports"]}
        assert {port["port"] for rule in policy["ingress"] for port in rule["ports"]} <= names
    pod = named("Deployment", "convscope")["spec"]["template"]
    assert pod["spec"]["enableServiceLinks"] is False, "variables of services begin like ours"
    inside = int(environment_of("convscope")["CONVSCOPE_INSIDE_PORT"])
    assert {"name": "inside", "containerPort": inside} in container("convscope")["ports"]
    assert pod["metadata"]["annotations"]["prometheus.io/port"] == str(inside)


def test_redis_has_more_room_than_the_uploads_may_take() -> None:
    for command in (compose()["services"]["redis"]["command"], container("convscope-redis")["args"]):
        most = int(command[command.index("--maxmemory") + 1].removesuffix("mb")) * 2**20
        assert most > Settings().store_bytes
        assert command[command.index("--maxmemory-policy") + 1] == "volatile-lru", (
            "the secret has no time to go"
        )


# --- nginx ------------------------------------------------------------------------------------------------


def configuration() -> str:
    return (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")


def test_the_proxy_knows_the_replicas_of_compose_and_the_limits_of_the_server() -> None:
    servers = set(re.findall(r"server (replica-\d+):8000", configuration()))
    assert servers == {name for name in compose()["services"] if name.startswith("replica-")}
    assert compose()["services"]["proxy"]["volumes"] == ["./deploy/nginx.conf:/etc/nginx/nginx.conf:ro"]
    size = re.search(r"client_max_body_size (\d+)m;", configuration())
    assert size is not None
    assert int(size[1]) * 2**20 >= Settings().upload_bytes
    assert "sticky" not in re.sub("#.*", "", configuration())
    assert "ip_hash" not in configuration()


def test_nginx_itself_takes_the_configuration(tmp_path: Path) -> None:
    text = re.sub(r"replica-\d", "127.0.0.1", configuration()).replace("/tmp/nginx", f"{tmp_path}/nginx")
    (tmp_path / "nginx.conf").write_text(text)
    done = subprocess.run(
        [program("nginx"), "-t", "-e", "stderr", "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


# --- Kubernetes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(len(manifests())))
def test_every_manifest_fits_its_schema_and_has_no_unknown_field(number: int) -> None:
    kubernetes_validate.validate(manifests()[number], KUBERNETES, strict=True)


def test_an_unknown_field_would_be_noticed() -> None:
    budget = named("PodDisruptionBudget", "convscope")
    budget["spec"]["minAvailble"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(budget, KUBERNETES, strict=True)


def test_the_probes_ask_what_the_server_answers(tmp_path: Path) -> None:
    ports = {port["name"]: port["containerPort"] for port in container("convscope")["ports"]}
    app = create_app(Settings(uploads=tmp_path, token="of-the-class-7b", inside_port=ports["inside"]))
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = container("convscope")[probe]["httpGet"]
        server = TestClient(app, base_url=f"http://localhost:{ports[asked['port']]}")
        assert server.get(asked["path"]).status_code == 200
        assert asked["port"] in {port["name"] for port in container("convscope")["ports"]}
    assert container("convscope")["readinessProbe"]["httpGet"]["path"] == "/readyz"
    live = container("convscope")["livenessProbe"]["httpGet"]["path"]
    assert live == "/healthz", "a store that is away restarts nobody"


def test_a_pod_has_time_to_say_so_and_to_drain() -> None:
    environment = environment_of("convscope")
    assert environment.keys() <= KNOWN | {"REDIS_PASSWORD"}
    settings = Settings.from_environment(environment)
    pod = named("Deployment", "convscope")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > settings.drain_notice_s + settings.drain_s
    readiness = container("convscope")["readinessProbe"]
    noticed_s = readiness["periodSeconds"] * readiness["failureThreshold"] + 1
    assert settings.drain_notice_s >= noticed_s, "a pod serves on until everybody has seen that it stops"


def test_scaling_disruption_and_resources_are_bounded() -> None:
    scaler = named("HorizontalPodAutoscaler", "convscope")["spec"]
    assert scaler["scaleTargetRef"]["name"] == "convscope"
    budget = named("PodDisruptionBudget", "convscope")["spec"]
    assert 0 < budget["minAvailable"] < scaler["minReplicas"] <= scaler["maxReplicas"]
    assert "replicas" not in named("Deployment", "convscope")["spec"], "it is the autoscaler's"
    for name in ("convscope", "convscope-redis"):
        resources = container(name)["resources"]
        assert resources["requests"].keys() == resources["limits"].keys() == {"cpu", "memory"}
        assert container(name)["securityContext"]["readOnlyRootFilesystem"] is True
        assert (
            named("Deployment", name)["spec"]["template"]["spec"]["securityContext"]["runAsNonRoot"] is True
        )


def test_the_autoscaler_asks_for_metrics_that_there_are() -> None:
    asked = {
        metric["pods"]["metric"]["name"]
        for metric in named("HorizontalPodAutoscaler", "convscope")["spec"]["metrics"]
        if metric["type"] == "Pods"
    }
    families = {family.name for family in Metrics().registry.collect()}
    assert asked
    assert asked <= families
    adapter = yaml.safe_load((ROOT / "deploy" / "prometheus-adapter.yaml").read_text(encoding="utf-8"))
    pattern = re.search(r'__name__=~"([^"]+)"', adapter["rules"]["custom"][0]["seriesQuery"])
    assert pattern is not None
    assert all(re.fullmatch(pattern[1], name) for name in asked)


def test_services_select_pods_that_there_are() -> None:
    labels = [item["spec"]["template"]["metadata"]["labels"] for item in manifests("Deployment")]
    for service in manifests("Service"):
        assert service["spec"]["selector"] in labels
        assert "inside" not in {port["targetPort"] for port in service["spec"]["ports"]}
    paths = {
        path["path"]: path["backend"]["service"]["name"]
        for rule in named("Ingress", "convscope")["spec"]["rules"]
        for path in rule["http"]["paths"]
    }
    assert paths == {"/": "convscope"}
    host = re.match(rf"redis://:{PASSWORD}@([\w-]+):(\d+)/", environment_of("convscope")["CONVSCOPE_UPLOADS"])
    assert host is not None
    assert named("Service", host[1])["spec"]["ports"][0]["port"] == int(host[2])


# --- Dockerfile -------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).strip().splitlines()
    return [(line.split()[0], line.partition(" ")[2]) for line in lines if line.strip()]


def test_the_image_copies_only_what_its_context_has() -> None:
    allowed = {
        line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    copied = {
        source.rstrip("/")
        for name, words in instructions()
        if name == "COPY" and "--from" not in words
        for source in words.split()[:-1]
    }
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_runs_the_server_as_nobody_and_is_told_to_stop() -> None:
    found = dict(instructions())
    assert found["USER"] == "10001"
    assert yaml.safe_load(found["ENTRYPOINT"]) == ["convscope"], "as a list, so that SIGTERM reaches it"
    assert yaml.safe_load(found["CMD"])[0] == "serve"
    (health,) = (words for name, words in instructions() if name == "HEALTHCHECK")
    assert "/healthz" in health
    assert int(re.findall(r"127\.0\.0\.1:(\d+)", health)[0]) == int(found["EXPOSE"])


def pins(name: str) -> dict[str, str]:
    """Name and version of each package of a list, as pip compares names."""
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", package).lower(): version for package, version in found}


def test_the_image_installs_what_is_pinned_and_checks_every_hash() -> None:
    """When this fails because a pin has changed: python tools/hashes.py writes the lists again."""
    runtime, image, build = pins("constraints.txt"), pins("deploy/image.txt"), pins("deploy/image-build.txt")
    assert runtime.items() <= image.items()
    stores, files = {"redis", "obstore"}, {"onnx", "ml-dtypes", "protobuf"}
    assert image.keys() - runtime.keys() == stores | files, (
        "the image speaks to every store and reads model files"
    )
    assert "hatchling" in build
    known = runtime | pins("constraints-dev.txt")
    assert (image | build).items() <= known.items()
    for name in ("deploy/image.txt", "deploy/image-build.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()[1:]:
            assert re.fullmatch(r"\S+==\S+( --hash=sha256:[0-9a-f]{64})+", line), line
    installs = [
        command
        for name, words in instructions()
        if name == "RUN"
        for command in words.split("&&")
        if "pip install" in command and "/wheels/" not in command
    ]
    assert len(installs) == 2
    assert all("--require-hashes" in shlex.split(command) for command in installs)
