"""What the reports of AddressSanitizer, UBSan and ThreadSanitizer say."""
import re

from . import verdict

FRAME = re.compile(r"#\d+ (?:0x\S+ in )?(.+?) (\S+\.[ch]pp):(\d+)")
NOT_OWN = re.compile(r"/usr/|.*/libsanitizer/")  # where a sanitizer's own functions were compiled
SANITIZER = re.compile(
    r"(?:(?:ERROR: (?:Address|Leak)|(?:WARNING|ERROR): Thread)Sanitizer: (?P<what>[^\n]*?)(?:"
    r" \(pid=\d+\))?$)"
    r"|(?P<place>[\w./-]+:\d+:\d+): runtime error: (?P<undefined>[^\n]*)",
    re.MULTILINE,
)


def of_report(report) -> str:
    """A sanitizer ends a program for a race or a leak, too, with which it would have gone on."""
    return verdict.WRONG if re.search(r"data race|leaks", report[0]) else verdict.CRASH


def sanitized(report, words):
    """(means, read) of a sanitizer's report: what, and the first place in the student's own
    files, else in the given code."""
    what = (report["what"] or report["undefined"]).split(" on address")[0]
    own = [frame for frame in FRAME.findall(words) if not NOT_OWN.match(frame[1])]
    own = [frame for frame in own if "support/async/" not in frame[1]] or own  # the given code
    place = (
        f"{function(own[0][0])}, {own[0][1].rsplit('/', 1)[-1]}:{own[0][2]}"
        if own
        else report["place"]
    )
    return (
        f"the sanitizer stopped the program: {what}, in {place or 'an unknown place'}",
        "ThreadSanitizer; pthreads(7)" if "race" in what else "AddressSanitizer, UBSan",
    )


def function(signature) -> str:
    """`echo` of `echo(int)`, and `Pool::operator()` of `Pool::operator()(int)`."""
    name = re.match(r"(?:operator\(\)|[^(])+", signature)[0]
    return "a lambda" if name == "operator()" else name
