//! Reading policies: their texts become policies that fit the schema, or a message that says where they do not.

use std::{collections::BTreeSet, error::Error, fmt, str::FromStr};

use cedar_policy::{Effect, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use miette::Diagnostic;

/// What policies can speak about.
const SCHEMA: &str = include_str!("../../policies/tacita.cedarschema");
/// Longest id of a policy, in bytes.
const LONGEST_ID: usize = 64;

/// Whose policies they are. What is not built in carries that in its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Tacita's.
    BuiltIn,
    /// Those of whoever runs the server, for all organisations.
    Operator,
    /// An organisation's own, which only narrow.
    Own,
}

impl Origin {
    const fn prefix(self) -> &'static str {
        match self {
            Self::BuiltIn => "",
            Self::Operator => "operator/",
            Self::Own => "own/",
        }
    }
}

/// Why policies are not taken: what is wrong where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPolicies(String);

impl BadPolicies {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for BadPolicies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for BadPolicies {}

/// Reads policies by one schema.
pub(super) struct Reader {
    validator: Validator,
}

impl Reader {
    /// By the schema of this program.
    pub(super) fn new() -> Result<Self, BadPolicies> {
        let (schema, warnings) = Schema::from_cedarschema_str(SCHEMA)
            .map_err(|error| BadPolicies::new(format!("the schema of the policies: {error}")))?;
        if let Some(warning) = warnings.into_iter().next() {
            return Err(BadPolicies::new(format!("the schema of the policies: {warning}")));
        }
        Ok(Self { validator: Validator::new(schema) })
    }

    /// The text of the schema.
    pub(super) const fn schema_text() -> &'static str {
        SCHEMA
    }

    pub(super) fn schema(&self) -> &Schema {
        self.validator.schema()
    }

    /// The policies of `text`, each by the id that its annotation `@id` gives it. `name` is what messages call the text.
    pub(super) fn read(&self, name: &str, text: &str, origin: Origin) -> Result<Vec<Policy>, BadPolicies> {
        let bad = |line: Option<usize>, why: &dyn fmt::Display| {
            let line = line.map(|line| format!(" line {line}:")).unwrap_or_default();
            BadPolicies::new(format!("{name}:{line} {why}"))
        };
        let parsed = PolicySet::from_str(text).map_err(|errors| {
            let labels = errors.iter().find_map(|error| error.labels()?.next());
            bad(labels.map(|label| line(text, label.offset())), &errors)
        })?;
        if parsed.num_of_templates() > 0 {
            return Err(bad(
                None,
                &"templates (`?principal`, `?resource`) are not taken: write out whom it is about",
            ));
        }
        let mut ids = BTreeSet::new();
        let mut policies = Vec::with_capacity(parsed.num_of_policies());
        for policy in parsed.policies() {
            let Some(id) = policy.annotation("id").filter(|id| is_id(id)) else {
                return Err(bad(
                    None,
                    &format!(
                        "a policy has no id: write `@id(\"…\")` above each, with 1 to {LONGEST_ID} lower-case letters, digits, \
                         `.`, `-` or `_`"
                    ),
                ));
            };
            if !ids.insert(id.to_owned()) {
                return Err(bad(None, &format!("two policies have the id `{id}`: give each its own")));
            }
            if origin == Origin::Own && policy.effect() == Effect::Permit {
                return Err(bad(
                    None,
                    &format!(
                        "the policy `{id}` permits: an organisation's own policies only narrow what is permitted anyway, so write \
                         `forbid`, with `unless` for what is to stay"
                    ),
                ));
            }
            policies.push(policy.new_id(PolicyId::new(format!("{}{id}", origin.prefix()))));
        }
        let set = together(&policies)?;
        let validated = self.validator.validate(&set, ValidationMode::Strict);
        if let Some(error) = validated.validation_errors().next() {
            return Err(bad(None, error));
        }
        // A policy that can never be about anything is a mistake; so is one whose letters only look like others.
        if let Some(warning) = validated.validation_warnings().next() {
            return Err(bad(None, warning));
        }
        Ok(policies)
    }
}

/// Policies as one set.
pub(super) fn together<'p>(policies: impl IntoIterator<Item = &'p Policy>) -> Result<PolicySet, BadPolicies> {
    PolicySet::from_policies(policies.into_iter().cloned())
        .map_err(|error| BadPolicies::new(error.to_string()))
}

fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b))
}

#[cfg(test)]
mod tests {
    use tacita_domain::{Action, Role};

    use super::*;

    fn why(text: &str, origin: Origin) -> String {
        Reader::new().unwrap().read("ours.cedar", text, origin).unwrap_err().to_string()
    }

    #[test]
    fn the_schema_knows_every_action_and_every_role_and_no_others() {
        let reader = Reader::new().unwrap();
        let groups: BTreeSet<_> = reader.schema().action_groups().cloned().collect();
        let actions = reader.schema().actions().filter(|action| !groups.contains(action));
        let actions: BTreeSet<_> = actions.map(|action| action.id().unescaped().to_owned()).collect();
        let ours = Action::ALL.iter().map(|action| action.as_str().to_owned());
        assert_eq!(actions, ours.collect());
        for role in Role::ALL {
            let text = format!("@id(\"a\") permit (principal in Role::\"{role}\", action, resource);");
            assert!(reader.read("a", &text, Origin::Operator).is_ok(), "{role}");
        }
        let list = SCHEMA.split_once("entity Role enum [").unwrap().1.split_once(']').unwrap().0;
        assert_eq!(list.split(',').count(), Role::ALL.len());
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        let text = "// fine\n@id(\"a\")\nforbid (principal, action, resource)\nwhen { context.purpose = \"ads\" };\n";
        let said = why(text, Origin::Operator);
        assert!(said.starts_with("ours.cedar: line 4: "), "{said}");
        for (text, part) in [
            ("forbid (principal, action, resource);", "a policy has no id"),
            ("@id(\"No\") forbid (principal, action, resource);", "a policy has no id"),
            (
                "@id(\"a\") forbid (principal, action, resource);\n@id(\"a\") forbid (principal, action, resource);",
                "two policies have the id `a`",
            ),
            ("@id(\"a\") forbid (principal == ?principal, action, resource);", "templates"),
            ("@id(\"a\") forbid (principal in Role::\"boss\", action, resource);", "boss"),
            ("@id(\"a\") forbid (principal, action == Action::\"record.sell\", resource);", "record.sell"),
            (
                "@id(\"a\") forbid (principal, action, resource) when { context.weather == \"rain\" };",
                "weather",
            ),
            (
                "@id(\"a\") forbid (principal, action, resource) when { context.subject == principal };",
                "subject",
            ),
            ("@id(\"a\") forbid (principal, action, resource) when { 1 == 2 };", "a"),
        ] {
            let said = why(text, Origin::Operator);
            assert!(said.starts_with("ours.cedar:") && said.contains(part), "{text}: {said}");
        }
    }

    #[test]
    fn an_organisation_only_narrows() {
        let permit = "@id(\"more\") permit (principal, action, resource);";
        assert!(why(permit, Origin::Own).contains("the policy `more` permits"));
        let reader = Reader::new().unwrap();
        assert!(reader.read("a", permit, Origin::Operator).is_ok());
        let forbid =
            "@id(\"no-ads\") forbid (principal, action, resource) when { context.purpose == \"ads\" };";
        let [policy] = &reader.read("a", forbid, Origin::Own).unwrap()[..] else { panic!("one policy") };
        assert_eq!(policy.id().to_string(), "own/no-ads");
    }
}
