//! Numbers that are known by their form alone: a check of them says little without a label beside the number.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use super::symbols::{alphanumerics_up_to, is_separator};

/// Whether the letters and digits of `value`, in upper case and without separators, match `form` as a whole. No number
/// is written in more than four groups.
pub(super) fn fits(value: &[u8], form: &LazyLock<Regex>) -> bool {
    value.iter().filter(|&&byte| is_separator(byte)).count() <= 3
        && alphanumerics_up_to::<24>(value).is_some_and(|symbols| form.is_match(&symbols))
}

/// `form` as an expression for the whole of a text.
pub(super) fn whole(form: &str) -> Regex {
    RegexBuilder::new(&format!("^(?:{form})$")).unicode(false).build().expect("a test compiles every form")
}

/// Makes a check of each form, and one that takes what any of them takes.
macro_rules! forms {
    ($(#[$doc:meta])* $any:ident: $($(#[$own:meta])* $name:ident $form:literal;)+) => {
        $(#[$doc])*
        pub fn $any(value: &[u8]) -> bool {
            static FORM: std::sync::LazyLock<regex::bytes::Regex> =
                std::sync::LazyLock::new(|| $crate::checks::forms::whole(&[$($form),+].join("|")));
            $crate::checks::forms::fits(value, &FORM)
        }

        $(
            $(#[$own])*
            #[doc = concat!("Letters and digits of the form `", $form, "`.")]
            pub fn $name(value: &[u8]) -> bool {
                static FORM: std::sync::LazyLock<regex::bytes::Regex> =
                    std::sync::LazyLock::new(|| $crate::checks::forms::whole($form));
                $crate::checks::forms::fits(value, &FORM)
            }
        )+
    };
}

pub(super) use forms;
