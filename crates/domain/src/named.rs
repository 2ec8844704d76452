//! Enumerations whose values have a name outside: in databases, policies, documents.

/// An enumeration with the name of each value: `ALL`, `as_str`, `parse`, `Display`.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$about:meta])* $value:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $($(#[$about])* $value,)+
        }

        impl $type {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$value),+];

            /// Its name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $name),+ }
            }

            /// The value of this name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$value),)+ _ => None }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use named;
