"""What a case of the command-line tests is made of."""

import dataclasses


class Failed(Exception):
    """The program did something else than the case says."""


class Skipped(Exception):
    """The case cannot be run here."""


@dataclasses.dataclass(frozen=True)
class Case:
    """One call and its answer. In arguments, {art} is the art and {tmp} a folder of the case's own,
    which is also the working folder. stdout and stderr are regular expressions sought anywhere; None
    allows everything, "" nothing."""

    name: str
    arguments: tuple
    exit: int
    stdout: str = None
    stderr: str = None
    environment: dict = dataclasses.field(default_factory=dict)
    made: tuple = ()


def case(name, line, code, stdout=None, stderr=None, **others):
    """A case from one line of words without blanks in them."""
    return Case(name, tuple(line.split()), code, stdout, stderr, **others)
