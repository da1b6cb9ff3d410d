"""What a graded program prints, sends or names is text of a stranger: it could move the cursor, clear
the screen, turn the writing around or fill the disk. Here it becomes harmless and short.

Kept are printable characters (str.isprintable), new lines and tabs; all else is shown as an escape:
control characters and ESC, direction marks, separators that pass for new lines, lone surrogates,
and so all that is no character of XML 1.0.
"""
SHOWN = 64 << 10  # characters of one text: what comes behind is only counted
LINE = 1000  # characters of one line
NAME = 200  # characters of a name


class Escapes(dict):
    """For str.translate(): a code point -> what stands for it."""

    def __missing__(self, code):
        letter = chr(code)
        harmless = letter.isprintable() or letter in "\n\t"
        return letter if harmless else letter.encode("unicode_escape").decode("ascii")


ESCAPES = Escapes({code: Escapes()[code] for code in range(256)})


def printable(text: str) -> str:
    """`text` with everything escaped that a terminal, a page or a table might obey. The end of a line
    that a program writes as CR LF is one."""
    return text if text.isprintable() else text.replace("\r\n", "\n").translate(ESCAPES)


def shortened(text: str, most: int) -> str:
    """At most `most` characters: the beginning of `text`, and how long all of it is."""
    if len(text) <= most:
        return text
    note = f" ... ({len(text):,} characters in all)"[:most]
    return text[: most - len(note)] + note


def shown(text: str, most: int = SHOWN) -> str:
    """`text` as a report shows it: printable, no line longer than LINE, all of it not longer than `most`."""
    cut = shortened(text, most)
    lines = printable(cut).split("\n")
    return shortened("\n".join(shortened(line, LINE) for line in lines), most)


def shown_name(name: str) -> str:
    """`name`, of a file or a person, on one line: here the end of a line is an escape too."""
    cut = printable(shortened(name, NAME))
    return cut.replace("\n", "\\n").replace("\t", "\\t")


def shown_lines(lines) -> list[str]:
    """Each of `lines` as a report shows it, on one line."""
    return [shown(line).replace("\n", " ") for line in lines]
