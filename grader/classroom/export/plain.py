"""Text from a submission made harmless and short enough for those who read an export."""
import unicodedata

SHOWN = "\n\t"
TURNING = "\u200e\u200f\u061c" + "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))


def clean(text) -> str:
    """`text` in which what controls a terminal, turns the direction of writing, or is no character
    of XML 1.0, is written as \\x1b or \\u202e. A line ends with a newline alone."""
    text = str(text).replace("\r\n", "\n")
    return text if text.isascii() and text.isprintable() else "".join(map(shown, text))


def shown(character: str) -> str:
    code = ord(character)
    harmless = character in SHOWN or (
        unicodedata.category(character) not in ("Cc", "Cs")
        and character not in TURNING
        and code & 0xFFFE != 0xFFFE
    )
    if harmless:
        return character
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def cap(text: str, limit: int) -> str:
    """At most `limit` characters: the beginning, and how many were left out."""
    if len(text) <= limit:
        return text
    note = f"\n[{len(text):,} characters; the rest is left out]"
    return text[: max(0, limit - len(note))] + note[:limit]
