"""JUnit XML for the viewers of continuous integration.

A suite is a student's lab, a case a check. What was not run or could not be judged is skipped."""
import xml.etree.ElementTree as xml

MANY, VIEW, SUFFIX = True, "instructor", ".xml"


def text(sheets) -> str:
    root = xml.Element("testsuites", name="asynclab", **counts([suite(s) for s in sheets]))
    root.extend(suite(sheet) for sheet in sheets)
    xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(root, "unicode") + "\n"


def suite(sheet):
    name = f"{sheet.lab} {sheet.student}".strip()
    found = xml.Element("testsuite", name=name)
    for line in sheet.lines:
        case(xml.SubElement(found, "testcase", classname=name, name=title(line)), line)
    if not any(line.outcome in ("passed", "failed") for line in sheet.lines):
        case_of_whole(found, name, sheet)  # nothing was run: the verdict is all there is
    found.attrib.update(counts(found))
    return found


def title(line) -> str:
    return line.title if line.id == "hidden" else f"{line.id}: {line.title}"


def case(element, line):
    element.set("time", f"{line.seconds:.3f}")
    if line.outcome == "failed":
        failure = xml.SubElement(element, "failure", type=line.verdict or "FAILED")
        failure.set("message", (line.saw or line.title).partition("\n")[0])
        failure.text = line.text
    elif line.outcome != "passed":
        xml.SubElement(element, "skipped", message=(line.saw or line.title).partition("\n")[0])
    if line.transcript:
        xml.SubElement(element, "system-out").text = line.transcript


def case_of_whole(suite, name, sheet):
    element = xml.SubElement(suite, "testcase", classname=name, name="grading", time="0.000")
    if sheet.score is None:
        xml.SubElement(element, "skipped", message=sheet.summary or sheet.verdict)
    elif sheet.verdict != "OK":
        xml.SubElement(
            element, "failure", type=sheet.verdict, message=sheet.summary or sheet.verdict
        )


def counts(elements) -> dict[str, str]:
    """The counts of a suite's cases, or of the whole's suites."""
    inner = [case for element in elements for case in element.iter("testcase")]
    return {
        "tests": str(len(inner)),
        "failures": str(sum(case.find("failure") is not None for case in inner)),
        "errors": "0",
        "skipped": str(sum(case.find("skipped") is not None for case in inner)),
        "time": f"{sum(float(case.get('time')) for case in inner):.3f}",
    }
