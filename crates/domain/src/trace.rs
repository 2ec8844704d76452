//! The trace that an operation belongs to (W3C Trace Context).

use std::{error::Error, fmt, str::FromStr};

use crate::Timestamp;

/// The id of a trace: 16 bytes, not all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Trace([u8; 16]);

impl Trace {
    /// The trace with this id; none where all bytes are zero, which the standard forbids.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        (bytes != [0; 16]).then_some(Self(bytes))
    }

    /// A new one. It begins with the time, in milliseconds, so that traces lie in the order in which they began; the standard asks
    /// for chance in the last seven bytes only.
    #[must_use]
    pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
        let [_, _, time @ ..] = at.millis().to_be_bytes();
        let mut id = [0; 16];
        id[..6].copy_from_slice(&time);
        id[6..].copy_from_slice(&random);
        // No more than a formality: the time is not zero.
        id[15] |= u8::from(id == [0; 16]);
        Self(id)
    }

    /// Its id.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Why a text is no trace id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadTrace;

impl fmt::Display for BadTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a trace id: give 32 lower-case hexadecimal digits, not all zero")
    }
}

impl Error for BadTrace {}

impl FromStr for Trace {
    type Err = BadTrace;

    fn from_str(text: &str) -> Result<Self, BadTrace> {
        let hex = |digit: u8| match digit {
            b'0'..=b'9' => Ok(digit - b'0'),
            b'a'..=b'f' => Ok(digit - b'a' + 10),
            _ => Err(BadTrace),
        };
        let digits: &[u8; 32] = text.as_bytes().try_into().map_err(|_| BadTrace)?;
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = hex(pair[0])? << 4 | hex(pair[1])?;
        }
        Self::from_bytes(bytes).ok_or(BadTrace)
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_ones_lie_in_the_order_of_time() {
        let at = |millis: i64| Trace::new(Timestamp::from_micros(millis * 1000), [0xff; 10]).to_string();
        assert_eq!(at(0x0199_0a1e_7c3a), "01990a1e7c3affffffffffffffffffff");
        assert!(at(255) < at(256) && at(65_535) < at(65_536));
        assert_eq!(
            Trace::new(Timestamp::from_micros(0), [0; 10]).to_string().parse::<Trace>().map(drop),
            Ok(())
        );
    }

    #[test]
    fn hexadecimal_there_and_back() {
        let text = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(text.parse::<Trace>().map(|trace| trace.to_string()), Ok(text.to_owned()));
        for bad in ["", &"0".repeat(32), &text.to_uppercase(), &text[1..], &format!("{text}0")] {
            assert_eq!(bad.parse::<Trace>(), Err(BadTrace), "{bad}");
        }
    }
}
