#!/bin/sh
# Shows redacted copies to other programs and fails if one shows a planted value: sh look.sh FOLDER
# FOLDER is what `tacita redact files --output FOLDER` has written. Programs that are not installed are passed over.
set -u
here=$(cd "$(dirname "$0")" && pwd)
copies=$(cd "${1:?the folder of the copies}" && pwd) || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
mkdir "$work/shown" "$work/profile"

# Values that are expected to be gone, without the sign that formats write in their own way.
python3 - "$here/corners.json" "$work/unread" >"$work/values" <<'PY'
import json, sys
corners = json.load(open(sys.argv[1]))
print("\n".join(v.split("@")[0] + "@" for vs in corners["planted"].values() for v in vs if v not in corners["unread"] and v not in corners["fragments"]))
with open(sys.argv[2], "w") as unread:
    unread.write("".join(v.split("@")[0] + "@\n" for v in corners["unread"]))
PY

has() { command -v "$1" >/dev/null 2>&1 || { echo "not installed: $1"; return 1; }; }
find "$copies" -type f >"$work/files"

if has soffice; then
    while read -r file; do
        name=$(basename "$file")
        kind=txt:Text
        case $name in
        *.xlsx | *.ods | *.xls) kind='csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1' ;;
        *.pptx | *.odp | *.odg | *.fodp) kind=pdf ;;
        *.docx | *.odt | *.fodt | *.rtf | *.html) ;;
        *) continue ;;
        esac
        mkdir -p "$work/shown/$name.office"
        timeout 120 soffice "-env:UserInstallation=file://$work/profile" --headless --convert-to "$kind" \
            --outdir "$work/shown/$name.office" "$file" >/dev/null 2>&1 </dev/null
        [ -n "$(ls -A "$work/shown/$name.office")" ] || echo "LibreOffice does not open: $name" | tee -a "$work/failed"
    done <"$work/files"
fi
find "$copies" "$work/shown" -name '*.pdf' -exec sh -c 'head -c 1024 "$1" | grep -q %PDF- && echo "$1"' _ {} \; >"$work/pdfs"
if has pdftotext && has pdfinfo; then
    while read -r file; do
        shown=$work/shown/$(basename "$file")
        pdftotext "$file" "$shown.text" 2>/dev/null
        for what in meta js url dests struct-text; do pdfinfo "-$what" "$file" 2>/dev/null; done >"$shown.pdfinfo"
    done <"$work/pdfs"
fi
if has qpdf && has strings; then
    while read -r file; do
        name=$(basename "$file")
        qpdf --qdf --object-streams=disable --preserve-unreferenced "$file" "$work/unpacked" 2>/dev/null
        # Where it only warns it has written all the same.
        [ $? -eq 2 ] && echo "qpdf does not open: $name" | tee -a "$work/failed" && continue
        {
            strings -n 6 "$work/unpacked"
            # Of UTF-16, the big end first.
            strings -n 6 -e b "$work/unpacked"
            python3 "$here/unpacked.py" "$work/unpacked"
            # What qpdf leaves out because no table lists it.
            python3 "$here/unpacked.py" "$file"
        } >"$work/shown/$name.unpacked"
    done <"$work/pdfs"
fi
if has exiftool; then
    while read -r file; do
        exiftool -a -u -g1 -ee "$file" >"$work/shown/$(basename "$file").exiftool" 2>/dev/null
    done <"$work/files"
fi
if has unzip && has strings; then
    while read -r file; do
        name=$(basename "$file")
        strings -n 6 "$file" >"$work/shown/$name.strings"
        strings -n 6 -e l "$file" >>"$work/shown/$name.strings"
        unzip -l "$file" >"$work/shown/$name.list" 2>/dev/null
        unzip -p "$file" 2>/dev/null | strings -n 6 >"$work/shown/$name.unzip"
    done <"$work/files"
fi

echo "$(wc -l <"$work/files") copies, $(find "$work/shown" -type f | wc -l) looks at them, $(wc -l <"$work/values") values"
(cd "$work/shown" && grep -rioFf "$work/values" .) | sort -u | tee "$work/leaks"
# No fault by itself: nobody was told that these are gone.
(cd "$work/shown" && grep -rioFf "$work/unread" .) | sort -u | sed 's/^/not read, and shown: /'
if [ -s "$work/leaks" ]; then
    echo "values are shown"
    exit 1
fi
if [ -s "$work/failed" ]; then exit 1; fi
echo "no value is shown"
