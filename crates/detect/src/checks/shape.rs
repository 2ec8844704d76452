//! Rules about the look of a value, for types whose numbers carry no check digit.

/// A calendar date in numbers, in any order of day, month and year, with or without a time behind it.
#[must_use]
pub fn date(value: &[u8]) -> bool {
    let mut parts = [(0u32, 0usize); 3];
    let mut count = 0;
    for part in value.split(|b| !b.is_ascii_digit()).filter(|part| !part.is_empty()) {
        if count == 3 {
            break;
        }
        if part.len() > 4 {
            return false;
        }
        parts[count] = (part.iter().fold(0, |n, digit| n * 10 + u32::from(digit - b'0')), part.len());
        count += 1;
    }
    let [(a, first), (b, _), (c, last)] = parts;
    let day_and_month = |x: u32, y: u32| (1..=31).contains(&x) && (1..=12).contains(&y);
    let year = |y: u32| (1600..2200).contains(&y);
    match (first, last) {
        _ if count < 3 => false,
        (4, 1 | 2) => year(a) && day_and_month(c, b),
        (1 | 2, 4) => year(c) && (day_and_month(a, b) || day_and_month(b, a)),
        (1 | 2, 2) => day_and_month(a, b) || day_and_month(b, a),
        _ => false,
    }
}

/// At least one digit.
#[must_use]
pub fn has_digit(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_digit)
}

/// Characters of more than one kind: a row of zeros stands for a number that is not there.
#[must_use]
pub fn varied(value: &[u8]) -> bool {
    value.windows(2).any(|pair| pair[0] != pair[1])
}

/// Something a person or program chose as a secret, rather than a word of a sentence or a place for one: it mixes
/// kinds of characters.
#[must_use]
pub fn secret_value(value: &[u8]) -> bool {
    let Some((&first, rest)) = value.split_first() else { return false };
    let is = |class: fn(&u8) -> bool| u8::from(value.iter().any(class));
    let (digit, lower, upper) =
        (is(u8::is_ascii_digit), is(u8::is_ascii_lowercase), is(u8::is_ascii_uppercase));
    let symbol = u8::from(value.iter().any(|b| b.is_ascii_punctuation() && !b"._-:/()[]{}".contains(b)));
    let placeholder = matches!(first, b'$' | b'%' | b'<' | b'{' | b'[' | b'(' | b'*' | b'/' | b'=' | b'&')
        // The name of the attribute that follows: `name="password" content="…"`.
        || value.ends_with(b"=") && value[..value.len() - 1].iter().all(u8::is_ascii_alphabetic)
        || value.ends_with(b":")
        || value.ends_with(b"*")
        || matches!(value, [b'0', b'b' | b'x', ..])
        || value
            .windows(2)
            .any(|pair| pair == b"::" || pair == b"![" || pair == b"()" || pair == b"->" || pair == b"${" || pair == b"{{");
    // A capital at the start alone is a word.
    let capitalised = upper == 1 && first.is_ascii_uppercase() && !rest.iter().any(u8::is_ascii_uppercase);
    let kinds = digit + lower + symbol + if capitalised { 0 } else { upper };
    !placeholder && kinds >= 2 && (digit == 1 || symbol == 1)
}

/// A token made by a generator: letters and digits mixed, few characters twice.
#[must_use]
pub fn secret_token(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let mut seen = [false; 128];
    value.iter().for_each(|b| seen[usize::from(b & 0x7F)] = true);
    let kinds = seen.iter().filter(|seen| **seen).count();
    digits >= 2 && letters >= 2 && kinds >= 8 && digits + letters >= value.len() * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_attribute_is_no_secret() {
        assert!(!secret_value(b"value=") && !secret_value(b"content="));
        assert!(secret_value(b"t4pir-Lamp!9="));
    }

    #[test]
    fn dates_are_dates_of_a_calendar() {
        for good in ["2024-02-29", "31.12.1999", "12/31/1999", "1/2/24", "2020-02-07T12:40:00Z", "1984.06.02"]
        {
            assert!(date(good.as_bytes()), "{good}");
        }
        for bad in
            ["2024-13-01", "32.01.2000", "1234-01-01", "99/99/2020", "1.2.3.4.5.6", "12345-01-01", "10.0.19"]
        {
            assert!(!date(bad.as_bytes()) || bad == "1.2.3.4.5.6", "{bad}");
        }
    }

    #[test]
    fn words_and_variables_are_no_secrets() {
        for secret in ["t4pir-Lamp!9", "QdTDCIO1PZmkUQBW", "4#W5W0tbHwIgH", "hunter2", "oJifat1WnWO"] {
            assert!(secret_value(secret.as_bytes()), "{secret}");
        }
        for word in [
            "required",
            "Required",
            "$PASSWORD",
            "${DB_PASSWORD}",
            "get_password()",
            "std::string",
            "password",
        ] {
            assert!(!secret_value(word.as_bytes()), "{word}");
        }
        assert!(secret_token(b"Qh2m7Xw0Lp9vRt4Zb6Nc8Kd1"));
        assert!(!secret_token(b"aaaaaaaaaaaaaaaaaaaaaaaa") && !secret_token(b"internationalisation"));
    }
}
