//! The recognisers whose formats are written in code, by their number in the catalogue.

use std::sync::LazyLock;

use crate::catalog::RECOGNIZERS;

/// A recogniser's number for each grammar.
pub(super) struct Numbers {
    pub email: u16,
    pub url: u16,
    pub ip: u16,
    pub ipv4: u16,
    pub coordinates: u16,
    pub age: u16,
    pub date: u16,
    pub postcode: u16,
    pub mac: u16,
    pub password: u16,
    pub token_url: u16,
    pub jwt: u16,
    pub private_key: u16,
    pub phone: u16,
    pub street: u16,
    pub title: u16,
    pub organization: u16,
    pub day: u16,
    pub person: u16,
    pub location: u16,
    pub organization_name: u16,
    pub group: u16,
}

pub(super) static NUMBERS: LazyLock<Numbers> = LazyLock::new(|| {
    let by_grammar = |name: &str| {
        let place = RECOGNIZERS.iter().position(|r| r.grammar == name);
        place.and_then(|p| u16::try_from(p).ok()).expect("the catalogue has a recogniser for each grammar")
    };
    Numbers {
        email: by_grammar("email"),
        url: by_grammar("url"),
        ip: by_grammar("ipv6"),
        ipv4: by_grammar("ipv4"),
        coordinates: by_grammar("coordinates"),
        age: by_grammar("age"),
        date: by_grammar("date"),
        postcode: by_grammar("postcode"),
        mac: by_grammar("mac"),
        password: by_grammar("password"),
        token_url: by_grammar("token_url"),
        jwt: by_grammar("jwt"),
        private_key: by_grammar("private_key"),
        phone: by_grammar("phone"),
        street: by_grammar("street"),
        title: by_grammar("title"),
        organization: by_grammar("organization"),
        day: by_grammar("day"),
        person: by_grammar("person"),
        location: by_grammar("location"),
        organization_name: by_grammar("organization_name"),
        group: by_grammar("group"),
    }
});
