"""A TOML file of which every error is one line that names the place."""
import datetime
import re

from autograder.labs import UsageError, tomllib

KINDS = {
    str: "text in quotes",
    int: "a whole number",
    dict: "a table",
    list: "a list",
    datetime.datetime: "a date with a time, such as 2026-11-30T23:59:00Z, without quotes",
}


class TomlReader:
    """`keys`: table -> the keys that may be in it; for [lab.05] the table is `lab`."""

    def __init__(self, path, text: str, keys):
        self.path, self.lines, self.keys = path, text.splitlines(), keys
        try:
            self.told = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"{path}: {error}") from None

    def get(self, told: dict, table: str, key: str, kind: type, default):
        value = told.get(key, default)
        if value is not default and (not isinstance(value, kind) or isinstance(value, bool)):
            self.wrong(table, key, f"must be {KINDS[kind]}")
        return value

    def number(self, told, table, key, default, low, high) -> int:
        value = self.get(told, table, key, int, default)
        if not low <= value <= high:
            self.wrong(table, key, f"is {value}: it must be from {low} to {high}")
        return value

    def known(self, table: str, told: dict):
        keys = self.keys[table.partition(".")[0]]
        for key in told:
            if key not in keys:
                self.wrong(table, key, f"is not known here; there are {', '.join(keys)}")

    def wrong(self, table: str, key: str, why: str, holds=""):
        shown = f"{table}.{key}" if table else key
        raise UsageError(f"{self.path}:{self.line(table, key, holds)}: {shown}: {why}")

    def line(self, table: str, key: str, holds="") -> int:
        """Where `key` of `table` stands, or the table's heading, or the text that `holds`."""
        heading, found = "", 1
        for number, line in enumerate(self.lines, start=1):
            if told := re.match(r"\s*\[([^]]+)\]", line):
                heading = re.sub(r"[\s\"']", "", told[1])
                if heading in (table, f"{table}.{key}", key):
                    found = number
            if holds:
                found = number if holds in line else found
            elif heading == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return number
        return found
