//! What follows a street: a unit, a place, a region, a postcode, a country, each behind a comma, a space or a line break.

use super::{LastLetters, is_capital, is_particle, letters, letters_and_digits, name};

/// Where an address ends whose street ends at `end`.
///
/// What says by itself that it belongs to an address counts at once: a unit, a postcode, a country. Words that can be
/// the name of a place count behind a comma where they close a part, and else if one of these follows them.
pub(super) fn tail(text: &[u8], mut end: usize) -> usize {
    /// Words of a place before what confirms them.
    const WORDS: usize = 6;
    let (mut at, mut words) = (end, 0);
    let mut behind_unit = false;
    for _ in 0..16 {
        let Some(Gap { next, comma, lines }) = gap(text, at) else { break };
        let sure = country(text, next).or_else(|| if lines < 2 { postcode(text, next) } else { None });
        let inside = if lines < 2 { unit(text, next) } else { None };
        if let Some(stop) = inside.or(sure) {
            behind_unit = inside.is_some();
            (at, end, words) = (stop, stop, 0);
            continue;
        }
        if lines > 1 {
            break;
        }
        if words == 0
            && (comma || behind_unit)
            && lines == 0
            && let Some(stop) = locality(text, next)
        {
            (at, end) = (stop, stop);
            continue;
        }
        let Some(stop) = place_word(text, next).filter(|_| words < WORDS) else { break };
        (at, words) = (stop, words + 1);
    }
    end
}

/// What parts two parts of an address.
pub(super) struct Gap {
    /// Where the next part starts.
    pub next: usize,
    /// Whether there is a comma.
    pub comma: bool,
    /// How many line breaks.
    pub lines: usize,
}

/// White space with at most one comma and two line breaks, at `at`, and what marks each line of a quotation or a comment;
/// none where nothing of the kind is there.
pub(super) fn gap(text: &[u8], at: usize) -> Option<Gap> {
    let mut gap = Gap { next: at, comma: false, lines: 0 };
    let mut marks = false;
    for byte in text[at..].iter().take(12) {
        match byte {
            b' ' | b'\t' | b'\r' => {}
            b',' if !gap.comma => gap.comma = true,
            b'\n' if gap.lines < 2 => gap.lines += 1,
            b'>' | b'|' | b'*' | b'#' | b'/' | b';' | b'?' if marks => {}
            _ => break,
        }
        marks = *byte == b'\n' || marks && *byte != b' ';
        gap.next += 1;
    }
    (gap.next > at && gap.next < text.len() && text[gap.next - 1] != b',').then_some(gap)
}

/// Words before the number of a part of a building, small.
#[rustfmt::skip]
const UNITS: &[&[u8]] = &[
    b"apartment", b"apt", b"suite", b"ste", b"unit", b"floor", b"room", b"rm", b"no", b"#", b"flat", b"building",
    b"bldg", b"block", b"level", b"wohnung", b"whg", b"top", b"piso", b"puerta", b"appt", b"appartement", b"interno",
    b"int", b"lok", b"lokal", b"m", b"byt", b"lejl", b"as",
];

/// `Apt. 4`, `Suite 697`, `# 12`
pub(super) fn unit(text: &[u8], at: usize) -> Option<usize> {
    let word = text[at..].iter().take(12).take_while(|b| b.is_ascii_alphabetic() || **b == b'#').count();
    if !UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(&text[at..at + word])) {
        return None;
    }
    let mut end = at + word;
    end += text[end..].iter().take(2).take_while(|b| matches!(b, b'.' | b' ')).count();
    let value = text[end..].iter().take(8).take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    let whole = !text.get(end + value).is_some_and(u8::is_ascii_alphanumeric);
    (whole && text[end..end + value].iter().any(u8::is_ascii_digit)).then_some(end + value)
}

/// `PA 18512`, `10115 Berlin`, `SW1A 1AA`, `1017 GC Amsterdam`, `340 12`, `90010-170`, `K1A 0B1`
pub(super) fn postcode(text: &[u8], at: usize) -> Option<usize> {
    let digits = |from: usize| text[from..].iter().take(7).take_while(|b| b.is_ascii_digit()).count();
    let ends = |end: usize| !text.get(end).is_some_and(u8::is_ascii_alphanumeric);
    let letters = text[at..].iter().take(4).take_while(|b| b.is_ascii_alphabetic()).count();
    let code = at + letters + 1;
    if matches!(letters, 2 | 3) && text.get(code - 1) == Some(&b' ') && digits(code) == 5 && ends(code + 5) {
        let more = text.get(code + 5) == Some(&b'-') && digits(code + 6) == 4;
        return Some(code + if more { 10 } else { 5 });
    }
    let count = digits(at);
    if count == 3 && text.get(at + 3) == Some(&b' ') && digits(at + 4) == 2 && ends(at + 6) {
        return Some(at + 6);
    }
    if (4..=6).contains(&count) && ends(at + count) {
        let mut end = at + count;
        if text.get(end) == Some(&b'-') && matches!(digits(end + 1), 3 | 4) && ends(end + 1 + digits(end + 1))
        {
            end += 1 + digits(end + 1);
        }
        let letters =
            text.get(end..end + 3).is_some_and(|s| s[0] == b' ' && s[1..].iter().all(u8::is_ascii_uppercase))
                && ends(end + 3);
        let end = if letters { end + 3 } else { end };
        return Some(name(text, end).filter(|_| text.get(end) == Some(&b' ')).unwrap_or(end));
    }
    let word = text[at..].iter().take(5).take_while(|b| b.is_ascii_alphanumeric()).count();
    let british = (2..=4).contains(&word)
        && is_capital(text, at)
        && text[at..at + word].iter().any(u8::is_ascii_digit)
        && matches!(text.get(at + word..), Some([b' ', b'0'..=b'9', b'A'..=b'Z', b'A'..=b'Z', ..]));
    if british && ends(at + word + 4) {
        return Some(at + word + 4);
    }
    let canadian = matches!(
        text.get(at..),
        Some([b'A'..=b'Z', b'0'..=b'9', b'A'..=b'Z', b' ', b'0'..=b'9', b'A'..=b'Z', b'0'..=b'9', ..])
    );
    (canadian && ends(at + 7)).then_some(at + 7)
}

/// A country, with what stands in brackets behind it and its postcode: `Norway`, `Austria 1010`.
pub(super) fn country(text: &[u8], at: usize) -> Option<usize> {
    if !is_capital(text, at) {
        return None;
    }
    let mut end = country_name(text, at)?;
    if text[end..].starts_with(b" (") {
        let inside = text[end + 2..].iter().take(24).take_while(|b| b.is_ascii_alphabetic() || **b >= 0x80);
        let close = end + 2 + inside.count();
        if text.get(close) == Some(&b')') {
            end = close + 1;
        }
    }
    if text.get(end) == Some(&b' ')
        && let Some(stop) = code(text, end + 1)
    {
        return Some(stop);
    }
    // `Jordan Smith`: a forename.
    let goes_on = text.get(end) == Some(&b' ') && is_capital(text, end + 1);
    (!goes_on).then_some(end)
}

/// The end of a code of three to six digits that is all there is on its line or sentence.
fn code(text: &[u8], at: usize) -> Option<usize> {
    let digits = text[at..].iter().take(7).take_while(|b| b.is_ascii_digit()).count();
    let next = text.get(at + digits).copied().unwrap_or(b'\n');
    ((3..=6).contains(&digits) && !next.is_ascii_alphanumeric()).then_some(at + digits)
}

/// The end of the name of a country that starts at `at`.
fn country_name(text: &[u8], at: usize) -> Option<usize> {
    let line = &text[at..text.len().min(at + 32)];
    let is = |name: &&str| {
        let name = name.as_bytes();
        line.len() >= name.len()
            && line[..name.len()].eq_ignore_ascii_case(name)
            && !line.get(name.len()).is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80 || *b == b'-')
    };
    let first = line.first()?.to_ascii_uppercase();
    COUNTRIES
        .iter()
        .filter(|name| name.as_bytes()[0] == first)
        .find(|name| is(name))
        .map(|name| at + name.len())
}

/// Whether the word that ends at `end` is the last of a country's name; then where the name starts.
pub(super) fn country_before(text: &[u8], end: usize) -> Option<usize> {
    let line = &text[end.saturating_sub(32)..end];
    if !COUNTRY_LETTERS.can_end(line) {
        return None;
    }
    let name = COUNTRIES.iter().map(|name| name.as_bytes()).find(|name| {
        line.len() >= name.len()
            && line[line.len() - name.len()..].eq_ignore_ascii_case(name)
            && !line[..line.len() - name.len()]
                .last()
                .is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80)
    })?;
    Some(end - name.len()).filter(|start| is_capital(text, *start))
}

static COUNTRY_LETTERS: LastLetters = LastLetters::of(COUNTRIES);

/// Countries as addresses name them, in English and in their own language. The longer of two that begin alike is first.
#[rustfmt::skip]
const COUNTRIES: &[&str] = &[
    "Afghanistan", "Albania", "Algeria", "Andorra", "Angola", "Argentina", "Armenia", "Aruba", "Australia", "Austria",
    "Azerbaijan", "Bahamas", "Bahrain", "Bangladesh", "Barbados", "Belarus", "Belgium", "Belgique", "België", "Belgien",
    "Belize", "Benin", "Bermuda", "Bhutan", "Bolivia", "Bosnia and Herzegovina", "Bosnia", "Botswana", "Brazil", "Brasil",
    "Brunei", "Bulgaria", "Burkina Faso", "Burundi", "Cambodia", "Cameroon", "Canada", "Cape Verde", "Chile", "China",
    "Colombia", "Congo", "Costa Rica", "Croatia", "Cuba", "Curaçao", "Cyprus", "Czech Republic", "Czechia",
    "Česká republika", "Côte d'Ivoire", "Denmark", "Danmark", "Dänemark", "Deutschland", "Djibouti", "Dominican Republic",
    "Ecuador", "Egypt", "El Salvador", "England", "España", "Eritrea", "Estonia", "Eesti", "Eswatini", "Ethiopia",
    "Faroe Islands", "Fiji", "Finland", "France", "Frankreich", "Gabon", "Gambia", "Georgia", "Germany", "Ghana",
    "Gibraltar", "Greece", "Greenland", "Grenada", "Guatemala", "Guernsey", "Guinea", "Guyana", "Haiti", "Honduras",
    "Hong Kong", "Hrvatska", "Hungary", "Iceland", "India", "Indonesia", "Iran", "Iraq", "Ireland", "Isle of Man",
    "Israel", "Italy", "Italia", "Italien", "Ivory Coast", "Jamaica", "Japan", "Jersey", "Jordan", "Kazakhstan", "Kenya",
    "Kosovo", "Kuwait", "Kyrgyzstan", "Laos", "Latvia", "Lebanon", "Lesotho", "Liberia", "Libya", "Liechtenstein",
    "Lithuania", "Luxembourg", "Luxemburg", "Macau", "Madagascar", "Magyarország", "Malawi", "Malaysia", "Maldives",
    "Mali", "Malta", "Mauritania", "Mauritius", "Mexico", "México", "Moldova", "Monaco", "Mongolia", "Montenegro",
    "Morocco", "Maroc", "Mozambique", "Myanmar", "Namibia", "Nederland", "Nepal", "Netherlands", "New Zealand",
    "Nicaragua", "Niger", "Nigeria", "Niederlande", "North Macedonia", "Northern Ireland", "Norway", "Norge", "Norwegen",
    "Oman", "Österreich", "Pakistan", "Palestine", "Panama", "Papua New Guinea", "Paraguay", "Peru", "Perú",
    "Philippines", "Poland", "Polska", "Polen", "Portugal", "Puerto Rico", "Qatar", "Romania", "România", "Russia",
    "Russian Federation", "Rwanda", "San Marino", "Saudi Arabia", "Schweiz", "Scotland", "Senegal", "Serbia", "Srbija",
    "Seychelles", "Sierra Leone", "Singapore", "Slovakia", "Slovensko", "Slovenia", "Slovenija", "Somalia",
    "South Africa", "South Korea", "Spain", "Spanien", "Sri Lanka", "Sudan", "Suisse", "Suomi", "Suriname", "Svizzera",
    "Sweden", "Sverige", "Schweden", "Switzerland", "Syria", "Taiwan", "Tajikistan", "Tanzania", "Thailand",
    "The Netherlands", "Togo", "Trinidad and Tobago", "Tunisia", "Tunisie", "Turkey", "Türkiye", "Turkmenistan", "UAE",
    "Uganda", "Ukraine", "United Arab Emirates", "United Kingdom", "United States of America", "United States", "Uruguay",
    "USA", "U.S.A.", "UK", "U.K.", "Uzbekistan", "Vatican City", "Venezuela", "Vietnam", "Viet Nam", "Wales", "Yemen",
    "Zambia", "Zimbabwe", "Ísland", "Éire", "Ελλάδα", "Κύπρος", "Россия", "Україна", "България", "Србија",
];

/// One to three capitalised words, or a state's two letters, with what ends a part of an address behind them.
fn locality(text: &[u8], at: usize) -> Option<usize> {
    let end = name(text, at.checked_sub(1)?)?;
    let words = text[at..end].split(|b| *b == b' ').count();
    let closed =
        matches!(text.get(end), None | Some(b',' | b'\n' | b'.' | b';' | b'"' | b'|' | b')' | b'<' | b'\r'))
            || text.get(end) == Some(&b' ') && text.get(end + 1).is_some_and(u8::is_ascii_digit)
            || matches!(text.get(end..), Some([b' ', b'A'..=b'Z', b'A'..=b'Z', b' ', b'0'..=b'9', ..]));
    (words <= 3 && closed && text[at - 1] == b' ').then_some(end)
}

/// The end of a word that can be part of the name of a place or a region.
fn place_word(text: &[u8], at: usize) -> Option<usize> {
    let open = usize::from(text.get(at) == Some(&b'('));
    let start = at + open;
    let word = letters(text[start..].iter(), b"'-");
    let end = start + word;
    let known = is_capital(text, start) || text[start..].first().is_some_and(|b| *b >= 0x80);
    let close = usize::from(open > 0 && text.get(end) == Some(&b')'));
    let dot = usize::from(word <= 4 && text[end..].starts_with(b". "));
    (word > 0 && close == open && (known || is_particle(&text[start..end]))).then_some(end + close + dot)
}

/// Where the street starts that ends at `end`: words, capitalised unless they may be `small`, and a number before or behind
/// them.
pub(super) fn street_before(text: &[u8], end: usize, small: bool) -> Option<usize> {
    const WORDS: usize = 8;
    let (mut at, mut start, mut starts_with_number) = (end, None, false);
    // Small words count once a number stands before them.
    let (mut numbers, mut names, mut small_names) = (0, 0, 0);
    for words in 0..WORDS {
        let Some(edge) =
            at.checked_sub(usize::from(words > 0)).filter(|edge| words == 0 || text[*edge] == b' ')
        else {
            break;
        };
        let length = letters_and_digits(text[..edge].iter().rev(), b"'-./");
        let from = edge - length;
        let word = text[from..edge].strip_suffix(b".").unwrap_or(&text[from..edge]);
        if is_house_number(word) && numbers < 3 {
            numbers += 1;
            names += std::mem::take(&mut small_names);
            (start, starts_with_number) = (Some(from), true);
        } else if starts_with_number && names > 0 {
            break;
        } else if word.len() > 1 && (is_capital(text, from) || word[0] >= 0x80) && !word.contains(&b'/') {
            // A full stop behind a whole word ends a sentence.
            if words > 0 && word.len() > 4 && text[edge - 1] == b'.' {
                break;
            }
            names += 1;
            (start, starts_with_number) = (Some(from), false);
        } else if names + numbers > 0 && (is_particle(word) || word.len() == 1 && is_capital(text, from)) {
            // It is inside of a street's name, and begins none.
        } else if small && numbers > 0 && word.len() > 1 && word.iter().all(u8::is_ascii_alphabetic) {
            small_names += 1;
        } else {
            break;
        }
        at = from;
    }
    let begins_well =
        |from: &usize| text[*from].is_ascii_digit() || is_capital(text, *from) || text[*from] >= 0x80;
    // `2016 Larkfield Inc., Berkeley, CA 94704`: the year of a notice.
    let year = |from: usize| {
        numbers == 1 && matches!(text[from..], [b'1', b'9', _, _, b' ', ..] | [b'2', b'0', _, _, b' ', ..])
    };
    start.filter(|_| numbers > 0 && names > 0).filter(begins_well).filter(|from| !year(*from))
}

/// `5`, `12a`, `12-14`, `3/7`
fn is_house_number(word: &[u8]) -> bool {
    let digits = word.iter().take_while(|b| b.is_ascii_digit()).count();
    (1..=6).contains(&digits)
        && matches!(word[digits..], [] | [b'a'..=b'z' | b'A'..=b'Z'] | [b'-' | b'/', b'0'..=b'9', ..])
}

/// The end of a street at `at` of any language: capitalised words with a number before or behind them.
pub(super) fn street_at(text: &[u8], at: usize) -> Option<usize> {
    const WORDS: usize = 6;
    let (mut end, mut next) = (None, at);
    let (mut numbers, mut names) = (0, 0);
    for words in 0..WORDS {
        let from = next + usize::from(words > 0);
        if words > 0 && text.get(next) != Some(&b' ') {
            break;
        }
        let length = letters_and_digits(text.get(from..)?.iter(), b"'-/");
        let word = &text[from..from + length];
        next = from + length;
        if is_house_number(word) {
            numbers += 1;
            end = Some(next);
            // The number behind a name is the last of it.
            if names > 0 {
                break;
            }
        } else if length > 1 && (is_capital(text, from) || word[0] >= 0x80) && !NO_STREETS.contains(&word) {
            names += 1;
            end = Some(next);
            next += usize::from(length < 5 && text[next..].starts_with(b". "));
        } else if names == 0 && !(numbers > 0 && is_particle(word)) || !is_particle(word) {
            break;
        }
    }
    // `88131 Lindau`: a postcode and its place.
    let digits = text[at..].iter().take(6).take_while(|b| b.is_ascii_digit()).count();
    end.filter(|_| names > 0 && numbers > usize::from(digits > 3))
}

/// Words that numbers follow, and that are no streets.
#[rustfmt::skip]
const NO_STREETS: &[&[u8]] = &[
    b"Table", b"Figure", b"Section", b"Chapter", b"Version", b"Page", b"Line", b"Step", b"Part", b"Appendix", b"RFC", b"Bits",
    b"Byte", b"Bytes", b"Bit", b"Port", b"Issue", b"Bug", b"Windows", b"Level", b"Type", b"Class", b"Room", b"Number", b"No",
];

/// Where the crossing of two streets ends whose first begins at `at`: `Pine Street and 5th Avenue`.
pub(super) fn crossing(text: &[u8], at: usize) -> Option<usize> {
    let first = side(text, at)?;
    let rest = text.get(first..)?;
    let rest = rest.strip_prefix(b".").unwrap_or(rest);
    let joint = [&b" and "[..], b" & ", b" und ", b" et ", b" y "]
        .into_iter()
        .find(|joint| rest.starts_with(joint))?;
    side(text, text.len() - rest.len() + joint.len())
}

/// One to six words of the name of a street, one of them capitalised, with its number.
fn side(text: &[u8], at: usize) -> Option<usize> {
    let (mut next, mut end, mut names) = (at, None, 0);
    for words in 0..6 {
        let from = next + usize::from(words > 0);
        if words > 0 && text.get(next) != Some(&b' ') {
            break;
        }
        let length = letters_and_digits(text.get(from..)?.iter(), b"'-");
        let word = &text[from..from + length];
        let name = length > 1 && is_capital(text, from);
        let number = word.first().is_some_and(u8::is_ascii_digit) && length < 6;
        if !(name || number || length > 0 && (is_particle(word) || text[from + length..].starts_with(b". ")))
        {
            break;
        }
        names += usize::from(name);
        next = from + length;
        if name || number {
            end = Some(next);
        }
        next += usize::from(length < 5 && text[next..].starts_with(b". "));
    }
    end.filter(|_| names > 0)
}
