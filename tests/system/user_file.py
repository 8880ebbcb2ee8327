"""The files of a user below Home."""


def file_of(site, user, extension):
    return site.home / "data" / user / f"{user}.{extension}"


def lines_of(path):
    return path.read_bytes().split(b"\n") if path.exists() else []
