import os
import sys

# The folder in which the package `jackfield` is.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../jackfield/.."))
