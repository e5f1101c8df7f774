"""What grading found, for people: feedback for each student, a picture of the class for the teacher, marks for others.

It builds on what any autograding by nbgrader leaves: the gradebook, and ``autograded/<student>/<unit>/<unit>.ipynb``.
"""

from chainrule_course.reports.classroom import Classroom, read_classroom
from chainrule_course.reports.export import FORMATS, Export, export_marks
from chainrule_course.reports.feedback import Feedback, write_feedback
from chainrule_course.reports.gradebook import Gradebook, open_gradebook
from chainrule_course.reports.pages import write_if_changed
from chainrule_course.reports.picture import Picture, report_folder, write_overview, write_picture

__all__ = [
    "FORMATS",
    "Classroom",
    "Export",
    "Feedback",
    "Gradebook",
    "Picture",
    "export_marks",
    "open_gradebook",
    "read_classroom",
    "report_folder",
    "write_feedback",
    "write_if_changed",
    "write_overview",
    "write_picture",
]
