//! Query texts: one for both databases, checked while compiling.

/// A query within one organisation. Its parameter `$1` is the organisation, which the transaction fills in by itself; a text
/// that does not compare it, or does not insert it, does not compile.
///
/// ```compile_fail
/// tacita_store::queries! { ALL = "SELECT record FROM records"; }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Scoped(pub(crate) Text);

/// A query across organisations, for those who work under a [`SystemScope`](crate::SystemScope).
#[derive(Clone, Copy, Debug)]
pub struct Unscoped(pub(crate) Text);

/// The same query in the spelling of each database: `$1` and `?1`.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    pub(crate) postgres: &'static str,
    pub(crate) sqlite: &'static str,
    /// Whether it takes away what others in the organisation rely on while they write: purposes, who has the processing restricted,
    /// whether anything may be kept about somebody, a key by which others are wrapped.
    pub(crate) takes_ground: bool,
}

impl Scoped {
    /// Of both spellings. Use [`queries!`](crate::queries).
    #[must_use]
    pub const fn new(postgres: &'static str, sqlite: &'static [u8]) -> Self {
        assert!(
            contains(postgres, b"organisation = $1")
                || contains(postgres, b"(organisation, ") && contains(postgres, b"($1, ")
                || contains(postgres, b"(organisation, ") && contains(postgres, b"SELECT $1, "),
            "a query names its organisation: `organisation = $1`, or `$1` first among the values"
        );
        Self(Text::new(postgres, sqlite))
    }
}

impl Unscoped {
    /// Of both spellings. Use [`system_queries!`](crate::system_queries).
    #[must_use]
    pub const fn new(postgres: &'static str, sqlite: &'static [u8]) -> Self {
        Self(Text::new(postgres, sqlite))
    }
}

impl Text {
    const fn new(postgres: &'static str, sqlite: &'static [u8]) -> Self {
        match str::from_utf8(sqlite) {
            Ok(sqlite) => Self { postgres, sqlite, takes_ground: takes_ground(postgres) },
            Err(_) => panic!("only signs of one byte are changed"),
        }
    }
}

/// `text` with `?` for `$`, as SQLite numbers its parameters.
#[doc(hidden)]
#[must_use]
pub const fn numbered<const N: usize>(text: &str) -> [u8; N] {
    let (text, mut bytes, mut at) = (text.as_bytes(), [0; N], 0);
    while at < N {
        bytes[at] = if text[at] == b'$' { b'?' } else { text[at] };
        at += 1;
    }
    bytes
}

const fn takes_ground(text: &str) -> bool {
    contains(text, b"INSERT INTO purposes ")
        || contains(text, b"UPDATE purposes ")
        || contains(text, b"DELETE FROM purposes ")
        || contains(text, b"INSERT INTO subject_removals ")
        || contains(text, b"UPDATE subjects ")
        || contains(text, b"DELETE FROM subjects ")
        || contains(text, b"DELETE FROM organisation_keys ")
}

const fn contains(text: &str, part: &[u8]) -> bool {
    let text = text.as_bytes();
    let mut from = 0;
    while from + part.len() <= text.len() {
        let mut same = 0;
        while same < part.len() && text[from + same] == part[same] {
            same += 1;
        }
        if same == part.len() {
            return true;
        }
        from += 1;
    }
    false
}

#[doc(hidden)]
#[macro_export]
macro_rules! both_spellings {
    ($type:ident, $visibility:vis $name:ident, $sql:literal) => {
        $visibility const $name: $crate::$type = {
            const SQL: &str = concat!("/* ", module_path!(), " ", stringify!($name), " */ ", $sql);
            const NUMBERED: [u8; SQL.len()] = $crate::numbered(SQL);
            $crate::$type::new(SQL, &NUMBERED)
        };
    };
}

/// Declares queries within an organisation, `NAME = "SQL";` each. The text opens with the module and the name, so that a slow
/// query's log says whose it is.
#[macro_export]
macro_rules! queries {
    ($($visibility:vis $name:ident = $sql:literal;)+) => {
        $($crate::both_spellings!(Scoped, $visibility $name, $sql);)+
    };
}

/// Declares queries across organisations, `NAME = "SQL";` each.
#[macro_export]
macro_rules! system_queries {
    ($($visibility:vis $name:ident = $sql:literal;)+) => {
        $($crate::both_spellings!(Unscoped, $visibility $name, $sql);)+
    };
}
