"""Makes the samples in `files` with programs that people use, and `corners.json` with what is planted in them.

pip install reportlab openpyxl XlsxWriter python-docx python-pptx Pillow piexif xlwt PyYAML nbformat pyarrow pypdf
apt install libreoffice-writer libreoffice-calc libreoffice-impress libreoffice-draw python3-uno pandoc qpdf zstd
"""

import json
import pathlib
import sys

from planting import FILES, PLANTED
from unread import FRAGMENTS, UNREAD, flat


def main(chosen):
    FILES.mkdir(exist_ok=True)
    makers = ["word", "excel", "slides", "odf", "mail", "pdf", "pdf_content", "pdf_parts", "pdf_files", "data", "texts"]
    listed = pathlib.Path(__file__).parent / "corners.json"
    known = json.loads(listed.read_text()) if chosen and listed.exists() else {}
    for name in chosen or makers:
        __import__(name).make()
    planted = {**known.get("planted", {}), **PLANTED}
    for values in planted.values():
        values.sort()
    listed.write_text(json.dumps({"planted": dict(sorted(planted.items())), "unread": flat(UNREAD), "fragments": flat(FRAGMENTS)}, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
