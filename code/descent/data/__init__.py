"""Small datasets that are made or stored on this machine: nothing is downloaded.

Every function returns a `Dataset` whose numbers depend on its arguments alone.
"""

from descent.data.dataset import Dataset, Examples, with_label_noise
from descent.data.stored import digits, mnist1d
from descent.data.synthetic import Teacher, spirals, teacher_student

__all__ = [
    "Dataset",
    "Examples",
    "Teacher",
    "digits",
    "mnist1d",
    "spirals",
    "teacher_student",
    "with_label_noise",
]
