"""Shows every text in the bytes of a PDF, whether or not anything points to it: python unpacked.py FILE

Streams are unpacked where they stand, files in files too, so what no table of objects lists is shown as well. Strings are
shown as they are meant: escaped, in hexadecimal, in pieces, in Latin or in UTF-16.
"""

import io
import re
import sys
import zipfile
import zlib

DEPTH = 6
LITERAL = rb"\((?:[^()\\]|\\.|\([^()]*\))*\)"
HEXADECIMAL = rb"<[0-9A-Fa-f\s]+>"
STRING = re.compile(LITERAL + rb"|" + HEXADECIMAL, re.DOTALL)
PIECES = re.compile(rb"\[((?:" + LITERAL + rb"|" + HEXADECIMAL + rb"|[^\[\]()<>])*)\]\s*TJ", re.DOTALL)
ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
SIGNS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}


def meant(string):
    if string.startswith(b"<"):
        digits = re.sub(rb"\s", b"", string[1:-1])
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())

    def sign(escape):
        what = escape[1]
        return bytes([int(what, 8) & 255]) if what.isdigit() and what < b"8" else SIGNS.get(what, what)

    return ESCAPE.sub(sign, string[1:-1])


def show(content, depth=0):
    print_bytes(content)
    for name in re.findall(rb"/[^\s/<>\[\]()]*#[^\s/<>\[\]()]*", content):
        print_bytes(re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes.fromhex(code[1].decode()), name))
    for string in STRING.findall(content):
        print_bytes(meant(string))
    for pieces in PIECES.findall(content):
        print_bytes(b"".join(map(meant, STRING.findall(pieces))))
    if depth == DEPTH:
        return
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.namelist():
                show(archive.read(part), depth + 1)
    for start in re.finditer(rb"stream\r?\n", content):
        packed = zlib.decompressobj()
        try:
            show(packed.decompress(content[start.end():]), depth + 1)
        except zlib.error:
            # Not packed, so shown already, or packed in a way that other programs unpack first.
            continue


def print_bytes(content):
    # Letters of UTF-16 are those of Latin and zeros.
    sys.stdout.buffer.write(content.replace(b"\0", b"") + b"\n")


show(open(sys.argv[1], "rb").read())
