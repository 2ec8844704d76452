//! What gives access, and what only stands in its place.

use data_encoding::BASE64;

use super::shape::secret_value;

/// The name of an account, in small letters, rather than a word of code, of a form or of a system.
#[must_use]
pub fn account_name(value: &[u8]) -> bool {
    let parts = || value.split(|b| !b.is_ascii_alphabetic()).filter(|part| !part.is_empty());
    value.len() >= 4
        && value.len() <= 32
        && value.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'-' | b'_'))
        && parts().any(|part| part.len() > 2)
        && !parts().any(names_nobody)
}

/// A password of letters alone: long, and none of the words that stand where a password would.
#[must_use]
pub fn password_of_letters(value: &[u8]) -> bool {
    value.len() >= 8 && value.iter().all(u8::is_ascii_lowercase) && !names_nobody(value)
}

/// `user:password`, where the password is one that was chosen.
#[must_use]
pub fn user_and_password(value: &[u8]) -> bool {
    let Some(colon) = value.iter().position(|b| *b == b':') else { return false };
    let (user, password) = (&value[..colon], &value[colon + 1..]);
    user.iter().any(u8::is_ascii_alphabetic) && secret_value(password)
}

/// The credentials of HTTP's basic authentication (RFC 7617): `user:password` in base64.
#[must_use]
pub fn basic_credentials(value: &[u8]) -> bool {
    BASE64.decode(value).is_ok_and(|credentials| {
        let colon = credentials.iter().position(|b| *b == b':');
        colon.is_some_and(|colon| colon + 1 < credentials.len())
            && str::from_utf8(&credentials).is_ok_and(|text| !text.contains(char::is_control))
    })
}

fn names_nobody(word: &[u8]) -> bool {
    NO_NAMES.split(' ').any(|known| known.as_bytes() == word)
}

/// Words that stand behind `user:` or `password =` and name nobody.
const NO_NAMES: &str = "usize isize true false null nullptr pass pwd none nil void undefined required optional default string str text char \
    const int integer number bool boolean object array list type value values name names user users username \
    usernames userid login logins account accounts password passwords passwd passphrase secret email mail \
    admin administrator root guest anonymous nobody someone anyone everyone daemon system service server \
    client host example sample test tests testing demo dummy fake mock temp unknown empty missing invalid \
    disabled enabled hidden redacted placeholder changeme change enter input output field form label param \
    params args arg option options config settings request response data file path self this that these the \
    your you their his her its and not new get set post current owner member other any all some same with \
    from for see use used when where which who are was has can will should must may please public private \
    local remote global postgres mysql redis oracle git ubuntu debian www http https ssh session token key \
    keys role group groups read write env var id plaintext unencrypted encrypted interactive keyring prompt \
    ask incorrect strong";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_words_of_code() {
        for name in ["maralind", "jsmith", "mara.lind", "jo_brandt"] {
            assert!(account_name(name.as_bytes()), "{name}");
        }
        for word in ["true", "root", "self.username", "current_user", "String", "get_login", "abc", "..."] {
            assert!(!account_name(word.as_bytes()), "{word}");
        }
    }

    #[test]
    fn credentials_hold_a_user_and_a_password() {
        assert!(user_and_password(b"mara:t4pir-Lamp") && basic_credentials(b"bWFyYTp0NHBpci1MYW1wITk="));
        assert!(!user_and_password(b"1000:1000") && !user_and_password(b"mara:users"));
        assert!(!basic_credentials(b"authentication") && !basic_credentials(b"bWFyYQ=="));
        assert!(password_of_letters(b"correcthorse") && !password_of_letters(b"required"));
    }
}
