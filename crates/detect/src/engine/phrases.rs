//! What a word gives away: street addresses, titles, companies, days.

use super::{Evidence, Scan, address, numbers::NUMBERS, secrets, words::Hit};

/// Takes the phrases of the window to their grammars.
pub(super) fn find(scan: &mut Scan<'_>) {
    let numbers = &*NUMBERS;
    for hit in scan.hits {
        for &recognizer in hit.phrase.grammars {
            match recognizer {
                r if r == numbers.street => address::around(scan, hit),
                r if r == numbers.title => title(scan, hit),
                r if r == numbers.organization => organization(scan, hit),
                r if r == numbers.day => day(scan, hit),
                _ => secrets::private_key(scan, hit.start as usize),
            }
        }
    }
}

/// A title counts before a name: a capital follows, with a full stop or a space between.
fn title(scan: &mut Scan<'_>, hit: &Hit) {
    let (start, mut end) = (hit.start as usize, hit.end as usize);
    if scan.before(start).is_ascii_alphanumeric() {
        return;
    }
    if !is_capitalised(&scan.text[start..end]) {
        // `mr. lind`, where people write everything small.
        let written = matches!(&scan.text[start..end], b"mr" | b"mrs" | b"dr" | b"prof");
        if written && matches!(scan.text[end..], [b'.', b' ', b'a'..=b'z', ..]) {
            scan.push(NUMBERS.title, start..end + 1, 0.5, Evidence::Shape);
        }
        return;
    }
    // In capitals these are rather names of products and services.
    if matches!(&scan.text[start..end], b"MS" | b"DR" | b"MX" | b"MME" | b"SIG" | b"SRA")
        && scan.byte(end) != b'.'
    {
        return;
    }
    end += usize::from(scan.byte(end) == b'.');
    let next = end + usize::from(scan.byte(end) == b' ');
    if next > hit.end as usize && is_capital(scan.text, next) {
        scan.push(NUMBERS.title, start..end, 0.6, Evidence::Shape);
    }
}

/// Legal forms that are a word or a sign elsewhere too: they need two capitalised words before them.
const AMBIGUOUS: &[&[u8]] =
    &[b"AG", b"KG", b"SE", b"SA", b"AB", b"SAS", b"UG", b"SpA", b"Limited", b"BV", b"Oy", b"A/S", b"Co"];

/// The capitalised words before a legal form are a company's name.
fn organization(scan: &mut Scan<'_>, hit: &Hit) {
    let (form, mut end) = (hit.start as usize, hit.end as usize);
    let text = scan.text;
    let word = &text[form..end];
    let short = word.len() <= 3 && !word.eq_ignore_ascii_case(b"inc") && !word.eq_ignore_ascii_case(b"ltd");
    if !text[form].is_ascii_uppercase() && word != b"s.r.l"
        || short && word.iter().any(u8::is_ascii_lowercase) && word != b"Oy"
        || word.eq_ignore_ascii_case(b"limited")
            && text[end..].get(..3).is_some_and(|to| to.eq_ignore_ascii_case(b" to"))
    {
        return;
    }
    let (mut start, mut words) = (form, 0);
    while words < 6 {
        let gap = match text[..start] {
            [.., b',', b' '] if start == form => 2,
            [.., b' '] => 1,
            _ => break,
        };
        let before = start - gap;
        let length = text[..before].iter().rev().take(40).take_while(|b| is_name_byte(**b)).count();
        let name = &text[before - length..before];
        let joins = matches!(name, b"&" | b"and" | b"of" | b"und" | b"et" | b"de" | b"+");
        if length == 0
            || !(joins && words > 0 || is_capital(text, before - length) || name[0].is_ascii_digit())
        {
            break;
        }
        // `BUT NOT LIMITED`, `HIRAGANA LETTER SA`: a licence, the name of a character.
        if matches!(name, b"NOT" | b"LETTER" | b"SYLLABLE" | b"SIGN" | b"DIGRAPH") {
            return;
        }
        if !joins {
            words += 1;
        }
        start = before - length;
        if joins && words == 0 {
            break;
        }
    }
    // A sentence in capitals: `PROVIDED BY THE LARKFIELD FOUNDATION, INC.`
    if let Some(by) = text[start..form].windows(4).rposition(|w| w == b" BY ") {
        start += by + 4;
    }
    // A name does not begin with what joins two words.
    while let Some(join) = [
        &b"and "[..],
        b"of ",
        b"und ",
        b"et ",
        b"de ",
        b"& ",
        b"The ",
        b"THE ",
        b"Die ",
        b"Der ",
        b"+ ",
        b"Copyright ",
    ]
    .iter()
    .find(|j| text[start..form].starts_with(j))
    {
        start += join.len();
    }
    // A person and a company, each with two names: the company is what follows.
    let words_of = |name: &[u8]| name.split(|b| *b == b' ').filter(|word| !word.is_empty()).count();
    if let Some(and) = text[start..form].windows(5).position(|w| w == b" and ") {
        let (person, company) = (&text[start..start + and], &text[start + and + 5..form]);
        if words_of(person) == 2 && words_of(company) > 1 {
            start += and + 5;
        }
    }
    // The year of a notice of copyright, or several.
    let years = text[start..form].iter().take_while(|b| b.is_ascii_digit() || **b == b'-').count();
    if years >= 4
        && matches!(text[start..], [b'1', b'9', ..] | [b'2', b'0', ..])
        && text[start + years] == b' '
    {
        start += years + 1;
    }
    end += usize::from(scan.byte(end) == b'.' && (word.len() < 5 || word.contains(&b'.')));
    let needed = if AMBIGUOUS.iter().any(|form| form.eq_ignore_ascii_case(word)) { 2 } else { 1 };
    if start < form && words >= needed {
        scan.push(NUMBERS.organization, start..end, if needed == 2 { 0.6 } else { 0.8 }, Evidence::Shape);
    }
}

fn day(scan: &mut Scan<'_>, hit: &Hit) {
    let (start, end) = (hit.start as usize, hit.end as usize);
    let parted = !scan.before(start).is_ascii_alphanumeric() && !scan.byte(end).is_ascii_alphanumeric();
    let named = scan.text[start..end].ends_with(b"day")
        && !matches!(scan.text[start], b't' | b'T' | b'y' | b'Y')
        || is_capitalised(&scan.text[start..end]);
    if parted && (!named || is_capitalised(&scan.text[start..end])) {
        scan.push(NUMBERS.day, start..end, if named { 0.6 } else { 0.5 }, Evidence::Shape);
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'&' | b'\'' | b'-' | b'.' | b'+')
}

/// One capital, then small letters; or all capitals.
fn is_capitalised(word: &[u8]) -> bool {
    word[0].is_ascii_uppercase()
}

/// Whether a capital letter is at `at`: ASCII, or of the Latin, Greek or Cyrillic alphabet as far as its first byte and
/// its second tell.
pub(super) fn is_capital(text: &[u8], at: usize) -> bool {
    match text.get(at..) {
        Some([b'A'..=b'Z', ..]) => true,
        Some([0xC3, second, ..]) => *second < 0x9F,
        // In these rows capitals and small letters take turns; which come first changes twice.
        Some([0xC4, second, ..]) => (second % 2 == 0) == (*second < 0xB8),
        Some([0xC5, second, ..]) => {
            matches!(second, 0xB8) || (second % 2 == 0) == matches!(second, 0x8A..=0xB7)
        }
        // Vietnamese, and more of Latin.
        Some([0xE1, 0xB8..=0xBB, third, ..]) => third % 2 == 0,
        Some([0xCE, second, ..]) => *second < 0xAA,
        Some([0xD0, second, ..]) => *second < 0xB0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_of_latin_letters_are_those_of_unicode() {
        // Letters that take no part in the alternation: two that nobody begins a word with, and some old German ones.
        let odd = ['\u{149}', '\u{17F}'].into_iter().chain('\u{1E96}'..='\u{1E9F}');
        let odd: Vec<char> = odd.collect();
        let letters = ('A'..='z').chain('\u{100}'..='\u{17F}').chain('\u{1E00}'..='\u{1EFF}');
        for letter in letters.filter(|letter| !odd.contains(letter)) {
            let text = letter.to_string();
            assert_eq!(is_capital(text.as_bytes(), 0), letter.is_uppercase(), "{letter}");
        }
    }
}
