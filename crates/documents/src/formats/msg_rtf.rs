//! The packing of RTF in Outlook's messages (MS-OXRTFCP).

use super::compound::{size_at, u32_at};

/// What the dictionary holds before the first byte.
const KNOWN: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const DICTIONARY: usize = 4096;
const PACKED: u32 = 0x7546_5A4C;
const PLAIN: u32 = 0x414C_454D;

/// The RTF, as far as it can be unpacked; `None` if it is none. Two bytes stand for 17 at most.
pub(super) fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let size = size_at(bytes, 4)?;
    let packed = bytes.get(16..)?;
    match u32_at(bytes, 8)? {
        PLAIN => return Some(packed[..size.min(packed.len())].to_vec()),
        PACKED => {}
        _ => return None,
    }
    let mut dictionary = [b' '; DICTIONARY];
    dictionary[..KNOWN.len()].copy_from_slice(KNOWN);
    let mut at = KNOWN.len();
    let mut text = Vec::new();
    let mut packed = packed.iter().copied();
    'all: while let Some(kinds) = packed.next() {
        for bit in 0..8 {
            let Some(first) = packed.next() else { break 'all };
            let mut put = |byte| {
                text.push(byte);
                dictionary[at] = byte;
                at = (at + 1) % DICTIONARY;
            };
            if kinds >> bit & 1 == 0 {
                put(first);
                continue;
            }
            let Some(second) = packed.next() else { break 'all };
            let reference = usize::from(u16::from_be_bytes([first, second]));
            let (from, length) = (reference >> 4, (reference & 15) + 2);
            if from == at {
                break 'all;
            }
            for step in 0..length {
                let byte = dictionary[(from + step) % DICTIONARY];
                text.push(byte);
                dictionary[at] = byte;
                at = (at + 1) % DICTIONARY;
            }
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, unpack};

    #[test]
    fn unpacks_the_examples_of_the_specification() {
        assert_eq!(KNOWN.len(), 207);
        let packed = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125\x42\x32\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        assert_eq!(unpack(packed).unwrap(), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        let plain = b"\x20\0\0\0\x05\0\0\0MELA\0\0\0\0{\\rtf rest";
        assert_eq!(unpack(plain).unwrap(), b"{\\rtf");
        assert_eq!(unpack(b"\x20\0\0\0\x05\0\0\0LZFU\0\0\0\0"), None);
        assert_eq!(unpack(b""), None);
        for cut in 16..packed.len() {
            assert!(unpack(&packed[..cut]).is_some());
        }
    }
}
