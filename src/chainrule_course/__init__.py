"""The course's tools: checks for notebooks, the build, grading, the command line."""
