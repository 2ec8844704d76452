//! W3C Trace Context: the `traceparent` of a request, taken from the caller or made.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// `00-<trace id>-<span id>-<flags>`.
const LENGTH: usize = 55;
const TRACE_ID: std::ops::Range<usize> = 3..35;
const SPAN_ID: std::ops::Range<usize> = 36..52;
const FLAGS: std::ops::Range<usize> = 53..55;

/// The trace a request belongs to, and this server's own span in it.
#[derive(Clone, Copy)]
pub(crate) struct Trace([u8; LENGTH]);

impl Trace {
    /// The caller's trace, where it sent a valid one, else a new one. The span is new in both cases.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut trace = *b"00-00000000000000000000000000000000-0000000000000000-00";
        match headers.get(TRACEPARENT).map(HeaderValue::as_bytes).filter(|value| is_valid(value)) {
            Some(caller) => {
                trace[TRACE_ID].copy_from_slice(&caller[TRACE_ID]);
                trace[FLAGS].copy_from_slice(&caller[FLAGS]);
            }
            None => {
                let mut random = [0; 10];
                fastrand::fill(&mut random);
                let made = tacita_domain::Trace::new(tacita_service::system_clock(), random);
                trace[TRACE_ID].copy_from_slice(made.to_string().as_bytes());
            }
        }
        // A span of zeros is invalid, hence the 1.
        write_hex(fastrand::u64(1..), &mut trace[SPAN_ID]);
        Self(trace)
    }

    /// The trace id: 32 hexadecimal digits.
    pub(crate) fn id(&self) -> &str {
        str::from_utf8(&self.0[TRACE_ID]).expect("hexadecimal digits are ASCII")
    }

    /// The trace as the field's words have it.
    pub(crate) fn to_domain(self) -> tacita_domain::Trace {
        self.id().parse().expect("an id is 32 hexadecimal digits, not all zero")
    }

    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::from_bytes(&self.0).expect("hexadecimal digits and hyphens make a header")
    }
}

/// Version 00 exactly, or a later version, which may have more after a hyphen; ids in lower case and not zero.
fn is_valid(value: &[u8]) -> bool {
    let hex = |part: &[u8]| part.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let zero = |part: &[u8]| part.iter().all(|&b| b == b'0');
    let length = match value.get(..2) {
        Some(b"00") => value.len() == LENGTH,
        Some(b"ff") | None => false,
        Some(version) => hex(version) && (value.len() == LENGTH || value.get(LENGTH) == Some(&b'-')),
    };
    length
        && [2, 35, 52].into_iter().all(|at| value[at] == b'-')
        && [TRACE_ID, SPAN_ID, FLAGS].into_iter().all(|part| hex(&value[part]))
        && !zero(&value[TRACE_ID])
        && !zero(&value[SPAN_ID])
}

fn write_hex(mut number: u64, digits: &mut [u8]) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(number & 15) as usize];
        number >>= 4;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &'static str) -> Trace {
        Trace::of(&HeaderMap::from_iter([(TRACEPARENT, HeaderValue::from_static(value))]))
    }

    #[test]
    fn takes_the_callers_trace_with_a_span_of_its_own() {
        let trace = of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        assert_eq!(trace.id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        let header = trace.header();
        assert!(is_valid(header.as_bytes()));
        assert!(header.to_str().unwrap().ends_with("-01"));
        assert_ne!(&header.as_bytes()[SPAN_ID], b"00f067aa0ba902b7");
    }

    #[test]
    fn takes_a_later_version() {
        let trace = of("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes");
        assert_eq!(trace.id(), "4bf92f3577b34da6a3ce929d0e0e4736");
    }

    #[test]
    fn makes_a_trace_where_the_callers_is_invalid() {
        for value in [
            "",
            "0",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01+",
        ] {
            let trace = of(value);
            assert!(is_valid(trace.header().as_bytes()), "{value}");
            assert_ne!(trace.id(), "4bf92f3577b34da6a3ce929d0e0e4736", "{value}");
        }
    }
}
