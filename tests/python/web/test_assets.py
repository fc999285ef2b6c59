"""The page's files: an edit is served at once, a build is whole and never a stale one, clients choose the coding."""

from __future__ import annotations

import gzip
import json
import posixpath
import re
import shutil
from pathlib import Path

import brotli
import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.web.assets import assets, built, compression
from app.web.assets.assets import (
    Assets,
    Built,
    Written,
    form_of,
)

from ...building import build, can_build, needs_built_page
from ...services import lacking

ROOT = Path(__file__).parents[3]
# Modules that a module imports or passes on at once, as a build or a person writes it.
AT_ONCE = re.compile(r"""(?:\bfrom|^import|[;}]import)\s*"(\.{1,2}/[\w./-]+\.js)\"""", re.MULTILINE)
LATER = re.compile(r"""\bimport\("(\.{1,2}/[\w./-]+\.js)"\)""")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of all that a build depends on."""
    shutil.copytree(ROOT / "static", tmp_path / "static")
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / built.SCRIPT, tmp_path / "tools")
    shutil.copy(ROOT / "package.json", tmp_path)
    return tmp_path


@pytest.fixture
def made(checkout: Path) -> Path:
    """The same with its build."""
    needs_built_page()
    shutil.copytree(ROOT / built.FOLDER, checkout / built.FOLDER)
    return checkout


@pytest.fixture(scope="module")
def page() -> Assets:
    """The built page of this checkout."""
    needs_built_page()
    return Built(ROOT / built.FOLDER, {"operations.json": b"[]"})


def served(files: Assets) -> TestClient:
    """A client of the files alone."""
    return TestClient(files)


# --- As they are written ------------------------------------------------------------------------------------


def test_an_edit_is_served_with_the_next_request(checkout: Path) -> None:
    files = Written(checkout / "static", {})
    client = served(files)
    first = client.get(files.url("js/ui/dom.js"))
    assert first.headers["cache-control"] == "no-cache"
    known = {"If-None-Match": first.headers["etag"]}
    again = client.get(files.url("js/ui/dom.js"), headers=known)
    assert (again.status_code, again.content) == (304, b"")
    path = checkout / "static" / "js" / "ui" / "dom.js"
    path.write_text(path.read_text() + "// edited\n")
    edited = client.get(files.url("js/ui/dom.js"), headers=known)
    assert edited.status_code == 200
    assert edited.text.endswith("// edited\n")
    (checkout / "static" / "js" / "added.js").write_text("// Added.\n")
    assert client.get("/static/written/js/added.js").text == "// Added.\n"
    path.unlink()
    assert client.get("/static/written/js/ui/dom.js", headers=known).status_code == 404


def test_the_font_is_served_as_one_with_its_licence_beside_it_and_is_small() -> None:
    files = Written(ROOT / "static", {})
    found = served(files).get(files.url("font/convscope-sans.woff2"))
    assert found.headers["content-type"] == "font/woff2"
    assert found.content[:4] == b"wOF2"
    assert len(found.content) <= 25_000
    assert "SIL OPEN FONT LICENSE" in (ROOT / "static" / "font" / "OFL.txt").read_text()


def test_every_module_and_sheet_is_served_byte_by_byte_as_it_is_written() -> None:
    files = Written(ROOT / "static", {})
    client = served(files)
    names = [path.relative_to(ROOT / "static").as_posix() for path in (ROOT / "static").rglob("*.*s")]
    assert len(names) > 100
    for name in names:
        found = client.get(files.url(name)) if not name.endswith(".d.ts") else None
        assert found is None or found.content == (ROOT / "static" / name).read_bytes(), name


@pytest.mark.parametrize(
    "name",
    [
        "../tools/build.js",
        "js/../../tools/build.js",
        "/etc/hostname.js",
        "//etc/hostname.js",
        "js/types/layer.d.ts",
        "js",
        "js/",
        "",
        "link.js",
        "js/" + "a" * 300 + ".js",
        "js/dom\0.js",
        "js\\dom.js",
    ],
)
def test_no_name_leads_out_of_the_folder(checkout: Path, name: str) -> None:
    (checkout / "static" / "link.js").symlink_to(checkout / "tools" / "build.js")
    files = Written(checkout / "static", {})
    assert files.find(name) is None
    with pytest.raises(KeyError):
        files.url(name)


def beside(importer: str, name: str) -> str:
    """The file that an import of another file of the build names."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), name))


# --- As they are built --------------------------------------------------------------------------------------


def test_a_build_holds_every_file_that_its_own_files_name(page: Assets) -> None:
    names = {path.relative_to(ROOT / built.FOLDER).as_posix() for path in (ROOT / built.FOLDER).rglob("*.*")}
    scripts = {name for name in names if name.endswith(".js")}
    assert {
        "js/main.js",
        "js/dialogs/trying.js",
        "css/instrument.css",
        "css/document.css",
        "icon.svg",
    } <= names
    for name in scripts:
        file = page.find(name)
        assert file is not None
        text = file.body.decode()
        for other in [*AT_ONCE.findall(text), *LATER.findall(text)]:
            assert beside(name, other) in scripts, f"{name} imports {other}"
    sheets = {name for name in names if name.endswith(".css")}
    assert all(b"@import" not in (ROOT / built.FOLDER / name).read_bytes() for name in sheets)


@pytest.mark.parametrize("entry", ["js/main.js", "js/dialogs/trying.js"])
def test_all_that_an_entry_imports_at_once_is_named_beside_it(page: Assets, entry: str) -> None:
    needed: set[str] = set()
    wanted = [entry]
    while wanted:
        importer = wanted.pop()
        file = page.find(importer)
        assert file is not None
        found = {beside(importer, name) for name in AT_ONCE.findall(file.body.decode())} - needed
        needed |= found
        wanted += found
    assert bool(needed) == (entry == "js/main.js"), "a page that stands alone is one file"
    assert set(page.imports(entry)) == {page.url(name) for name in needed}


def test_what_comes_later_shares_the_first_chunk_and_holds_none_of_it_again(page: Assets) -> None:
    """A module that was evaluated twice would have two states: each lies in one file of the build, by its maps."""
    homes: dict[str, list[str]] = {}
    for path in (ROOT / built.FOLDER).rglob("*.js.map"):
        if path.name == "trying.js.map":  # of another page
            continue
        for source in json.loads(path.read_text())["sources"]:
            if "/static/js/" in source:
                homes.setdefault(source.rpartition("/static/js/")[2], []).append(path.name)
    modules = ROOT / "static" / "js"
    written = {path.relative_to(modules).as_posix() for path in modules.rglob("*.js")}
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}
    assert set(homes) <= written
    assert len(homes) > 100
    assert len(page.imports("js/main.js")) <= 4


def test_source_maps_carry_the_modules_and_no_path_of_the_machine(page: Assets) -> None:
    for path in (ROOT / built.FOLDER).rglob("*.map"):
        answer = json.loads(path.read_text())
        assert len(answer["sources"]) == len(answer["sourcesContent"])
        for source, text in zip(answer["sources"], answer["sourcesContent"], strict=True):
            assert (path.parent / source).resolve().is_relative_to(ROOT / "static"), path
            assert text == (path.parent / source).resolve().read_text(), source
        script = path.with_suffix("")
        assert f"sourceMappingURL={path.name}" in script.read_text()
        assert page.find(path.relative_to(ROOT / built.FOLDER).as_posix()) is not None


def test_the_twins_hold_what_their_files_hold(page: Assets) -> None:
    files = [path for path in (ROOT / built.FOLDER).rglob("*") if path.suffix in (".js", ".css", ".svg")]
    for path in files:
        asset = page.find(path.relative_to(ROOT / built.FOLDER).as_posix())
        assert asset is not None
        assert list(asset.twins) == ["br", "gzip"]
        assert brotli.decompress(asset.twins["br"]) == gzip.decompress(asset.twins["gzip"]) == asset.body


def test_a_file_of_a_build_is_kept_for_ever_and_of_another_version_not_at_all(page: Assets) -> None:
    client = served(page)
    script = client.get(page.url("js/main.js"), headers={"Accept-Encoding": "gzip"})
    assert script.headers["content-encoding"] == "gzip"
    assert "immutable" in script.headers["cache-control"]
    old = client.get("/static/000000000000/js/main.js")
    assert old.text == script.text
    assert old.headers["cache-control"] == "no-store"
    assert client.get(f"/static/{page.version}/manifest.json").status_code == 404


def test_the_address_of_a_build_changes_with_what_the_server_adds(page: Assets) -> None:
    assert Built(ROOT / built.FOLDER, {"operations.json": b"[1]"}).version != page.version
    assert Built(ROOT / built.FOLDER, {"operations.json": b"[]"}).version == page.version


def test_the_same_modules_make_the_same_build_in_another_place(made: Path) -> None:
    if not can_build():
        lacking("esbuild is not here; npm install --ignore-scripts brings it.")
    shutil.rmtree(made / built.FOLDER)
    (made / "node_modules").symlink_to(ROOT / "node_modules")
    build(made)
    ours, theirs = (Built(root / built.FOLDER, {}) for root in (ROOT, made))
    assert ours.version == theirs.version


# --- Which of the two ---------------------------------------------------------------------------------------


def look_in(root: Path, patch: pytest.MonkeyPatch) -> None:
    """Let the page be looked for in another checkout."""
    patch.setattr(assets, "home", lambda name: root / name)


def test_a_checkout_serves_its_modules_unless_a_build_is_asked_for(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_in(made, monkeypatch)
    assert form_of("auto") == form_of("written") == "written"
    assert form_of("built") == "built"


def test_an_installation_serves_what_it_holds(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look_in(made, monkeypatch)
    shutil.rmtree(made / "static")
    assert form_of("auto") == form_of("built") == "built"
    with pytest.raises(SystemExit, match="holds the built page only"):
        form_of("written")


CHANGES = {
    "an edit": lambda root: (root / "static/js/ui/dom.js").write_text("// Other.\n"),
    "a style sheet's edit": lambda root: (root / "static/css/stage.css").write_text("/* Other. */\n"),
    "a module more": lambda root: (root / "static/js/added.js").write_text("// Added.\n"),
    "a module less": lambda root: (root / "static/js/ui/dom.js").unlink(),
    "another name": lambda root: (root / "static/js/ui/dom.js").rename(root / "static/js/dome.js"),
    "another way to build": lambda root: (root / "tools/build.js").write_text("// Other.\n"),
    "a manifest that is cut off": lambda root: (root / "built/manifest.json").write_text('{"sources":'),
    "a manifest of something else": lambda root: (root / "built/manifest.json").write_text("{}"),
    "no manifest": lambda root: (root / "built/manifest.json").unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_build_of_other_modules_is_refused_with_a_remedy(
    made: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    look_in(made, monkeypatch)
    assert built.is_current(made)
    CHANGES[change](made)
    assert not built.is_current(made)
    with pytest.raises(SystemExit, match=r"CONVSCOPE_PAGE = built: .* Run node tools/build\.js again\."):
        form_of("built")
    assert form_of("auto") == "written"


def test_no_build_is_refused_with_a_remedy(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look_in(checkout, monkeypatch)
    with pytest.raises(SystemExit, match=r"there is no .*built\. Run node tools/build\.js"):
        form_of("built")


def test_the_setting_reaches_the_page(tmp_path: Path) -> None:
    needs_built_page()
    for form, address in (("written", r"/static/written/"), ("built", r"/static/[0-9a-f]{12}/")):
        settings = Settings.from_environment(
            {"CONVSCOPE_PAGE": form, "CONVSCOPE_UPLOADS": str(tmp_path / "uploads")}
        )
        with TestClient(create_app(settings)) as client:
            page = client.get("/").text
            found = re.search(rf'src="[^"]*({address[1:]}js/main\.js)"', page)
            assert found is not None
            assert client.get(f"/{found[1]}").status_code == 200
            assert ("modulepreload" in page) == (form == "built")


def test_another_form_is_refused_by_name() -> None:
    with pytest.raises(SystemExit, match=r"CONVSCOPE_PAGE = new.*auto, written, built"):
        Settings.from_environment({"CONVSCOPE_PAGE": "new"})


def test_every_kind_of_file_that_is_served_counts_for_a_build() -> None:
    assert set(assets.MEDIA_TYPES) == built.SERVED | {".map"}


# --- Codings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quality", [4, 11])
def test_each_coding_gives_the_body_back(quality: int) -> None:
    body = b"export const double = (number) => 2 * number;\n" * 20
    twins = compression.encoded(body, quality)
    assert list(twins) == ["br", "gzip"]
    assert brotli.decompress(twins["br"]) == gzip.decompress(twins["gzip"]) == body


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("BR;q=0.5, gzip", "br"),
        ("br;q=0, gzip", "gzip"),
        ("gzip", "gzip"),
        ("br; q=0, gzip;q=0.000", None),
        ("identity", None),
        ("bright, gzipped", None),
        ("", None),
    ],
)
def test_a_client_gets_the_shortest_coding_that_it_takes(
    client: TestClient, asked: str, given: str | None
) -> None:
    answer = client.get("/", headers={"Accept-Encoding": asked})
    assert answer.headers.get("content-encoding") == given
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "<title>" in answer.text
