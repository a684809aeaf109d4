#!/bin/sh
# Build the book into _build/html; warnings are errors.
set -u
cd "$(dirname "$0")/.." || exit 1

# A page's cached outputs are found by its cells alone. They are stale when the package changes.
code=$(find code/descent -path code/descent/publish -prune -o \( -name '*.py' -o -name '*.js' \) -print |
    LC_ALL=C sort | xargs cat | cksum)
if [ "$(cat _build/.code 2>/dev/null)" != "$code" ]; then
    rm -rf _build/.jupyter_cache _build/.doctrees
    mkdir -p _build
    echo "$code" >_build/.code
fi

if ! .venv/bin/python -m descent.publish.build; then
    # Sphinx repeats no warning for a page that it has already read: forget the pages, so that
    # the next build names the same faults again instead of passing.
    rm -rf _build/.doctrees
    echo "make: the book has faults; each is named above as file:line." >&2
    exit 1
fi
echo
echo "The book is built. Open: file://$PWD/_build/html/index.html"
echo "or serve it:             make serve"
