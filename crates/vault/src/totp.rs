//! Codes that change with time, from an app on somebody's telephone (RFC 6238): SHA-1, 30 seconds, six digits, which is what all
//! such apps have in common.

use std::fmt;

use aws_lc_rs::{constant_time, hmac};
use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

use crate::Random;

/// Seconds for which a code counts.
const STEP: i64 = 30;
/// Steps by which somebody's clock may be ahead or behind.
const SKEW: i64 = 1;
/// Bytes of a secret (RFC 4226 §4: 160 bits are recommended).
const SECRET: usize = 20;

/// A secret that an app and we have.
pub struct TotpSecret(Zeroizing<[u8; SECRET]>);

impl TotpSecret {
    /// A new one.
    pub fn generate(random: &mut impl Random) -> Self {
        let mut secret = Zeroizing::new([0; SECRET]);
        random(secret.as_mut());
        Self(secret)
    }

    /// The one that was kept; none where it has another length.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// The one that was [written](Self::written) for an app; none where it is another text.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::parse(&Zeroizing::new(BASE32_NOPAD.decode(text.as_bytes()).ok()?))
    }

    /// Its bytes, to be sealed.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.as_ref()
    }

    /// As people type it into an app: base32.
    #[must_use]
    pub fn written(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(self.0.as_ref()))
    }

    /// The step at which `code` counts, at most one before or after `now` (in seconds since 1970) and later than `used`, so that
    /// nobody who looks over a shoulder can use it again.
    #[must_use]
    pub fn step_of(&self, code: &str, now: i64, used: Option<i64>) -> Option<i64> {
        let current = now.div_euclid(STEP);
        // All are tried, whichever it is, so that time tells nothing.
        let mut found = None;
        for step in current - SKEW..=current + SKEW {
            let is_it = constant_time::verify_slices_are_equal(self.code(step).as_bytes(), code.as_bytes());
            if is_it.is_ok() && used.is_none_or(|used| step > used) {
                found = found.or(Some(step));
            }
        }
        found
    }

    /// The code that an app shows at `now`, in seconds since 1970.
    #[must_use]
    pub fn code_at(&self, now: i64) -> String {
        self.code(now.div_euclid(STEP))
    }

    /// The code of a step.
    fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.0.as_ref());
        let tag = hmac::sign(&key, &step.to_be_bytes());
        // RFC 4226 §5.3: four bytes from where the last half byte says, without the sign.
        let start = usize::from(tag.as_ref()[19] & 0xf);
        let bytes = tag.as_ref()[start..start + 4].try_into().expect("there are four bytes");
        format!("{:06}", (u32::from_be_bytes(bytes) & 0x7fff_ffff) % 1_000_000)
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret([secret])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> TotpSecret {
        TotpSecret::parse(b"12345678901234567890").unwrap()
    }

    /// RFC 6238, appendix B, whose codes have eight digits: ours are their last six.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (now, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(secret().step_of(&code[2..], now, None), Some(now / 30), "{now}");
        }
    }

    #[test]
    fn a_code_counts_for_a_while_and_once() {
        let now = 1_111_111_111;
        let (step, code) = (now / 30, "050471");
        assert_eq!(secret().step_of(code, now + 30, None), Some(step));
        assert_eq!(secret().step_of(code, now - 30, None), Some(step));
        assert_eq!(secret().step_of(code, now + 90, None), None);
        assert_eq!(secret().step_of(code, now, Some(step)), None, "it was used");
        assert_eq!(secret().step_of(code, now, Some(step - 1)), Some(step));
        for wrong in ["", "050472", "50471", "0504711"] {
            assert_eq!(secret().step_of(wrong, now, None), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_read_as_it_was_kept() {
        assert_eq!(&**secret().written(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(TotpSecret::read(&secret().written()).unwrap().expose(), secret().expose());
        assert!(TotpSecret::parse(b"short").is_none() && TotpSecret::read("GEZDG").is_none());
        let new = TotpSecret::generate(&mut |bytes: &mut [u8]| bytes.fill(7));
        assert_eq!(TotpSecret::parse(new.expose()).unwrap().written(), new.written());
        assert_eq!(format!("{new:?}"), "TotpSecret([secret])");
    }
}
