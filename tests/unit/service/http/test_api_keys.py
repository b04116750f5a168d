import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner
from dtc_data import Catalogue
from dtc_service.commands import main
from dtc_service.errors import ApiKeysError
from dtc_service.http import api_keys, new_key
from dtc_service.http.app import create_app
from dtc_service.serving import ModelHolder
from dtc_service.settings import ServiceSettings
from flask.testing import FlaskClient
from structlog.testing import capture_logs

ANNA, BEN = new_key("anna"), new_key("ben")


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"# who may ask\n\n{ANNA[1]}\n{BEN[1]}\n")
    return path


@pytest.fixture
def guarded(keys_file: Path, holder: ModelHolder, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A client of a service with two keys that looks at its file on every request."""
    monkeypatch.setattr(api_keys, "LOOK_SECONDS", 0.0)
    holder.refresh()
    return create_app(ServiceSettings(api_keys_file=keys_file), holder, catalogue).test_client()


def status(client: FlaskClient, key: str, path: str = "/predict") -> int:
    method = "POST" if path == "/predict" else "GET"
    headers = {"Authorization": f"Bearer {key}"}
    return client.open(path, method=method, data=b"[]" if method == "POST" else None, headers=headers).status_code


def test_each_key_lets_in_by_either_header(guarded: FlaskClient) -> None:
    for key, _ in (ANNA, BEN):
        assert status(guarded, key) == 200
        assert guarded.post("/predict", data=b"[]", headers={"X-API-Key": key}).status_code == 200


@pytest.mark.parametrize("path", ["/predict", "/model", "/metrics", "/nowhere"])
@pytest.mark.parametrize(
    "key",
    ["", "wrong", ANNA[0][:-1], ANNA[0] + "x", ANNA[1].split()[1], "é"],
    ids=["none", "wrong", "cut", "longer", "the hash", "not ASCII"],  # keys differ from process to process
)
def test_no_other_key_does(guarded: FlaskClient, path: str, key: str) -> None:
    assert status(guarded, key, path) == 401


def test_a_refusal_says_what_is_needed(guarded: FlaskClient) -> None:
    response = guarded.post("/predict", data=b"[]")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json is not None
    assert response.json["error"]["type"] == "UnauthorizedError"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json", "/docs"])
def test_probes_and_the_description_need_none(guarded: FlaskClient, path: str) -> None:
    assert guarded.get(path).status_code == 200


def test_keys_change_without_a_restart(guarded: FlaskClient, keys_file: Path) -> None:
    carla = new_key("carla")
    keys_file.write_text(f"{BEN[1]}\n{carla[1]}\n")
    assert [status(guarded, key) for key in (ANNA[0], BEN[0], carla[0])] == [401, 200, 200]


@pytest.mark.parametrize("change", ["broken", "gone"])
def test_a_file_that_cannot_be_read_any_more_leaves_the_keys(
    guarded: FlaskClient, keys_file: Path, change: str
) -> None:
    if change == "broken":
        keys_file.write_text("anna not-a-hash\n")
    else:
        keys_file.unlink()
    with capture_logs() as logs:
        assert [status(guarded, key) for key in (ANNA[0], "wrong")] == [200, 401]
    assert [entry["event"] for entry in logs] == ["API keys not read again"]


def test_without_keys_in_the_file_nobody_is_let_in(guarded: FlaskClient, keys_file: Path) -> None:
    keys_file.write_text("# nobody\n")
    assert status(guarded, ANNA[0]) == 401


@pytest.mark.parametrize(
    ("content", "words"), [("anna\n", "line 1"), (f"{ANNA[1]}\nben 12ab\n", "line 2"), (None, "cannot be read")]
)
def test_a_service_does_not_start_with_a_wrong_file(
    tmp_path: Path, holder: ModelHolder, catalogue: Catalogue, content: str | None, words: str
) -> None:
    path = tmp_path / "keys"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ApiKeysError, match=words) as caught:
        create_app(ServiceSettings(api_keys_file=path), holder, catalogue)
    assert ANNA[0] not in str(caught.value)


def test_the_command_makes_a_key_and_its_line() -> None:
    done = CliRunner().invoke(main, ["new-key", "anna"])
    assert done.exit_code == 0
    key, line = (text.rpartition(": ")[2] for text in done.stdout.splitlines())
    assert line == f"anna {hashlib.sha256(key.encode()).hexdigest()}"
    assert len(key) >= 40
    assert new_key("anna")[0] != key
