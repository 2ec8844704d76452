//! Texts in the numbered code pages of Windows and DOS, which old formats name by their number.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// The upper halves of the two DOS code pages that the Encoding Standard lacks.
const DOS_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
const DOS_850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// How bytes stand for letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codepage {
    Standard(&'static Encoding),
    Dos(&'static str),
}

impl Default for Codepage {
    fn default() -> Self {
        Self::Standard(encoding_rs::WINDOWS_1252)
    }
}

impl Codepage {
    /// That of this number; `None` if it is not known.
    pub(crate) fn of(number: u32) -> Option<Self> {
        let label = match number {
            437 => return Some(Self::Dos(DOS_437)),
            850 | 858 => return Some(Self::Dos(DOS_850)),
            0 | 20127 | 28591 => "windows-1252",
            866 => "ibm866",
            874 => "windows-874",
            932 | 50220..=50222 => "shift_jis",
            936 | 52936 => "gbk",
            949 | 51949 => "euc-kr",
            950 => "big5",
            1200 => "utf-16le",
            1201 => "utf-16be",
            10000 => "macintosh",
            10007 => "x-mac-cyrillic",
            20866 => "koi8-r",
            21866 => "koi8-u",
            51932 => "euc-jp",
            54936 => "gb18030",
            65001 => "utf-8",
            1250..=1258 => return standard(&format!("windows-{number}")),
            28592..=28606 => return standard(&format!("iso-8859-{}", number - 28590)),
            _ => return None,
        };
        standard(label)
    }

    /// Every byte becomes something: what is not valid a replacement character.
    pub(crate) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Standard(encoding) => encoding.decode_without_bom_handling(bytes).0,
            Self::Dos(upper) => bytes
                .iter()
                .map(|&byte| match byte {
                    0..=127 => char::from(byte),
                    _ => upper.chars().nth(usize::from(byte) - 128).unwrap_or('\u{fffd}'),
                })
                .collect(),
        }
    }
}

fn standard(label: &str) -> Option<Codepage> {
    Encoding::for_label(label.as_bytes()).map(Codepage::Standard)
}

/// UTF-16, little end first, up to the first zero.
pub(crate) fn utf16(bytes: &[u8]) -> String {
    let (text, _) = encoding_rs::UTF_16LE.decode_without_bom_handling(bytes);
    text.split('\0').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Codepage, DOS_437, DOS_850};

    #[test]
    fn reads_windows_and_dos() {
        let read = |number, bytes: &[u8]| Codepage::of(number).unwrap().decode(bytes).into_owned();
        assert_eq!(read(1251, b"\xcc\xe0\xf0\xe0"), "Мара");
        assert_eq!(read(850, b"Zo\x89, \xe1, \x9d"), "Zoë, ß, Ø");
        assert_eq!(read(437, b"Stra\xe1e\xff"), "Straße\u{a0}");
        assert_eq!(read(932, b"\x8e\x52\x93\x63"), "山田");
        assert_eq!(read(28592, b"\xe8"), "č");
        assert_eq!(Codepage::of(4711), None);
        assert_eq!((DOS_437.chars().count(), DOS_850.chars().count()), (128, 128));
    }
}
