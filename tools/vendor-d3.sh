#!/bin/sh
# Reproduce the vendored part of d3 from its published packages. Needs npm.
# The figures use two families of functions: contour lines, and the choice of ticks.
set -eu
cd "$(dirname "$0")/.."
page=$PWD/code/descent/explore/page

bundle_sha256=e67a329b9b5ccfc1a1414b02f5bbf0949acc04adf003d42faa6b446e5a1d4126

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts \
    d3-array@3.2.4 d3-contour@4.0.2 internmap@2.0.3 esbuild@0.28.0 >/dev/null
cat >entry.js <<'END'
export { contours } from "d3-contour";
export { ticks, tickStep } from "d3-array";
END
node_modules/.bin/esbuild entry.js --bundle --minify --format=iife --global-name=d3 \
    --target=es2020 --log-level=error --legal-comments=none --outfile=d3.js
echo "$bundle_sha256  d3.js" | sha256sum -c - >/dev/null
cp d3.js "$page/d3.js"
for package in d3-array d3-contour internmap; do
    echo "$package"
    echo
    cat "node_modules/$package/LICENSE"
    echo
done >"$page/d3.LICENSE"
echo "vendored d3-array and d3-contour"
