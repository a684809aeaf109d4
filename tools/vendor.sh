#!/bin/sh
# Reproduce the vendored third-party files from their published archives. Needs npm.
# KaTeX: the style sheet and fonts go with the pages, the script runs only while building.
set -eu
cd "$(dirname "$0")/.."
root=$PWD

katex_version=0.19.1
katex_sha256=24da5a599eb2fcede2e270b99a6ff48bca816beecc95feeb84e8cccbd1bb34fd

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "katex@$katex_version" >/dev/null
echo "$katex_sha256  katex-$katex_version.tgz" | sha256sum -c - >/dev/null
tar xzf "katex-$katex_version.tgz"

pages=$root/book/_static/vendor/katex
rm -rf "$pages"
mkdir -p "$pages/fonts"
cp package/LICENSE "$pages/LICENSE"
cp package/dist/fonts/*.woff2 "$pages/fonts/"
# Every browser that this book supports reads woff2: name no other font file.
sed 's/,url([^)]*\.\(woff\|ttf\)) format("[a-z]*")//g' package/dist/katex.min.css >"$pages/katex.min.css"

build=$root/code/descent/publish/vendor
mkdir -p "$build"
cp package/LICENSE "$build/katex.LICENSE"
cp package/dist/katex.min.js "$build/katex.min.js"
echo "vendored KaTeX $katex_version"
