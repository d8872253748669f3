"""``verify.html`` as people use it, opened from disk without a network: answers, hostile files, keys, widths, axe."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.render.test_browser import OUTSIDE, axe, until
from tests.site.verifier import making

from countersign.site.verifier.page import digest, page

POLICY = making.POLICY.format("outside").encode()
Visit = Callable[..., Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify")
    (folder / "verify.html").write_bytes(page())
    (folder / "d-1.bundle").write_bytes(making.WHOLE)
    (folder / "trust.policy").write_bytes(POLICY)
    return folder


@pytest.fixture
def visit(browser: Any, folder: Path) -> Iterator[Visit]:
    """Opens the page from disk, offline. Anything fetched besides, logged or asked is a failure."""
    contexts, trouble = [], []

    def opened(width: int = 1280, scheme: str = "light", **more: Any) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, **more
        )
        contexts.append(context)
        shown = context.new_page()
        shown.on("request", lambda request: trouble.append(request.url))
        shown.on("console", lambda message: trouble.append(message.text))
        shown.on("pageerror", lambda error: trouble.append(str(error)))
        shown.on("dialog", lambda dialog: trouble.append(dialog.message))
        shown.goto((folder / "verify.html").as_uri())
        return shown

    yield opened
    for context in contexts:
        context.close()
    assert [line for line in trouble if line != (folder / "verify.html").as_uri()] == []


def given(shown: Any, data: bytes, policy: bytes = POLICY, name: str = "a.bundle") -> str:
    """The page's answer on a file and a policy."""
    shown.evaluate("document.getElementById('answer').hidden = true")
    shown.set_input_files("#policy", {"name": "trust.policy", "mimeType": "", "buffer": policy})
    shown.set_input_files("#evidence", {"name": name, "mimeType": "", "buffer": data})
    until(shown, "!document.getElementById('answer').hidden && document.getElementById('state').textContent === ''")
    answer: str = shown.locator("#answer").inner_text()
    return answer


@pytest.mark.slow
def test_the_answer_is_that_of_the_command_and_the_entries_stand_in_words(visit: Visit) -> None:
    shown = visit()
    answer = given(shown, making.WHOLE)
    said = [line.strip() for line in making.by_command(making.WHOLE, POLICY) if line.strip()]
    assert [line for line in said if line not in answer] == []
    assert answer.startswith("Unaltered since it was signed")
    assert "Entry 4: All forms (demo.all, version 1)" in answer
    shown.locator("summary", has_text="Entry 4").click()
    assert "Mill Lane, by the bridge" in shown.locator("#answer").inner_text()
    alone = making.whole()
    alone.cosigned = False
    answer = given(shown, alone.bundle(), making.POLICY.format("none").encode())
    first = (
        "Signed by the force’s own key alone\n\nSigned by the force's own key alone: no outside body has cosigned this."
    )
    assert answer.startswith(first)
    altered = making.sealed(making.WHOLE[:-78].replace(b"Mill Lane", b"Mall Lane"))
    answer = given(shown, altered)
    assert answer.startswith("It does not hold\n\nThe inclusion proof of entry 4 in 10: it leads to another root.")


HOSTILE = [
    b"",
    b"\x00" * 5000,
    b"\xff\xfe{}",
    b"{" * 200_000,
    making.sealed(b"[" * 3_000_000 + b"\n\n"),
    making.sealed(b'{"a":' * 100_000 + b"\n"),
    b"<script>alert(1)</script>\n\n\xe2\x80\x94 <img src=x onerror=alert(1)> AAAA\n",
    "\u202etxt.exe\n1\n\n— \u202e evil\n".encode(),
    b"c2sp.org/tlog-proof@v1\nindex 99999999999999999999\n\n",
    making.sealed(making.WHOLE[:-78] * 3),
]


@pytest.mark.slow
def test_a_hostile_file_gets_one_sentence_and_runs_nothing(visit: Visit) -> None:
    shown = visit()
    for data in HOSTILE:
        heading, _, rest = given(shown, data).partition("\n\n")
        assert heading == "It does not hold"
        sentence, way = rest.split("\n\n")
        assert re.fullmatch(r"['A-Z].{10,200}\.", sentence), sentence
        assert way.startswith("Do not rely on this copy.")
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", sentence)
    for policy in (b"", b"log \x00\n", b"quorum none", b"log <script>alert(1)</script>\nquorum none\n", b"\xff\xfe\n"):
        assert given(shown, making.WHOLE, policy).startswith("It does not hold\n\nThe policy") or policy == b""
    made = making.whole()
    made.audience = "<img src=x onerror=alert(1)>\u202eevil\x07"
    answer = given(shown, made.bundle())
    assert "<img src=x onerror=alert(1)>[U+202E]evil[U+0007]" in answer
    assert shown.locator("#answer img").count() == 0


@pytest.mark.slow
def test_the_keyboard_is_enough_and_a_pasted_policy_too(visit: Visit, folder: Path) -> None:
    shown = visit(390)
    order = []
    for _ in range(4):
        shown.keyboard.press("Tab")
        order.append(shown.evaluate("document.activeElement.id"))
    assert order == ["evidence", "policy", "words", "check"]
    shown.keyboard.press("Enter")
    until(shown, "!document.getElementById('answer').hidden")
    assert "Give a bundle" in shown.locator("#answer").inner_text()
    shown.set_input_files("#evidence", str(folder / "d-1.bundle"))
    shown.focus("#words")
    shown.keyboard.insert_text(POLICY.decode().rstrip("\n"))
    shown.keyboard.press("Tab")
    shown.keyboard.press("Enter")
    until(shown, "document.getElementById('answer').className === 'held'")
    assert shown.evaluate("document.activeElement.textContent") == "Unaltered since it was signed"


DROP = """names => {
  const all = new DataTransfer();
  for (const [name, text] of names) all.items.add(new File([Uint8Array.from(atob(text), c => c.charCodeAt(0))], name));
  document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: all, bubbles: true, cancelable: true}));
}"""


@pytest.mark.slow
def test_files_dropped_anywhere_are_told_apart(visit: Visit) -> None:
    from base64 import b64encode

    shown = visit()
    names = [["x.txt", b64encode(POLICY).decode()], ["y.txt", b64encode(making.WHOLE).decode()]]
    shown.evaluate(DROP, names)
    until(shown, "document.getElementById('answer').className === 'held'")
    assert "x.txt, 187 bytes" in shown.locator("#policy-name").inner_text()


@pytest.mark.slow
def test_without_ed25519_the_page_says_so_and_judges_nothing(visit: Visit) -> None:
    shown = visit()
    shown.evaluate(
        "() => { crypto.subtle.importKey = () => Promise.reject(new DOMException('no', 'NotSupportedError')); }"
    )
    assert given(shown, making.WHOLE).startswith("Not checked\n\nThis browser cannot check Ed25519 signatures")


def test_only_the_page_s_own_script_and_style_may_run() -> None:
    text = page().decode()
    policy = re.search('Content-Security-Policy" content="([^"]*)"', text)
    script = re.search('<script type="module">(.*?)</script>', text, re.S)
    style = re.search("<style>(.*?)</style>", text, re.S)
    assert policy is not None
    assert script is not None
    assert style is not None
    assert policy[1] == (
        f"default-src 'none'; script-src '{digest(script[1].encode())}'; style-src '{digest(style[1].encode())}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"https?://|\bfetch\(|XMLHttpRequest|innerHTML|eval\(|import\(", script[1])
    assert len(page()) < 250_000


def test_the_command_writes_the_same_page(tmp_path: Path) -> None:
    from countersign.cli.main import run

    out = tmp_path / "verify.html"
    assert run(["verify", "--page", str(out)]) == 0
    assert out.read_bytes() == page()


VIEWS = [(width, scheme) for width in (390, 820, 1280) for scheme in ("light", "dark")]


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_axe_finds_nothing_and_nothing_stands_out(visit: Visit, width: int, scheme: str) -> None:
    shown = visit(width, scheme)
    assert axe(shown) == []
    for data in (making.WHOLE, making.WHOLE[:-1]):
        given(shown, data)
        shown.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert axe(shown) == []
        # Half the width is the page at 200 per cent.
        for narrow in (width, max(320, width // 2)):
            shown.set_viewport_size({"width": narrow, "height": 900})
            assert shown.evaluate("document.documentElement.scrollWidth") <= narrow
            assert shown.evaluate(OUTSIDE, narrow) == []
        shown.set_viewport_size({"width": width, "height": 900})


@pytest.mark.slow
def test_without_script_the_page_says_what_to_do(visit: Visit) -> None:
    shown = visit(java_script_enabled=False)
    assert "needs its script" in shown.locator("main").inner_text()


@pytest.mark.slow
def test_ten_thousand_entries_take_under_five_seconds_and_show_progress(
    browser: Any, visit: Visit, tmp_path: Path
) -> None:
    made = making.whole()
    first = made.entries[8] | {"subject": making.SUBJECT}
    for number in range(10_000 - len(made.entries)):
        at = f"2026-03-{number % 28 + 1:02d}T{number // 28 % 24:02d}:{number // 672 % 60:02d}:00Z"
        made.entries.append(first | {"facts": {"count": number % 200 * 5}, "at": at})
    file = tmp_path / "d.bundle"
    file.write_bytes(made.bundle())
    shown = visit()
    shown.evaluate(
        """() => { window.seen = []; new MutationObserver(() => seen.push(document.getElementById('state').textContent))
        .observe(document.getElementById('state'), {childList: true, characterData: true, subtree: true}); }"""
    )
    computing = browser.new_browser_cdp_session()

    def seconds() -> float:
        """What the browser's processes have computed: the clock on the wall counts what else the machine does."""
        processes = computing.send("SystemInfo.getProcessInfo")["processInfo"]
        return float(sum(each["cpuTime"] for each in processes if each["type"] == "renderer"))

    times, computed = [], []
    for _ in range(3):
        shown.evaluate("document.getElementById('answer').className = ''")
        shown.set_input_files("#policy", {"name": "trust.policy", "mimeType": "", "buffer": POLICY})
        began, before = time.monotonic(), seconds()
        shown.set_input_files("#evidence", str(file))
        shown.wait_for_selector("#answer.held", timeout=60_000)
        times.append(time.monotonic() - began)
        computed.append(seconds() - before)
    wall, own = min(times), min(computed)
    print(f"10,000 entries, {file.stat().st_size:,} bytes: {wall:.2f} s on the clock, {own:.2f} s computed")
    assert "10,000 entries of the log" in shown.locator("#answer").inner_text()
    assert "Checked 5,000 of 10,000 entries." in shown.evaluate("seen")
    assert min(wall, own) < 5
