//! Which operator treats which type.

use std::{collections::BTreeMap, error::Error, fmt, str::FromStr};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor},
};

use super::token;

/// What becomes of a finding.
///
/// In JSON and TOML it is its name (`"mask"`) or a table with its settings
/// (`{ operator = "mask", character = "#", count = 4, from_end = true }`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// A fixed text; without one the type in angle brackets, `<PERSON>`.
    Replace {
        /// The fixed text.
        with: Option<String>,
    },
    /// Removed.
    Redact,
    /// Characters (code points) overwritten.
    Mask {
        /// With which character.
        character: char,
        /// How many; `None` is all.
        count: Option<usize>,
        /// Counted from the end.
        from_end: bool,
    },
    /// A keyed hash, `[PERSON#…]`: the same value gives the same token within the scope. [`restore`](super::restore)
    /// undoes it with the vault.
    Hash,
    /// Encrypted and authenticated, `[PERSON:…]`: [`restore`](super::restore) undoes it with the key alone.
    Encrypt,
    /// Left as it is. A finding of another type inside it is still treated.
    Keep,
    /// Dates moved by a number of days that is the same throughout the scope and known to the key only. The format
    /// stays; what is no date that can be read is replaced by its type.
    ShiftDate {
        /// The furthest a date moves, in days, in either direction; at least 1.
        max_days: u16,
        /// Whether `03/04/2024` is the third of April. Where only one reading is a date, that one is taken.
        day_first: bool,
    },
    /// A numbered placeholder, `[PERSON_001]`: the same text gets the same number within the scope.
    /// [`restore`](super::restore) undoes it with the vault.
    Placeholder,
    /// An invented value of the same shape that passes the type's checksum; the same value gives the same one within
    /// the scope.
    Surrogate,
}

impl Operator {
    /// `mask` without settings: all characters, by `*`.
    pub const MASK: Self = Self::Mask { character: '*', count: None, from_end: false };
    /// `shift_date` without settings: up to a year, month first where both readings are dates.
    pub const SHIFT_DATE: Self = Self::ShiftDate { max_days: 365, day_first: false };

    /// Which operator it is, without its settings.
    #[must_use]
    pub fn kind(&self) -> OperatorKind {
        match self {
            Self::Replace { .. } => OperatorKind::Replace,
            Self::Redact => OperatorKind::Redact,
            Self::Mask { .. } => OperatorKind::Mask,
            Self::Hash => OperatorKind::Hash,
            Self::Encrypt => OperatorKind::Encrypt,
            Self::Keep => OperatorKind::Keep,
            Self::ShiftDate { .. } => OperatorKind::ShiftDate,
            Self::Placeholder => OperatorKind::Placeholder,
            Self::Surrogate => OperatorKind::Surrogate,
        }
    }

    /// Whether [`restore`](super::restore) gives the original back.
    #[must_use]
    pub fn is_reversible(&self) -> bool {
        matches!(self, Self::Hash | Self::Encrypt | Self::Placeholder)
    }

    fn check(&self) -> Result<(), PolicyError> {
        match self {
            Self::Replace { with: Some(text) } if token::find(text).is_some() => {
                Err(PolicyError::LooksLikeToken(text.clone()))
            }
            Self::ShiftDate { max_days: 0, .. } => Err(PolicyError::NoShift),
            _ => Ok(()),
        }
    }
}

/// The operator of that name with the settings it has when none are written.
impl FromStr for Operator {
    type Err = PolicyError;

    fn from_str(name: &str) -> Result<Self, PolicyError> {
        let kind = OperatorKind::ALL.into_iter().find(|kind| kind.name() == name);
        match kind.ok_or_else(|| PolicyError::UnknownOperator(name.to_owned()))? {
            OperatorKind::Replace => Ok(Self::Replace { with: None }),
            OperatorKind::Redact => Ok(Self::Redact),
            OperatorKind::Mask => Ok(Self::MASK),
            OperatorKind::Hash => Ok(Self::Hash),
            OperatorKind::Encrypt => Ok(Self::Encrypt),
            OperatorKind::Keep => Ok(Self::Keep),
            OperatorKind::ShiftDate => Ok(Self::SHIFT_DATE),
            OperatorKind::Placeholder => Ok(Self::Placeholder),
            OperatorKind::Surrogate => Ok(Self::Surrogate),
        }
    }
}

/// An operator without its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each is the operator of the same name
pub enum OperatorKind {
    Replace,
    Redact,
    Mask,
    Hash,
    Encrypt,
    Keep,
    ShiftDate,
    Placeholder,
    Surrogate,
}

impl OperatorKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Replace,
        Self::Redact,
        Self::Mask,
        Self::Hash,
        Self::Encrypt,
        Self::Keep,
        Self::ShiftDate,
        Self::Placeholder,
        Self::Surrogate,
    ];

    /// The name it has in policies and answers, such as `shift_date`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Redact => "redact",
            Self::Mask => "mask",
            Self::Hash => "hash",
            Self::Encrypt => "encrypt",
            Self::Keep => "keep",
            Self::ShiftDate => "shift_date",
            Self::Placeholder => "placeholder",
            Self::Surrogate => "surrogate",
        }
    }
}

impl fmt::Display for OperatorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The operator of every type.
///
/// ```
/// use tacita_detect::redact::{Operator, Policy};
///
/// let policy: Policy = toml::from_str(r##"
///     default = "placeholder"
///
///     [entities]
///     URL = "keep"
///     US_SSN = { operator = "mask", character = "#", count = 5 }
/// "##).unwrap();
/// assert_eq!(policy.operator("PERSON"), &Operator::Placeholder);
/// assert_eq!(policy.operator("URL"), &Operator::Keep);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// For the types that `entities` does not name.
    #[serde(default = "default_operator")]
    pub default: Operator,
    /// By the name of the type.
    #[serde(default)]
    pub entities: BTreeMap<String, Operator>,
}

impl Policy {
    /// One operator for all types.
    #[must_use]
    pub fn all(operator: Operator) -> Self {
        Self { default: operator, entities: BTreeMap::new() }
    }

    /// The operator of the type of this name.
    #[must_use]
    pub fn operator(&self, entity: &str) -> &Operator {
        self.entities.get(entity).unwrap_or(&self.default)
    }

    /// Whether findings of the type of this name stay as they are.
    #[must_use]
    pub fn keeps(&self, entity: &str) -> bool {
        *self.operator(entity) == Operator::Keep
    }

    /// Whether any of its operators can be undone.
    #[must_use]
    pub fn is_reversible(&self) -> bool {
        self.operators().any(Operator::is_reversible)
    }

    /// Whether any of its operators encrypts, so that without the key nobody could restore.
    #[must_use]
    pub fn encrypts(&self) -> bool {
        self.operators().any(|operator| *operator == Operator::Encrypt)
    }

    /// Whether every setting makes sense; the redactor asks this of policies that were put together by hand.
    ///
    /// # Errors
    /// The first setting that does not.
    pub fn check(&self) -> Result<(), PolicyError> {
        self.operators().try_for_each(Operator::check)
    }

    fn operators(&self) -> impl Iterator<Item = &Operator> {
        std::iter::once(&self.default).chain(self.entities.values())
    }
}

/// Numbered placeholders for everything.
impl Default for Policy {
    fn default() -> Self {
        Self::all(default_operator())
    }
}

fn default_operator() -> Operator {
    Operator::Placeholder
}

/// A policy that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// There is no operator of this name.
    UnknownOperator(String),
    /// The operator has no such setting.
    Setting {
        /// The operator.
        operator: OperatorKind,
        /// What it does not know.
        setting: &'static str,
    },
    /// The replacement text has the form of a token that `restore` would look up.
    LooksLikeToken(String),
    /// A shift by at most 0 days.
    NoShift,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownOperator(name) => {
                write!(f, "unknown operator `{name}`; choose one of ")?;
                for (i, kind) in OperatorKind::ALL.into_iter().enumerate() {
                    write!(f, "{}{kind}", if i == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Self::Setting { operator, setting } => {
                write!(f, "operator `{operator}` has no setting `{setting}`; leave it out")
            }
            Self::LooksLikeToken(text) => {
                write!(
                    f,
                    "replacement `{text}` has the form of a placeholder that restore would look up; choose another text"
                )
            }
            Self::NoShift => {
                f.write_str("`max_days` is 0, which leaves every date as it is; give at least 1")
            }
        }
    }
}

impl Error for PolicyError {}

impl<'de> Deserialize<'de> for Operator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OperatorVisitor)
    }
}

struct OperatorVisitor;

impl<'de> Visitor<'de> for OperatorVisitor {
    type Value = Operator;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an operator, or a table with `operator` and its settings")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Operator, E> {
        name.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Operator, A::Error> {
        let settings = Settings::deserialize(de::value::MapAccessDeserializer::new(map))?;
        settings.operator().map_err(de::Error::custom)
    }
}

impl Serialize for Operator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = self.kind().name();
        match name.parse::<Self>() {
            Ok(plain) if plain == *self => serializer.serialize_str(name),
            _ => Settings::of(self).serialize(serializer),
        }
    }
}

/// An operator written as a table.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    operator: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    character: Option<char>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_end: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_days: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    day_first: Option<bool>,
}

impl Settings {
    fn of(operator: &Operator) -> Self {
        let mut settings = Self { operator: operator.kind().name().to_owned(), ..Self::default() };
        match operator {
            Operator::Replace { with } => settings.with.clone_from(with),
            Operator::Mask { character, count, from_end } => {
                settings.character = Some(*character);
                settings.count = *count;
                settings.from_end = Some(*from_end);
            }
            Operator::ShiftDate { max_days, day_first } => {
                settings.max_days = Some(*max_days);
                settings.day_first = Some(*day_first);
            }
            _ => {}
        }
        settings
    }

    fn operator(mut self) -> Result<Operator, PolicyError> {
        let mut operator: Operator = self.operator.parse()?;
        match &mut operator {
            Operator::Replace { with } => *with = self.with.take(),
            Operator::Mask { character, count, from_end } => {
                *character = self.character.take().unwrap_or(*character);
                *count = self.count.take();
                *from_end = self.from_end.take().unwrap_or(*from_end);
            }
            Operator::ShiftDate { max_days, day_first } => {
                *max_days = self.max_days.take().unwrap_or(*max_days);
                *day_first = self.day_first.take().unwrap_or(*day_first);
            }
            _ => {}
        }
        if let Some(setting) = self.left() {
            return Err(PolicyError::Setting { operator: operator.kind(), setting });
        }
        operator.check()?;
        Ok(operator)
    }

    /// A setting that the operator did not take.
    fn left(&self) -> Option<&'static str> {
        [
            ("with", self.with.is_some()),
            ("character", self.character.is_some()),
            ("count", self.count.is_some()),
            ("from_end", self.from_end.is_some()),
            ("max_days", self.max_days.is_some()),
            ("day_first", self.day_first.is_some()),
        ]
        .into_iter()
        .find_map(|(name, set)| set.then_some(name))
    }
}
