//! Country codes of ISO 3166-1 alpha-2.

/// The officially assigned codes of ISO 3166-1 and `XK`, the user-assigned code under which banks list Kosovo.
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV \
    BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM \
    FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM \
    JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR \
    MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS \
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ \
    UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK";

/// One row per first letter, one bit per second letter.
const TABLE: [u32; 26] = table();

/// Whether two upper-case letters are a country's code.
pub(crate) fn is_country(code: [u8; 2]) -> bool {
    code.iter().all(u8::is_ascii_uppercase) && TABLE[usize::from(code[0] - b'A')] >> (code[1] - b'A') & 1 == 1
}

const fn table() -> [u32; 26] {
    let (codes, mut table, mut i) = (CODES.as_bytes(), [0; 26], 0);
    while i + 1 < codes.len() {
        if codes[i] == b' ' {
            i += 1;
        } else {
            table[(codes[i] - b'A') as usize] |= 1 << (codes[i + 1] - b'A');
            i += 2;
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_the_250_codes() {
        assert_eq!(TABLE.iter().map(|row| row.count_ones()).sum::<u32>(), 250);
        assert!(is_country(*b"DE") && is_country(*b"XK"));
        assert!(!is_country(*b"XX") && !is_country(*b"de") && !is_country(*b"A1"));
    }
}
