"""Renders decks as a person would see them, and measures what stands outside its slide."""
import json
import os
import re
import shutil
import subprocess

from include import KIT

DECKS = sorted((KIT / "slides").glob("[0-9][0-9]-*.md"))
MARP = KIT / "slides/node_modules/.bin/marp"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LIMIT = 120  # seconds; a deck takes two

# For each slide: its number and every element that leaves the content box of its section. Text is
# measured by the lines it makes, so that code which is cut off at the right counts as well.
MEASURE = """<script>addEventListener("load", () => {
  const outside = [];
  document.querySelectorAll("section").forEach((section, index) => {
    const frame = section.getBoundingClientRect(), style = getComputedStyle(section);
    const scale = frame.width / section.offsetWidth, room = 1.5 * scale;
    const right = frame.right - parseFloat(style.paddingRight) * scale + room;
    const bottom = frame.bottom - parseFloat(style.paddingBottom) * scale + room;
    const left = frame.left + parseFloat(style.paddingLeft) * scale - room, top = frame.top - room;
    const look = (box, what) => {
      if (box.width && (box.right > right || box.bottom > bottom || box.left < left || box.top < top))
        outside.push(`slide ${index + 1}: ${what}`);
    };
    section.querySelectorAll("*").forEach(element => {
      if (element.closest("footer")) return;
      look(element.getBoundingClientRect(), element.localName);
      if (element.localName == "img" && !element.naturalWidth)
        outside.push(`slide ${index + 1}: no picture ${element.src}`);
      for (const text of element.childNodes) if (text.nodeType == 3 && text.data.trim()) {
        const range = document.createRange();
        range.selectNodeContents(text);
        for (const box of range.getClientRects()) look(box, text.data.trim().slice(0, 40));
      }
    });
  });
  const result = document.createElement("pre");
  result.id = "outside";
  result.textContent = JSON.stringify(outside);
  document.body.append(result);
});</script>"""


def browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def missing() -> str:
    """Empty when decks can be rendered here, else what is missing and how to get it."""
    for name, there in (
        ("node", shutil.which("node")),
        ("marp", MARP.exists()),
        ("Chromium", browser()),
    ):
        if not there:
            return f"{name} is missing: `make slides` installs it"
    return ""


def render(decks):
    """Makes of each deck an HTML page beside it, all slides below each other."""
    folder = decks[0].parent
    if not (folder / "figures").exists():
        (folder / "figures").symlink_to(KIT / "slides/figures")
    command = [MARP, "-c", KIT / "slides/marp.json", "--template", "bare", *decks]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr


def outside(deck) -> list[str]:
    """What stands outside its slide on the page of a rendered deck, and pictures that do not load."""
    page = deck.with_suffix(".measured.html")
    page.write_text(deck.with_suffix(".html").read_text().replace("</body>", MEASURE + "</body>"))
    command = [browser(), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    profile = f"--user-data-dir={deck.with_suffix('.profile')}"
    done = subprocess.run(
        [*command, profile, "--window-size=1280,720", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        env={**os.environ, "HOME": str(deck.parent)},
    )
    found = re.search(r'<pre id="outside">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, f"Chromium measured nothing: {done.stderr[-500:]}"
    return json.loads(found[1].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))
