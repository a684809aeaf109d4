"""`python -m descent.exercises`: write the exercise notebooks of the book."""

import sys
from pathlib import Path

from descent.exercises import stems
from descent.exercises.notebook import FOLDER, write


def main(arguments: list[str]) -> int:
    """Write every notebook into the book, or into the folder named on the command line."""
    folder = Path(arguments[0]) if arguments else FOLDER
    if not folder.is_dir():
        print(f"folder {str(folder)!r} does not exist; name the folder to write into")
        return 1
    for stem in stems():
        print(write(stem, folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
