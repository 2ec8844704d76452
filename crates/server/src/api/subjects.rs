//! Whom a request is about.

use std::borrow::Cow;

use serde::Deserialize;
use tacita_domain::IdentityKind;
use tacita_service::Person;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{options::Text, records::id};
use crate::problem::Problem;

/// Whom a record is about: exactly one of these. Somebody unknown is made, except by `id`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubjectRequest<'a> {
    /// The id that an earlier answer gave.
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    id: Option<Text<'a>>,
    /// An e-mail address.
    #[serde(borrow)]
    #[schema(value_type = Option<String>, example = "mara.lind@example.org")]
    email: Option<Text<'a>>,
    /// A telephone number with its country's code.
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    phone: Option<Text<'a>>,
    /// What the organisation calls them.
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    external_id: Option<Text<'a>>,
}

impl SubjectRequest<'_> {
    pub(super) fn person(self) -> Result<Person, Problem> {
        let known = |kind, text: Cow<'_, str>| Person::Known(kind, Zeroizing::new(text.into_owned()));
        match (self.id, self.email, self.phone, self.external_id) {
            (Some(Text(subject)), None, None, None) => Ok(Person::Id(id(&subject, "subject")?)),
            (None, Some(Text(email)), None, None) => Ok(known(IdentityKind::Email, email)),
            (None, None, Some(Text(phone)), None) => Ok(known(IdentityKind::Phone, phone)),
            (None, None, None, Some(Text(name))) => Ok(known(IdentityKind::ExternalId, name)),
            _ => Err(Problem::invalid(
                "give exactly one of `id`, `email`, `phone` and `external_id` in `subject`",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use tacita_domain::RecordId;

    use super::*;

    #[test]
    fn a_subject_is_named_in_one_way() {
        for body in ["{}", r#"{"email":"a@example.org","phone":"+442079460958"}"#] {
            let subject: SubjectRequest<'_> = serde_json::from_str(body).unwrap();
            assert!(subject.person().is_err(), "{body}");
        }
        let record: RecordId = "01990a1e-7c3a-7b52-8e0f-3f6f2b9d5a10".parse().unwrap();
        let body = format!(r#"{{"id":"{record}"}}"#);
        let subject: SubjectRequest<'_> = serde_json::from_str(&body).unwrap();
        assert!(matches!(subject.person(), Ok(Person::Id(_))));
    }
}
