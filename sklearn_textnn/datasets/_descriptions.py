"""The descriptions of the data sets, one file each in the folder `descr`."""

from importlib.resources import files


def read_description(name):
    """Return the text of `descr/<name>.rst`."""
    path = files(__package__).joinpath("descr", f"{name}.rst")
    return path.read_text(encoding="utf-8")
