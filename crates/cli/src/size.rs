//! Sizes as people write and read them.

use std::{fmt, str::FromStr};

/// A number of bytes. In text a number with a unit of 1,000 (`50MB`, `2 GB`) or 1,024 (`50MiB`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Size(pub(crate) u64);

impl Size {
    /// As much of it as can be addressed.
    pub(crate) fn bytes(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(unit_at);
        let factor = match unit.trim_start().to_ascii_lowercase().as_str() {
            "" | "b" => 1u64,
            "k" | "kb" => 1_000,
            "m" | "mb" => 1_000_000,
            "g" | "gb" => 1_000_000_000,
            "kib" => 1 << 10,
            "mib" => 1 << 20,
            "gib" => 1 << 30,
            _ => return Err("give a number with a unit, such as 50MB or 2GiB"),
        };
        match number.parse::<f64>() {
            Ok(number) if number * factor as f64 >= 1.0 => Ok(Self((number * factor as f64) as u64)),
            _ => Err("give a number of at least one byte, such as 50MB or 2GiB"),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        for (unit, factor) in [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)] {
            if bytes >= factor {
                let number = bytes / factor;
                return if number < 10.0 {
                    write!(f, "{number:.1} {unit}")
                } else {
                    write!(f, "{number:.0} {unit}")
                };
            }
        }
        write!(f, "{} B", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_written() {
        for (text, bytes, shown) in [
            ("50MB", 50_000_000, "50 MB"),
            ("1.5 gib", 1_610_612_736, "1.6 GB"),
            ("4k", 4_000, "4.0 kB"),
            ("999", 999, "999 B"),
        ] {
            let size: Size = text.parse().expect(text);
            assert_eq!((size.0, size.to_string().as_str()), (bytes, shown));
        }
        for bad in ["", "MB", "0", "-1", "1e3", "5XB", "0.1"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
    }
}
