//! The national formats of account numbers in an IBAN.

/// The format of what follows a country's two check digits: counts, each of `n` digits, `a` letters or `c` either.
///
/// The SWIFT IBAN registry (release 99), and the countries that use IBANs without being in it: AO, BF, BJ, CF, CG, CI,
/// CM, CV, DZ, GA, GQ, GW, IR, KM, MA, MG, ML, MZ, NE, SN, TD, TG.
pub(super) fn format(country: [u8; 2]) -> Option<&'static str> {
    Some(match &country {
        b"AD" => "8n12c",
        b"AE" | b"IL" | b"SO" | b"TL" => "19n",
        b"AL" | b"CY" => "8n16c",
        b"AO" | b"CV" | b"LY" | b"MZ" | b"PT" | b"ST" => "21n",
        b"AT" | b"BA" | b"EE" | b"LT" | b"MN" | b"XK" => "16n",
        b"AZ" => "4a20c",
        b"BE" => "12n",
        b"BF" | b"BJ" | b"CI" | b"ML" | b"NE" | b"SN" | b"TG" => "2a22n",
        b"BG" => "4a6n8c",
        b"BH" => "4a14c",
        b"BI" | b"CF" | b"CG" | b"CM" | b"DJ" | b"GA" | b"GQ" | b"KM" | b"MG" | b"MR" | b"TD" => "23n",
        b"BR" => "23n1a1c",
        b"BY" => "4c4n16c",
        b"CH" | b"LI" => "5n12c",
        b"CR" | b"DE" | b"ME" | b"RS" | b"VA" => "18n",
        b"CZ" | b"ES" | b"SE" | b"SK" | b"TN" => "20n",
        b"DK" | b"FI" | b"FO" | b"GL" | b"SD" => "14n",
        b"DO" => "4c20n",
        b"DZ" | b"IR" | b"IS" => "22n",
        b"EG" => "25n",
        b"FK" => "2a12n",
        b"FR" | b"MC" => "10n11c2n",
        b"GB" | b"IE" => "4a14n",
        b"GE" => "2a16n",
        b"GI" => "4a15c",
        b"GR" => "7n16c",
        b"GT" => "24c",
        b"GW" => "2c19n",
        b"HN" | b"NI" | b"SV" => "4a20n",
        b"HR" => "17n",
        b"HU" | b"MA" | b"PL" => "24n",
        b"IQ" => "4a15n",
        b"IT" | b"SM" => "1a10n12c",
        b"JO" | b"YE" => "4a4n18c",
        b"KW" => "4a22c",
        b"KZ" | b"LU" => "3n13c",
        b"LB" => "4n20c",
        b"LC" => "4a24c",
        b"LV" => "4a13c",
        b"MD" => "20c",
        b"MK" => "3n10c2n",
        b"MT" => "4a5n18c",
        b"MU" => "4a19n3a",
        b"NL" => "4a10n",
        b"NO" => "11n",
        b"OM" => "3n16c",
        b"PK" | b"RO" => "4a16c",
        b"PS" | b"QA" => "4a21c",
        b"RU" => "14n15c",
        b"SA" => "2n18c",
        b"SC" => "4a20n3a",
        b"SI" => "15n",
        b"TR" => "6n16c",
        b"UA" => "6n19c",
        b"VG" => "4a16n",
        _ => return None,
    })
}

/// Whether letters (upper case) and digits have `format`, to the last one.
pub(super) fn follows(account: &[u8], format: &str) -> bool {
    let (mut rest, mut count) = (account, 0);
    for byte in format.bytes() {
        if byte.is_ascii_digit() {
            count = count * 10 + usize::from(byte - b'0');
            continue;
        }
        let Some((group, after)) = rest.split_at_checked(count) else { return false };
        let fits = match byte {
            b'n' => group.iter().all(u8::is_ascii_digit),
            b'a' => group.iter().all(u8::is_ascii_uppercase),
            _ => true,
        };
        if !fits {
            return false;
        }
        (rest, count) = (after, 0);
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_hold_to_the_last_symbol() {
        assert!(follows(b"NWBK60161331926819", "4a14n"));
        assert!(!follows(b"NWBK6016133192681", "4a14n") && !follows(b"NWBK601613319268190", "4a14n"));
        assert!(!follows(b"1WBK60161331926819", "4a14n") && !follows(b"", "4a14n"));
    }

    #[test]
    fn every_format_fits_into_an_iban() {
        let letters = b'A'..=b'Z';
        let formats = letters.clone().flat_map(|a| letters.clone().filter_map(move |b| format([a, b])));
        for format in formats {
            let length: usize =
                format.split(['n', 'a', 'c']).filter_map(|count| count.parse::<usize>().ok()).sum();
            assert!((11..=30).contains(&length), "{format}");
        }
    }
}
