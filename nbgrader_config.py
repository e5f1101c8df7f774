"""nbgrader's settings for this course: `nbgrader …` and the formgrader read them when started in this folder."""

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "chainrule"
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.release_directory = "course"
c.CourseDirectory.solution_directory = "solutions"
# A unit's own source (source/01_training/01_training.py) holds the solutions: it must never be copied to students.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "[0-9][0-9]_*.py"]

c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
c.Execute.timeout = 60

# Student code runs in the sandbox, under `nbgrader autograde` and the formgrader's button too.
try:
    from chainrule_course.grading.preprocessors import use_in_nbgrader
except ImportError:
    pass  # then nbgrader executes notebooks itself
else:
    use_in_nbgrader(c)
