"""Habits that a machine can check: see "Habits" in CONTRIBUTING.md."""

import glob
import os
import re
import shutil
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Which folders of src a folder may include from, besides itself and base; what those may include, it may too.
DEPENDS = {
    "base": [],
    "config": [],
    "store": [],
    "wire": [],
    "net": [],
    "mail": [],
    "token": ["mail"],
    "feature": ["mail"],
    "classify": ["token"],
    "deliver": ["wire", "net"],
    "filter": ["classify", "feature", "store", "mail", "config", "deliver"],
    "scan": ["filter", "wire", "net", "mail"],
    "agent": ["filter", "deliver", "scan"],
    "daemon": ["agent", "wire", "net"],
    "move": ["filter", "store", "token"],
    "tool": ["daemon", "agent", "filter", "move", "feature"],
}
FORBIDDEN = ["strcpy", "strcat", "sprintf", "vsprintf", "gets", "strtok", "system", "popen", "rand", "atoi", "tmpnam"]
FILE_LINES = 400
FUNCTION_LINES = 60
TEXT = (".c", ".h", ".py", ".sh", ".md", ".build", ".txt", ".sql", ".conf", ".scd", ".in", "Makefile")


def tracked():
    """The files of the project: those that git knows; in an unpacked archive all but build directories."""
    git = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if git.returncode == 0:
        names = git.stdout.split("\0")
    else:
        names = [
            os.path.relpath(os.path.join(directory, name), ROOT)
            for directory, _, files in os.walk(ROOT)
            for name in files
            if not os.path.relpath(directory, ROOT).startswith(("build", "var", ".git/"))
        ]
    return [name for name in names if name and os.path.isfile(os.path.join(ROOT, name))]


FILES = tracked()
C_FILES = [name for name in FILES if name.endswith((".c", ".h"))]
SOURCES = [name for name in C_FILES if name.startswith("src/")]


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def without_comments(text):
    """C without the content of comments and strings, line numbers kept."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda hit: "\n" * hit.group().count("\n") or " ", text, flags=re.DOTALL)


def allowed(folder):
    """All folders that `folder` may include from."""
    found, to_do = {folder, "base"}, [folder]
    while to_do:
        for below in DEPENDS[to_do.pop()]:
            if below not in found:
                found.add(below)
                to_do.append(below)
    return found


def functions(text):
    """(name, first line, lines) of each function body, in the format that clang-format leaves behind."""
    lines = text.split("\n")
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            name = next((hit.group(1) for above in reversed(lines[: start - 1])
                         if (hit := re.match(r"(\w+)\(", above))), "?")
            yield name, start, number - start - 1
            start = None


def test_the_checks_see_what_they_check():
    """Without this a broken pattern here would let everything pass."""
    assert len(SOURCES) > 10
    assert without_comments('a /* strcpy(\n */ b "gets(\\"" c').split() == ["a", "b", "c"]
    assert list(functions("int\nf(int a,\n  int b)\n{\n\tg();\n\th();\n}\n")) == [("f", 4, 2)]
    assert allowed("token") == {"base", "mail", "token"}


def test_every_folder_is_in_the_table():
    assert {name.split("/")[1] for name in SOURCES} <= set(DEPENDS)


def test_dependencies_point_one_way():
    wrong = []
    for name in SOURCES:
        folder = name.split("/")[1]
        for included in re.findall(r'^\s*#\s*include\s+"(\w+)/', read(name), re.MULTILINE):
            if included not in allowed(folder):
                wrong.append(f"{name}: {folder} must not include from {included}")
    assert not wrong, "\n".join(wrong)


def test_no_forbidden_calls():
    call = re.compile(r"(?<![\w.>])(" + "|".join(FORBIDDEN) + r")\s*\(")
    wrong = [
        f"{name}:{number}: {hit.group(1)}"
        for name in C_FILES
        for number, line in enumerate(without_comments(read(name)).split("\n"), 1)
        if (hit := call.search(line))
    ]
    assert not wrong, "\n".join(wrong)


def test_a_day_has_its_length_once():
    length = re.compile(r"(=|#\s*define\s+\w+)\s*86400\b")
    assert [name for name in SOURCES if length.search(read(name))] == ["src/base/clock.h"]


def test_files_are_short():
    code = [name for name in FILES if name.endswith((".c", ".h", ".py"))]
    wrong = [f"{name}: {lines} lines" for name in code if (lines := read(name).count("\n")) > FILE_LINES]
    assert not wrong, "\n".join(wrong)


def test_functions_are_short():
    wrong = [
        f"{name}:{line}: {function} has {length} lines"
        for name in SOURCES
        for function, line, length in functions(read(name))
        if length > FUNCTION_LINES
    ]
    assert not wrong, "\n".join(wrong)


def test_headers_have_guards():
    wrong = []
    for name in SOURCES:
        if name.endswith(".h"):
            guard = "DSPAM_" + re.sub(r"\W", "_", name[len("src/"):]).upper()
            if f"#ifndef {guard}\n#define {guard}\n" not in read(name):
                wrong.append(f"{name}: no include guard {guard}")
    assert not wrong, "\n".join(wrong)


def test_no_trailing_space():
    wrong = [
        f"{name}:{number}"
        for name in FILES
        if name.endswith(TEXT) and not name.startswith(("tests/data/", "tests/fuzz/seeds/"))
        for number, line in enumerate(read(name).split("\n"), 1)
        if line != line.rstrip(" \t")
    ]
    assert not wrong, "\n".join(wrong)


def test_no_path_of_one_machine():
    path = re.compile(r"(?<![\w.*}])/(work|tmp|home/\w+|root)/")
    wrong = [
        f"{name}:{number}: {line.strip()}"
        for name in FILES
        if not name.startswith(("tests/data/", "tests/fuzz/seeds/")) and name != "tests/style/test_style.py"
        for number, line in enumerate(read(name).split("\n"), 1)
        if path.search(line) and "XXXXXX" not in line  # a template of mkdtemp is right everywhere
    ]
    assert not wrong, "\n".join(wrong)


def test_scripts_say_what_they_are_for():
    """Every script of scripts/ says in its second line or docstring what it is for, and can be run."""
    for name in FILES:
        if name.startswith("scripts/"):
            assert os.access(os.path.join(ROOT, name), os.X_OK), f"{name} is not executable"
            assert re.match(r'#!.*\n(# |""")\S', read(name)), f"{name} does not say what it is for"


def test_shell_scripts_parse():
    for name in FILES:
        if read(name).startswith("#!/bin/sh"):
            subprocess.run(["sh", "-n", os.path.join(ROOT, name)], check=True)


def test_library_exports_only_its_own_names():
    libraries = glob.glob(os.path.join(ROOT, "build-test/include/libdspam.so.*"))
    libraries = [library for library in libraries if os.path.isfile(library)]
    if not libraries or not shutil.which("nm"):
        pytest.skip("libdspam is not built")
    lines = subprocess.run(["nm", "-D", "--defined-only", libraries[0]], capture_output=True, text=True, check=True)
    names = [line.split()[-1] for line in lines.stdout.splitlines()]
    assert names
    assert [name for name in names if not name.startswith("dspam_")] == []
