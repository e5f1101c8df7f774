"""The grading engine: execute a class's notebooks fast and isolated, inside nbgrader's own formats."""
