"""Make the students' release of a unit with nbgrader's own generate_assignment."""

from __future__ import annotations

import logging
from pathlib import Path

from chainrule_course.errors import UserError


def release(unit: str, stage: Path) -> Path:
    """Turn ``stage/source/<unit>`` into ``stage/release/<unit>`` and return that folder.

    Raises
    ------
    UserError
        If nbgrader refuses the unit; says why.
    """
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(stage)
    config.CourseDirectory.assignment_id = unit
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    log = logging.getLogger("chainrule.build.nbgrader")
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    log.propagate = False
    log.setLevel(logging.WARNING)
    try:
        GenerateAssignment(coursedir=CourseDirectory(config=config), config=config, log=log).start()
    except (Exception, SystemExit) as error:
        detail = "\n".join(lines) or str(error)
        raise UserError(f"{unit}: nbgrader generate_assignment refuses it:\n{detail}") from error
    finally:
        log.removeHandler(handler)
    return stage / "release" / unit
