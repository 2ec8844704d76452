//! Brazil, Mexico, Argentina, Chile and the rest of Latin America.

use super::{
    dates::{is_date, is_short_date},
    generic::{base_36, luhn_sum, weighted},
    symbols::{
        all_same, alphanumerics, alphanumerics_up_to, digits, digits_up_to, is_separator, number, values,
        without_prefix,
    },
};

/// A Brazilian person's number (CPF): nine digits and two check digits, modulus 11 (Receita Federal).
pub fn br_cpf(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        !all_same(&digits)
            && brazilian(weighted(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2])) == digits[9]
            && brazilian(weighted(&digits, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2])) == digits[10]
    })
}

/// A Brazilian company's number (CNPJ): twelve digits, or since July 2026 letters too with their ASCII code less 48, and
/// two check digits, modulus 11 (Instrução Normativa RFB 2.229/2024).
pub fn br_cnpj(value: &[u8]) -> bool {
    alphanumerics::<14>(value).is_some_and(|symbols| {
        let values = symbols.map(|symbol| symbol - b'0');
        !all_same(&symbols)
            && symbols[12..].iter().all(u8::is_ascii_digit)
            && brazilian(weighted(&values, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == values[12]
            && brazilian(weighted(&values, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == values[13]
    })
}

/// A Brazilian worker's number (PIS, PASEP, NIS): ten digits, weights 3 2 9 8 7 6 5 4 3 2, modulus 11.
pub fn br_pis(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        !all_same(&digits) && brazilian(weighted(&digits, &[3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == digits[10]
    })
}

/// A Mexican population register code (CURP): letters of the name, date of birth, sex, state, consonants, a digit or
/// letter for the century, a check digit over base 37 (RENAPO).
pub fn mx_curp(value: &[u8]) -> bool {
    const STATES: [&[u8; 2]; 33] = [
        b"AS", b"BC", b"BS", b"CC", b"CH", b"CL", b"CM", b"CS", b"DF", b"DG", b"GR", b"GT", b"HG", b"JC",
        b"MC", b"MN", b"MS", b"NE", b"NL", b"NT", b"OC", b"PL", b"QR", b"QT", b"SL", b"SP", b"SR", b"TC",
        b"TL", b"TS", b"VZ", b"YN", b"ZS",
    ];
    let Some(symbols) = alphanumerics::<18>(value) else { return false };
    let Some(birth) = values::<6>(&symbols[4..10]) else { return false };
    let century = if symbols[16].is_ascii_digit() { 1900 } else { 2000 };
    let terms = symbols[..17].iter().zip((2..=18).rev());
    let sum: u32 = terms.map(|(&symbol, weight)| mexican(symbol) * weight).sum();
    symbols[..4].iter().chain(&symbols[10..16]).all(u8::is_ascii_uppercase)
        && is_date(century + number(&birth[..2]), number(&birth[2..4]), number(&birth[4..]))
        && matches!(symbols[10], b'H' | b'M' | b'X')
        && STATES.contains(&&[symbols[11], symbols[12]])
        && symbols[17].is_ascii_digit()
        && (sum + u32::from(symbols[17] - b'0')).is_multiple_of(10)
}

/// A Mexican taxpayer code (RFC) of a person (four letters) or company (three): letters (`&` and `Ñ` too), date, three
/// symbols. The check digit is not asked for: codes without a right one are in use.
pub fn mx_rfc(value: &[u8]) -> bool {
    rfc(value).is_some()
}

/// The same with its check digit, modulus 11 over base 39.
pub fn mx_rfc_checked(value: &[u8]) -> bool {
    rfc(value).is_some_and(|symbols| {
        let sum: u32 =
            symbols[..12].iter().zip((2..=13).rev()).map(|(&symbol, weight)| mexican(symbol) * weight).sum();
        let check = match (11 - sum % 11) % 11 {
            10 => b'A',
            digit => b'0' + digit as u8,
        };
        symbols[12] == check
    })
}

/// A Mexican bank account number (CLABE): bank, place, account, weights 3 7 1 modulo 10.
pub fn mx_clabe(value: &[u8]) -> bool {
    digits::<18>(value).is_some_and(|digits| {
        let terms = digits[..17].iter().zip([3, 7, 1].into_iter().cycle());
        let sum: u32 = terms.map(|(digit, weight)| u32::from(digit * weight % 10)).sum();
        !all_same(&digits) && (sum + u32::from(digits[17])).is_multiple_of(10)
    })
}

/// An Argentine tax number (CUIT, CUIL): a prefix for the kind of taxpayer, identity number, check digit modulo 11
/// (AFIP).
pub fn ar_cuit(value: &[u8]) -> bool {
    digits::<11>(without_prefix(value, b"AR")).is_some_and(|digits| {
        let check = match weighted(&digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 {
            0 => 0,
            1 => 9,
            remainder => 11 - remainder,
        };
        matches!(number(&digits[..2]), 20 | 23..=27 | 30 | 33 | 34 | 50 | 51 | 55)
            && check == u32::from(digits[10])
    })
}

/// An Argentine bank account number (CBU): bank and branch, account, each with a check digit modulo 10 (BCRA).
pub fn ar_cbu(value: &[u8]) -> bool {
    digits::<22>(value).is_some_and(|digits| {
        number(&digits[..3]) != 0
            && weighted(&digits[..8], &[7, 1, 3, 9, 7, 1, 3, 1]).is_multiple_of(10)
            && weighted(&digits[8..], &[3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3, 1]).is_multiple_of(10)
    })
}

/// A Chilean identity and tax number (RUN, RUT): seven or eight digits, a check digit or `K`, weights 2 to 7 from the
/// right, modulus 11.
pub fn cl_rut(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics_up_to::<9>(without_prefix(value, b"CL")) else { return false };
    let Some((check, payload)) = symbols.split_last() else { return false };
    let Some(sum) = sum_from_right(payload, &[2, 3, 4, 5, 6, 7]) else { return false };
    let expected = match (11 - sum % 11) % 11 {
        10 => b'K',
        digit => b'0' + digit as u8,
    };
    matches!(payload.len(), 7 | 8) && payload.iter().any(|digit| *digit != b'0') && *check == expected
}

/// A Colombian tax number (NIT): eight to ten digits and a check digit by primes from the right, modulus 11 (DIAN).
pub fn co_nit(value: &[u8]) -> bool {
    digits_up_to::<11>(without_prefix(value, b"CO")).is_some_and(|digits| {
        let Some((check, payload)) = digits.split_last() else { return false };
        let primes = [3, 7, 13, 17, 19, 23, 29, 37, 41, 43];
        let sum: u32 = payload.iter().rev().zip(primes).map(|(&digit, prime)| u32::from(digit) * prime).sum();
        let expected = match sum % 11 {
            remainder @ 0..2 => remainder,
            remainder => 11 - remainder,
        };
        payload.len() >= 8 && !all_same(&digits) && expected == u32::from(*check)
    })
}

/// A Peruvian tax number (RUC): 10, 15, 16, 17 or 20, eight digits, check digit, modulus 11 (SUNAT).
pub fn pe_ruc(value: &[u8]) -> bool {
    digits::<11>(without_prefix(value, b"PE")).is_some_and(|digits| {
        let check = (11 - weighted(&digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 10;
        matches!(number(&digits[..2]), 10 | 15..=17 | 20) && check == u32::from(digits[10])
    })
}

/// An Ecuadorian identity number (cédula): province, a third digit up to 6, Luhn with the first digit doubled.
pub fn ec_ci(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| ecuadorian(&digits))
}

/// An Ecuadorian tax number (RUC) of a person, a company or a public body: 13 digits.
pub fn ec_ruc(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let person = ecuadorian(&digits[..10]) && number(&digits[10..]) != 0;
        let public = weighted(&digits[..9], &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
            && number(&digits[9..]) != 0;
        let company = weighted(&digits[..10], &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
            && number(&digits[10..]) != 0;
        matches!(number(&digits[..2]), 1..=24 | 30 | 50)
            && match digits[2] {
                0..=5 => person,
                6 => public || person,
                9 => public || company,
                _ => false,
            }
    })
}

/// A Uruguayan identity number (cédula): seven digits, weights 2 9 8 7 6 3 4, modulus 10.
pub fn uy_ci(value: &[u8]) -> bool {
    digits::<8>(value).is_some_and(|digits| {
        !all_same(&digits) && weighted(&digits, &[2, 9, 8, 7, 6, 3, 4, 1]).is_multiple_of(10)
    })
}

/// A Uruguayan tax number (RUT): department 01 to 22, serial, 001, check digit modulo 11.
pub fn uy_rut(value: &[u8]) -> bool {
    digits::<12>(without_prefix(value, b"UY")).is_some_and(|digits| {
        matches!(number(&digits[..2]), 1..=22)
            && number(&digits[2..8]) != 0
            && number(&digits[8..11]) == 1
            && weighted(&digits, &[4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
    })
}

/// A Paraguayan tax number (RUC): five to eight digits and a check digit by weights 2 and up from the right, modulus 11.
pub fn py_ruc(value: &[u8]) -> bool {
    digits_up_to::<9>(without_prefix(value, b"PY")).is_some_and(|digits| {
        let Some((check, payload)) = digits.split_last() else { return false };
        let sum: u32 = payload.iter().rev().zip(2..).map(|(&digit, weight)| u32::from(digit) * weight).sum();
        payload.len() >= 5
            && payload[0] != 0
            && !all_same(&digits)
            && (11 - sum % 11) % 11 % 10 == u32::from(*check)
    })
}

/// A Venezuelan tax number (RIF): V, E, J, P, G or C, eight digits, check digit modulo 11 (SENIAT).
pub fn ve_rif(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics::<10>(without_prefix(value, b"VE")) else { return false };
    let Some(digits) = values::<9>(&symbols[1..]) else { return false };
    let kind = match symbols[0] {
        b'V' => 4,
        b'E' => 8,
        b'J' | b'C' => 12,
        b'P' => 16,
        b'G' => 20,
        _ => return false,
    };
    let check = match (weighted(&digits, &[3, 2, 7, 6, 5, 4, 3, 2]) + kind) % 11 {
        0 | 1 => 0,
        remainder => 11 - remainder,
    };
    check == u32::from(digits[8])
}

/// A Dominican identity number (cédula): eleven digits, Luhn (JCE).
pub fn do_cedula(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        number(&digits[..3]) != 0 && !all_same(&digits) && luhn_sum(&digits).is_multiple_of(10)
    })
}

/// A Dominican tax number of a company (RNC): nine digits, weights 7 9 8 6 5 4 3 2, modulus 11 (DGII).
pub fn do_rnc(value: &[u8]) -> bool {
    digits::<9>(without_prefix(value, b"DO")).is_some_and(|digits| {
        let sum = weighted(&digits, &[7, 9, 8, 6, 5, 4, 3, 2]);
        matches!(digits[0], 1 | 4 | 5) && (10 - sum % 11) % 9 + 1 == u32::from(digits[8])
    })
}

/// A Guatemalan tax number (NIT): digits and a check digit or `K`, weights 2 and up from the right, modulus 11 (SAT).
pub fn gt_nit(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics_up_to::<9>(without_prefix(value, b"GT")) else { return false };
    let Some((check, payload)) = symbols.split_last() else { return false };
    let Some(sum) = sum_from_right(payload, &[2, 3, 4, 5, 6, 7, 8, 9]) else { return false };
    let expected = match (11 - sum % 11) % 11 {
        10 => b'K',
        digit => b'0' + digit as u8,
    };
    payload.len() >= 5 && !all_same(&symbols) && *check == expected
}

/// A Salvadoran identity number (DUI): eight digits and a check digit by weights 9 to 2, modulus 10.
pub fn sv_dui(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        !all_same(&digits)
            && (weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]) + u32::from(digits[8])).is_multiple_of(10)
    })
}

/// A Salvadoran tax number (NIT): municipality, date, serial, check digit modulo 11, whose rule changed with serial 100.
pub fn sv_nit(value: &[u8]) -> bool {
    digits::<14>(without_prefix(value, b"SV")).is_some_and(|digits| {
        let check = if number(&digits[10..13]) <= 100 {
            weighted(&digits, &[14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11 % 10
        } else {
            (11 - weighted(&digits, &[2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10
        };
        let (day, month, year) = (number(&digits[4..6]), number(&digits[6..8]), number(&digits[8..10]));
        matches!(digits[0], 0 | 1 | 9) && is_short_date(year, month, day) && check == u32::from(digits[13])
    })
}

/// A Cuban identity number: date of birth, century, four digits. It has no published check digit.
pub fn cu_ni(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let century = match digits[6] {
            9 => 1800,
            0..=5 => 1900,
            _ => 2000,
        };
        is_date(century + number(&digits[..2]), number(&digits[2..4]), number(&digits[4..6]))
    })
}

fn brazilian(sum: u32) -> u8 {
    match sum % 11 {
        0 | 1 => 0,
        remainder => (11 - remainder) as u8,
    }
}

fn ecuadorian(digits: &[u8]) -> bool {
    let terms = digits.iter().zip([2, 1].into_iter().cycle()).map(|(digit, weight)| digit * weight);
    let sum: u8 = terms.map(|product| if product > 9 { product - 9 } else { product }).sum();
    matches!(number(&digits[..2]), 1..=24 | 30 | 50) && digits[2] <= 6 && sum.is_multiple_of(10)
}

/// The place of a symbol among `0–9 A–N & O–Z blank Ñ`; `Ñ` is stored as `~`.
fn mexican(symbol: u8) -> u32 {
    match symbol {
        b'&' => 24,
        b' ' => 37,
        b'~' => 38,
        b'O'.. => base_36(symbol) + 1,
        _ => base_36(symbol),
    }
}

/// The thirteen symbols of an RFC in upper case, a blank before those of a company.
fn rfc(value: &[u8]) -> Option<[u8; 13]> {
    let (mut symbols, mut length) = ([b' '; 13], 0);
    let mut bytes = value.iter().rev();
    // From the right, so that a company's missing letter stays blank. `Ñ` and `ñ` are C3 91 and C3 B1 in UTF-8.
    while let Some(&byte) = bytes.next() {
        let symbol = match byte {
            0x91 | 0xb1 if bytes.next() == Some(&0xc3) => b'~',
            _ if byte.is_ascii_alphanumeric() || byte == b'&' => byte.to_ascii_uppercase(),
            _ if is_separator(byte) => continue,
            _ => return None,
        };
        *symbols.get_mut(12_usize.checked_sub(length)?)? = symbol;
        length += 1;
    }
    let letter = |symbol: &u8| symbol.is_ascii_uppercase() || matches!(symbol, b'&' | b'~');
    let date = values::<6>(&symbols[4..10])?;
    let holds = matches!(length, 12 | 13)
        && symbols[13 - length..4].iter().all(letter)
        && is_short_date(number(&date[..2]), number(&date[2..4]), number(&date[4..]))
        && symbols[10..12].iter().all(u8::is_ascii_alphanumeric)
        && matches!(symbols[12], b'0'..=b'9' | b'A');
    holds.then_some(symbols)
}

/// The sum of digits (ASCII) times weights that repeat, from the right.
fn sum_from_right(digits: &[u8], weights: &[u32]) -> Option<u32> {
    digits.iter().rev().zip(weights.iter().cycle()).try_fold(0, |sum, (digit, weight)| {
        digit.is_ascii_digit().then(|| sum + u32::from(digit - b'0') * weight)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brazil() {
        assert!(br_cpf(b"390.533.447-05") && !br_cpf(b"231.002.999-00") && !br_cpf(b"111.111.111-11"));
        assert!(
            br_cnpj(b"16.727.230/0001-97")
                && br_cnpj(b"12.ABC.345/01DE-35")
                && !br_cnpj(b"16.727.230.0001-98")
        );
        assert!(!br_cnpj(b"00000000000000") && !br_cnpj(b"AAAAAAAAAAAAAA"));
        assert!(br_pis(b"120.0567.890-4") && !br_pis(b"120.0567.890-5"));
    }

    #[test]
    fn mexico() {
        assert!(
            mx_curp(b"BOXW310820HNERXN09")
                && !mx_curp(b"BOXW310820HNERXN08")
                && !mx_curp(b"BOXW311320HNERXN09")
        );
        assert!(
            mx_rfc(b"GODE 561231 GR8")
                && mx_rfc_checked(b"GODE561231GR8")
                && mx_rfc_checked(b"MAB-930714-8T4")
        );
        assert!(
            !mx_rfc_checked(b"GODE561231GR9")
                && !mx_rfc(b"GODE561331GR8")
                && mx_rfc("ÑODE561231GR8".as_bytes())
        );
        assert!(mx_clabe(b"032180000118359719") && !mx_clabe(b"032180000118359718"));
    }

    #[test]
    fn argentina_chile_uruguay_and_paraguay() {
        assert!(ar_cuit(b"20-05536168-2") && !ar_cuit(b"20-05536168-3") && !ar_cuit(b"99-05536168-2"));
        assert!(ar_cbu(b"2850590940090418135201") && !ar_cbu(b"2810590940090418135201"));
        assert!(
            cl_rut(b"12.531.909-2")
                && cl_rut(b"76086428-5")
                && !cl_rut(b"12531909-3")
                && !cl_rut(b"00000000-0")
        );
        assert!(
            uy_rut(b"21-140634-001-1")
                && !uy_rut(b"210303670014")
                && uy_ci(b"1.234.567-2")
                && !uy_ci(b"1.234.567-3")
        );
        assert!(py_ruc(b"80028061-0") && !py_ruc(b"80123456789") && !py_ruc(b"80028061-1"));
    }

    #[test]
    fn north_of_the_amazon() {
        assert!(co_nit(b"213.123.432-1") && !co_nit(b"213.123.432-5"));
        assert!(pe_ruc(b"20512333797") && !pe_ruc(b"20512333798"));
        assert!(
            ec_ci(b"171430710-3")
                && !ec_ci(b"1714307104")
                && ec_ruc(b"1792060346-001")
                && !ec_ruc(b"1763154690001")
        );
        assert!(ve_rif(b"V-11470283-4") && !ve_rif(b"V-11470283-3"));
    }

    #[test]
    fn caribbean_and_central_america() {
        assert!(do_cedula(b"00113918205") && !do_cedula(b"00113918204"));
        assert!(do_rnc(b"1-01-85004-3") && !do_rnc(b"1018A0043") && !do_rnc(b"101850042"));
        assert!(gt_nit(b"576937-K") && !gt_nit(b"8977112-0"));
        assert!(sv_dui(b"00016297-5") && !sv_dui(b"00016297-6"));
        assert!(sv_nit(b"0614-050707-104-8") && !sv_nit(b"0614-050707-104-0"));
        assert!(cu_ni(b"91021027775") && !cu_ni(b"91141027775"));
    }
}
