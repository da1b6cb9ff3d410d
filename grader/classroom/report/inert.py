"""Text of strangers on a page: seen, never obeyed. Jinja escapes the markup, this the rest."""
import re

# Control characters but newline and tab, what turns the direction of writing, lone surrogates
# (JSON can hold them, UTF-8 cannot), and line separators that no browser shows.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def inert(value):
    """`value` with a visible escape (\\x1b, \\u202e) for each character that would act unseen."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return UNSEEN.sub(lambda found: ascii(found[0])[1:-1], value)
