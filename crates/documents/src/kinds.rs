//! Kinds of files that are known and not read, so that a report can say what was skipped.

/// Where the mark stands, the mark, what it marks.
const MARKS: &[(usize, &[u8], &str)] = &[
    (8, b"WAVE", "WAV sound"),
    (8, b"AVI ", "AVI film"),
    (4, b"ftyp", "MP4 film"),
    (0, b"\x1aE\xdf\xa3", "Matroska film"),
    (0, b"ID3", "MP3 sound"),
    (0, b"OggS", "Ogg sound"),
    (0, b"fLaC", "FLAC sound"),
    (0, b"BZh", "bzip2 archive"),
    (0, b"\xfd7zXZ\0", "xz archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z archive"),
    (0, b"Rar!\x1a\x07", "RAR archive"),
    (0, b"!<arch>\n", "ar archive"),
    (0, b"\x7fELF", "ELF program"),
    (0, b"MZ", "Windows program"),
    (0, b"\xca\xfe\xba\xbe", "Java class or Mach-O program"),
    (0, b"\xcf\xfa\xed\xfe", "Mach-O program"),
    (0, b"\0asm", "WebAssembly program"),
    (0, b"wOFF", "font"),
    (0, b"wOF2", "font"),
    (0, b"\0\x01\0\0\0", "font"),
    (0, b"OTTO", "font"),
];

/// What `bytes` are, if they are of a kind that is not read.
pub(crate) fn of(bytes: &[u8]) -> Option<&'static str> {
    let marked =
        |&&(at, mark, _): &&(usize, &[u8], &str)| bytes.get(at..).is_some_and(|rest| rest.starts_with(mark));
    let &(_, mark, kind) = MARKS.iter().find(marked)?;
    // A mark of letters alone could begin a text.
    let letters = mark.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    let text = letters && !bytes.iter().take(1024).any(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31));
    (!text).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn knows_programs_from_texts_that_begin_alike() {
        assert_eq!(of(b"\0asm\x01\0\0\0"), Some("WebAssembly program"));
        assert_eq!(of(b"MZ\x90\0\x03\0\0\0"), Some("Windows program"));
        assert_eq!(of(b"MZ is a pair of letters, not a program"), None);
        assert_eq!(of(b""), None);
    }
}
