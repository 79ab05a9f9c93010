"""Published files are found inside archives of any make, and harmful archives are refused in words."""

from __future__ import annotations

import datetime
import gzip
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dioscorides.snapshots.archives import ArchiveError, Limits, SnapshotError, kind, members, published_files
from dioscorides.snapshots.store import Snapshot

DRUG = b'"1","HUMAN","00000019"\r\n'
SHEET = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}


def zipped(contents: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(contents: dict[str, bytes], **other: Any) -> bytes:
    """A tar; `other` members are links by their target, or of a bare tar type."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, target in other.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = (tarfile.SYMTYPE, target) if isinstance(target, str) else (target, "")
            archive.addfile(info)
    return buffer.getvalue()


def read(folder: Path, limits: Limits | None = None) -> dict[str, bytes]:
    return {file.name: file.read() for file in published_files(folder, limits)}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("drug.txt", DRUG, {"drug.txt": DRUG}),
        ("empty.txt", b"", {"empty.txt": b""}),
        ("allfiles.zip", zipped({"drug.txt": DRUG}), {"allfiles.zip/drug.txt": DRUG}),
        ("all.tar.gz", gzip.compress(tarred({"./a/drug.txt": DRUG})), {"all.tar.gz/a/drug.txt": DRUG}),
        ("all.tar", tarred({"drug.txt": DRUG, "empty": b""}), {"all.tar/drug.txt": DRUG, "all.tar/empty": b""}),
        ("drug.txt.gz", gzip.compress(DRUG), {"drug.txt.gz/drug.txt": DRUG}),
        ("a.zip", zipped({"dir/": b"", "dir\\drug.txt": DRUG}), {"a.zip/dir/drug.txt": DRUG}),
        ("a.zip", zipped({"__MACOSX/._drug.txt": b"shadow", "drug.txt": DRUG}), {"a.zip/drug.txt": DRUG}),
        ("none.zip", zipped({}), {}),
        pytest.param("drug.txt", zipped({"drug.txt": DRUG}), {"drug.txt/drug.txt": DRUG}, id="zip by content"),
        pytest.param("PK.txt", b"PK is no archive", {"PK.txt": b"PK is no archive"}, id="plain by content"),
    ],
)
def test_archives_are_flattened_by_what_they_are(
    tmp_path: Path, name: str, content: bytes, expected: dict[str, bytes]
) -> None:
    (tmp_path / name).write_bytes(content)
    files = list(published_files(tmp_path))
    assert {file.name: file.read() for file in files} == expected
    assert {file.name: file.size for file in files} == {name: len(content) for name, content in expected.items()}


@pytest.mark.parametrize("sheet", [SHEET, {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}])
@pytest.mark.parametrize("name", ["medicines.xlsx", "Medicamentos.xls"])
def test_a_spreadsheet_is_one_file(tmp_path: Path, name: str, sheet: dict[str, bytes]) -> None:
    (tmp_path / name).write_bytes(zipped(sheet))
    assert read(tmp_path) == {name: zipped(sheet)}
    assert kind(tmp_path / name, name) == "spreadsheet"
    assert [file.name for file in members(tmp_path / name, name)] == [f"{name}/{member}" for member in sheet]


@pytest.mark.parametrize("pack", [zipped, tarred, lambda contents: gzip.compress(tarred(contents))])
def test_archives_in_an_archive_are_opened_one_level_deep(tmp_path: Path, pack: Any) -> None:
    deepest = zipped({"deep.txt": DRUG})
    inner = {"drug.txt": DRUG, "deepest.zip": deepest}
    outer = {"z.zip": zipped(inner), "t.tgz": gzip.compress(tarred(inner)), "d.csv.gz": gzip.compress(DRUG)}
    (tmp_path / "outer").write_bytes(pack(outer | {"book.xlsx": zipped(SHEET)}))

    assert read(tmp_path) == {
        "outer/z.zip/drug.txt": DRUG,
        "outer/z.zip/deepest.zip": deepest,
        "outer/t.tgz/drug.txt": DRUG,
        "outer/t.tgz/deepest.zip": deepest,
        "outer/d.csv.gz/d.csv": DRUG,
        "outer/book.xlsx": zipped(SHEET),
    }


@pytest.mark.parametrize(
    "path", ["../evil", "a/../../evil", "/etc/evil", "C:\\evil", "c:evil", "..\\evil", "\\\\host\\evil"]
)
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, path: str, pack: Any) -> None:
    (tmp_path / "a.zip").write_bytes(pack({"good.txt": DRUG, path: b"x"}))
    with pytest.raises(ArchiveError, match=r"^a\.zip: the path of its member .*evil' leads out of the archive; "):
        read(tmp_path)


def link_in_zip() -> bytes:
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return buffer.getvalue()


def encrypted() -> bytes:
    plain = zipped({"drug.txt": DRUG})
    # The flags stand 6 bytes into the member's own header and 8 bytes into its entry in the list of members.
    listed = plain.index(b"PK\x01\x02")
    return plain[:6] + b"\x01" + plain[7 : listed + 8] + b"\x01" + plain[listed + 9 :]


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("drug.txt", DRUG)
            archive.writestr("drug.txt", b"other")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (link_in_zip, r"^a/link is a link, not a file"),
        (lambda: tarred({}, link="/etc/passwd"), r"^a/link is a link or a device"),
        (lambda: tarred({}, device=tarfile.CHRTYPE), r"^a/device is a link or a device"),
        (lambda: tarred({}, hard=tarfile.LNKTYPE), r"^a/hard is a link or a device"),
        (encrypted, r"^a/drug\.txt is encrypted; unpack it yourself"),
        (lambda: zipped({"drug.txt": DRUG}, zipfile.ZIP_BZIP2), r"^a/drug\.txt is packed by zip method 12"),
        (twice, r"^a has two members named 'drug\.txt'"),
        (lambda: zipped({"in.zip": zipped({"../evil": b""})}), r"^a/in\.zip: the path of its member '\.\./evil'"),
        (lambda: zipped({"drug.txt": DRUG * 99})[:-9], r"^a is damaged or cut short \(.*\); fetch the register again"),
        (lambda: tarred({"drug.txt": DRUG * 99})[:1024], r"^a is damaged or cut short"),
        (lambda: tarred({"one": DRUG, "two": DRUG})[:1024], r"^a is damaged or cut short after 1 members"),
        (lambda: tarred({"one": DRUG, "two": DRUG})[:1024] + b"x" * 512, r"^a is damaged or cut short after 1 members"),
    ],
)
def test_what_cannot_be_trusted_or_read_is_refused(tmp_path: Path, content: Any, said: str) -> None:
    (tmp_path / "a").write_bytes(content())
    with pytest.raises(ArchiveError, match=said):
        read(tmp_path)


ZEROS = bytes(300_000)
SMALL = Limits(total=500_000, member=200_000, ratio=200, ratio_from=100_000)
ROOMY = Limits(total=500_000, member=400_000, ratio=10**6)


@pytest.mark.parametrize(
    ("content", "limits", "said"),
    [
        (zipped({"zeros": ZEROS}, zipfile.ZIP_STORED), SMALL, "a/zeros expands to more than 200,000 bytes"),
        (zipped({"zeros": bytes(150_000)}), SMALL, "a/zeros expands to more than 200 times its packed size"),
        (gzip.compress(ZEROS), SMALL, "a/a expands to more than 200,000 bytes"),
        (gzip.compress(tarred({"zeros": ZEROS})), SMALL, "a/a expands to more than 200 times"),
        (tarred({"zeros": ZEROS}), SMALL, "a/zeros expands to more than 200,000 bytes"),
        (zipped({"one": ZEROS, "two": ZEROS}), ROOMY, "a expands to more than 500,000 bytes"),
        (zipped({"one.gz": gzip.compress(ZEROS), "two": ZEROS}), ROOMY, "a expands to more than 500,000 bytes"),
        (gzip.compress(tarred({"one": ZEROS, "two": ZEROS})), ROOMY, "a/a expands to more than 500,000 bytes"),
    ],
)
def test_what_expands_too_far_is_stopped(tmp_path: Path, content: bytes, limits: Limits, said: str) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ArchiveError, match=rf"^{said}.*, as a zip bomb does.*unpack it yourself"):
        read(tmp_path, limits)


def test_a_member_that_is_read_again_counts_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(zipped({"one": ZEROS, "two": b""}))
    one, two = published_files(tmp_path, ROOMY)
    assert one.read() == one.read() == one.read() == ZEROS
    assert two.read() == b""


def test_a_size_forged_in_the_header_does_not_get_a_bomb_through(tmp_path: Path) -> None:
    honest = zipped({"zeros": ZEROS})
    (tmp_path / "a").write_bytes(honest.replace(len(ZEROS).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(ArchiveError, match=r"^a/zeros is damaged or cut short"):
        read(tmp_path, SMALL)


def count_calls(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[Any]:
    calls, genuine = [], getattr(module, name)

    def counted(*arguments: Any) -> Any:
        calls.append(arguments)
        return genuine(*arguments)

    monkeypatch.setattr(module, name, counted)
    return calls


def test_reading_thousands_of_members_in_any_order_expands_a_tar_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = {f"{n}.xml": b"<study>%d</study>" % n for n in range(3000)}
    (tmp_path / "all.tar.gz").write_bytes(gzip.compress(tarred(contents)))
    opened = count_calls(monkeypatch, gzip, "open")

    files = sorted(published_files(tmp_path), key=lambda file: file.name, reverse=True)

    assert {file.name.split("/")[1]: file.read() for file in files} == contents
    assert len(opened) == 2, "once to see that it holds a tar, once to expand it"


def test_the_list_of_members_of_a_zip_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "all.zip").write_bytes(zipped({f"{n}.txt": DRUG for n in range(100)}))
    opened = count_calls(monkeypatch, zipfile, "ZipFile")

    assert len(read(tmp_path)) == 100
    assert len(opened) == 1


def test_a_file_that_cannot_be_opened_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "lost.txt").symlink_to(tmp_path / "nowhere")
    with pytest.raises(SnapshotError, match=r"^lost\.txt cannot be read \(No such file or directory\); check"):
        read(tmp_path)


ORIGINAL = {"drug.txt": DRUG * 20, "comp.txt": b"other\n" * 50}
WHOLE = {"zip": zipped(ORIGINAL), "tar.gz": gzip.compress(tarred(ORIGINAL), mtime=0)}


@pytest.mark.parametrize("form", WHOLE)
@given(data=st.data())
def test_no_part_of_an_archive_passes_for_the_whole(
    tmp_path_factory: pytest.TempPathFactory, form: str, data: st.DataObject
) -> None:
    whole = WHOLE[form]
    folder = tmp_path_factory.mktemp("cut")
    (folder / "a").write_bytes(whole[: data.draw(st.integers(4, len(whole) - 1))])
    with pytest.raises(ArchiveError):
        read(folder)


@pytest.mark.parametrize("form", WHOLE)
@given(data=st.data())
def test_damaged_bytes_are_never_taken_for_content(
    tmp_path_factory: pytest.TempPathFactory, form: str, data: st.DataObject
) -> None:
    damaged = bytearray(WHOLE[form])
    # The first four bytes say that it is an archive at all.
    damaged[data.draw(st.integers(4, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "a").write_bytes(damaged)
    try:
        contents = read(folder)
    except ArchiveError:
        return
    assert set(contents.values()) <= set(ORIGINAL.values())


def test_the_real_archives_read_whole(registers_dir: Path) -> None:
    trials = list(published_files(registers_dir / "ctgov_classic_xml" / "2023-02-28"))
    assert len(trials) == 6786
    assert all(b"<clinical_study" in trial.read() for trial in trials[::-500])
    tables = read(registers_dir / "ca_hc_dpd" / "2025-05-05")
    assert len(tables) == 36
    assert tables["allfiles.zip/drug.txt"].count(b"\n") > 10_000
    assert list(read(registers_dir / "es_aemps_cima" / "2020-02-29")) == ["Medicamentos.xls"]


def test_a_pattern_finds_files_in_archives_too(tmp_path: Path) -> None:
    (tmp_path / "allfiles.zip").write_bytes(zipped({"drug.txt": DRUG, "sub/DRUG.TXT": b"2", "comp.txt": b""}))
    (tmp_path / "allfiles_ap.zip").write_bytes(zipped({"drug_ap.txt": b"3"}))
    (tmp_path / "drug.txt").write_bytes(b"4")
    snapshot = Snapshot("ca_hc_dpd", datetime.date(2025, 5, 5), tmp_path)
    assert [file.name for file in snapshot.contents("Drug*.txt")] == [
        "allfiles.zip/drug.txt",
        "allfiles.zip/sub/DRUG.TXT",
        "allfiles_ap.zip/drug_ap.txt",
        "drug.txt",
    ]
    assert snapshot.contents("allfiles.zip") == [], "an archive stands for its members"
