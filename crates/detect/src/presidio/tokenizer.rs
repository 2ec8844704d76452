//! Takes a text apart as spaCy's English tokenizer does, which decides what counts as a word of context.
//!
//! Words are what white space separates. Punctuation, quotes, currencies and symbols are taken off their ends; what is
//! left is an exception (an abbreviation, a contraction, a time, an emoticon), a URL, or is split once more at hyphens,
//! slashes and the like between letters. An emoticon that only comes about by that, as in `acct:x`, is not seen.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::contractions;

/// The places of the tokens of `text`. White space beyond single spaces makes tokens too.
pub(super) fn tokenize(text: &str) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    let mut in_space = text.starts_with(char::is_whitespace);
    for (at, c) in text.char_indices() {
        if c.is_whitespace() != in_space {
            push_span(text, start..at, in_space, &mut tokens);
            // The space after a word belongs to it.
            start = if c == ' ' { at + 1 } else { at };
            in_space = !in_space;
        }
    }
    push_span(text, start..text.len(), in_space, &mut tokens);
    tokens
}

fn push_span(text: &str, span: Range<usize>, is_space: bool, tokens: &mut Vec<Range<usize>>) {
    if is_space && !span.is_empty() {
        tokens.push(span);
    } else if !is_space {
        split_word(text, span, tokens);
    }
}

fn split_word(text: &str, mut word: Range<usize>, tokens: &mut Vec<Range<usize>>) {
    let mut suffixes = Vec::new();
    while !word.is_empty() && exception(&text[word.clone()]).is_none() {
        let prefix = prefix_len(&text[word.clone()]);
        if prefix > 0 && exception(&text[word.start + prefix..word.end]).is_some() {
            tokens.push(word.start..word.start + prefix);
            word.start += prefix;
            break;
        }
        let suffix = suffix_len(&text[word.start + prefix..word.end]);
        if suffix > 0 && exception(&text[word.start..word.end - suffix]).is_some() {
            suffixes.push(word.end - suffix..word.end);
            word.end -= suffix;
            break;
        }
        if prefix + suffix == 0 {
            break;
        }
        if prefix > 0 {
            tokens.push(word.start..word.start + prefix);
            word.start += prefix;
        }
        if suffix > 0 {
            suffixes.push(word.end - suffix..word.end);
            word.end -= suffix;
        }
    }
    if !word.is_empty() {
        split_rest(text, word, tokens);
    }
    tokens.extend(suffixes.into_iter().rev());
}

fn split_rest(text: &str, word: Range<usize>, tokens: &mut Vec<Range<usize>>) {
    let written = &text[word.clone()];
    let mut start = word.start;
    match exception(written) {
        Some(Exception::Whole) => {}
        Some(Exception::Split(length)) => {
            tokens.push(start..start + length);
            start += length;
        }
        None if is_url(written) => {}
        None => {
            for infix in infixes(written) {
                let (from, to) = (word.start + infix.start, word.start + infix.end);
                if from == word.start {
                    continue;
                }
                if from > start {
                    tokens.push(start..from);
                }
                tokens.push(from..to);
                start = to;
            }
        }
    }
    if start < word.end {
        tokens.push(start..word.end);
    }
}

/// How a word that follows no rule is taken apart.
enum Exception {
    Whole,
    /// After this many bytes.
    Split(usize),
}

fn exception(word: &str) -> Option<Exception> {
    static TIME: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?P<hour>[1-9]|1[0-2])(?:am|pm|a\.m\.|p\.m\.)$").expect("a correct regular expression")
    });
    let bytes = word.as_bytes();
    let initial = bytes.len() == 2 && bytes[0].is_ascii_lowercase() && bytes[1] == b'.';
    if initial
        || matches!(word, "'" | "''" | "—")
        || ABBREVIATIONS.contains(&word)
        || EMOTICONS.contains(&word)
    {
        return Some(Exception::Whole);
    }
    let split = TIME.captures(word).map(|time| time["hour"].len());
    split.or_else(|| contractions::split(word)).map(Exception::Split)
}

const ABBREVIATIONS: &[&str] = &[
    "Adm.", "Ak.", "Ala.", "Apr.", "Ariz.", "Ark.", "Aug.", "Bros.", "C++", "Calif.", "Co.", "Colo.",
    "Conn.", "Corp.", "D.C.", "Dec.", "Del.", "Dr.", "E.G.", "E.g.", "Feb.", "Fla.", "Ga.", "Gen.", "Gov.",
    "I.E.", "I.e.", "Ia.", "Id.", "Ill.", "Inc.", "Ind.", "Jan.", "Jr.", "Jul.", "Jun.", "Kan.", "Kans.",
    "Ky.", "La.", "Ltd.", "Mar.", "Mass.", "Md.", "Messrs.", "Mich.", "Minn.", "Miss.", "Mo.", "Mont.",
    "Mr.", "Mrs.", "Ms.", "Mt.", "N.C.", "N.D.", "N.H.", "N.J.", "N.M.", "N.Y.", "Neb.", "Nebr.", "Nev.",
    "Nov.", "Oct.", "Okla.", "Ore.", "Pa.", "Ph.D.", "Prof.", "Rep.", "Rev.", "S.C.", "Sen.", "Sep.",
    "Sept.", "St.", "Tenn.", "Va.", "Wash.", "Wis.", "a.m.", "and/or", "co.", "e.g.", "i.e.", "p.m.", "v.s.",
    "vs.", "w/o", "°C.", "°F.", "°K.", "°c.", "°f.", "°k.", "ä.", "ö.", "ü.",
];

/// They stay whole, so that a letter or a digit in them is no word.
const EMOTICONS: &[&str] = &[
    "(*_*)",
    "(-8",
    "(-:",
    "(-;",
    "(-_-)",
    "(._.)",
    "(:",
    "(;",
    "(=",
    "(>_<)",
    "(^_^)",
    "(o:",
    "(¬_¬)",
    "(ಠ_ಠ)",
    "(╯°□°）╯︵┻━┻",
    ")-:",
    "):",
    "-_-",
    "-__-",
    "._.",
    "0.0",
    "0.o",
    "0_0",
    "0_o",
    "8)",
    "8-)",
    "8-D",
    "8D",
    ":'(",
    ":')",
    ":'-(",
    ":'-)",
    ":(",
    ":((",
    ":(((",
    ":()",
    ":)",
    ":))",
    ":)))",
    ":*",
    ":-(",
    ":-((",
    ":-(((",
    ":-)",
    ":-))",
    ":-)))",
    ":-*",
    ":-/",
    ":-0",
    ":-3",
    ":->",
    ":-D",
    ":-O",
    ":-P",
    ":-X",
    ":-]",
    ":-o",
    ":-p",
    ":-x",
    ":-|",
    ":-}",
    ":/",
    ":0",
    ":1",
    ":3",
    ":>",
    ":D",
    ":O",
    ":P",
    ":X",
    ":]",
    ":o",
    ":o)",
    ":p",
    ":x",
    ":|",
    ":}",
    ";)",
    ";-)",
    ";-D",
    ";D",
    ";_;",
    "<.<",
    "</3",
    "<3",
    "<33",
    "<333",
    "=(",
    "=)",
    "=/",
    "=3",
    "=D",
    "=[",
    "=]",
    "=|",
    ">.<",
    ">.>",
    ">:(",
    ">:o",
    "><(((*>",
    "@_@",
    "O.O",
    "O.o",
    "O_O",
    "O_o",
    "V.V",
    "V_V",
    "XD",
    "XDD",
    "[-:",
    "[:",
    "[=",
    "]=",
    "^_^",
    "^__^",
    "^___^",
    "o.0",
    "o.O",
    "o.o",
    "o_0",
    "o_O",
    "o_o",
    "v.v",
    "v_v",
    "xD",
    "xDD",
    "¯\\(ツ)/¯",
    "ಠ_ಠ",
    "ಠ︵ಠ",
];

const PUNCTUATION: &str = "…,:;!?¿؟¡()[]{}<>_#*&。？！，、；：～·।،۔؛٪";
const QUOTES: &str = "'\"”“`‘´’‚,„»«「」『』（）〔〕【】《》〈〉⟦⟧";
const HYPHENS: [&str; 7] = ["---", "--", "——", "-", "–", "—", "~"];
/// What is taken off after a digit.
const UNITS: &[&str] = &[
    "km", "km²", "km³", "m", "m²", "m³", "dm", "dm²", "dm³", "cm", "cm²", "cm³", "mm", "mm²", "mm³", "ha",
    "µm", "nm", "yd", "in", "ft", "kg", "g", "mg", "µg", "t", "lb", "oz", "m/s", "km/h", "kmh", "mph", "hPa",
    "Pa", "mbar", "mb", "MB", "kb", "KB", "gb", "GB", "tb", "TB", "T", "G", "M", "K", "%", "км", "м", "дм",
    "см", "мм", "нм", "кг", "г", "мг", "м/с", "км/ч", "кПа", "Па", "мбар", "Кб", "КБ", "кб", "Мб", "МБ",
    "мб", "Гб", "ГБ", "гб", "Тб", "ТБ",
];

fn prefix_len(word: &str) -> usize {
    let mut characters = word.chars();
    let Some(first) = characters.next() else { return 0 };
    let dots = run_of_dots(word);
    if dots >= 2 {
        return dots;
    }
    if let Some(dollar) = ["US$", "C$", "A$"].iter().find(|dollar| word.starts_with(**dollar)) {
        return dollar.len();
    }
    let plus = first == '+' && !characters.next().is_some_and(|c| c.is_ascii_digit());
    let taken = plus || "§%=—–".contains(first) || is_edge(first) || is_currency(first);
    if taken { first.len_utf8() } else { 0 }
}

fn suffix_len(word: &str) -> usize {
    let mut backwards = word.chars().rev();
    let Some(last) = backwards.next() else { return 0 };
    let before = backwards.next();
    let after_digit = |suffix: &&str| {
        word.strip_suffix(*suffix).is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()))
    };
    let dollars = ["US$", "C$", "A$"];
    if let Some(longest) =
        UNITS.iter().chain(&dollars).filter(|unit| after_digit(unit)).map(|unit| unit.len()).max()
    {
        return longest;
    }
    if last == '.' {
        let dots = word.len() - word.trim_end_matches('.').len();
        let kelvin = before.is_some_and(|c| "FfCcKk".contains(c)) && backwards.next() == Some('°');
        let abbreviation = word.chars().rev().skip(1).take(2).filter(|&c| is_upper(c)).count() == 2;
        let ends =
            before.is_some_and(|c| c.is_ascii_digit() || is_lower(c) || "%²-+".contains(c) || is_mark(c));
        return match dots {
            2.. => dots,
            _ => usize::from(kelvin || abbreviation || ends),
        };
    }
    if matches!(last, 's' | 'S') && before.is_some_and(|c| matches!(c, '\'' | '’')) {
        return before.map_or(0, char::len_utf8) + 1;
    }
    let digit_before = before.is_some_and(|c| c.is_ascii_digit());
    let taken = is_edge(last) || "—–".contains(last) || digit_before && (last == '+' || is_currency(last));
    if taken { last.len_utf8() } else { 0 }
}

/// Where a word is taken apart in its middle.
fn infixes(word: &str) -> Vec<Range<usize>> {
    let mut infixes = Vec::new();
    let mut at = 0;
    while let Some(c) = word[at..].chars().next() {
        let length = infix_len(word, at, c);
        if length > 0 {
            infixes.push(at..at + length);
        }
        at += length.max(c.len_utf8());
    }
    infixes
}

fn infix_len(word: &str, at: usize, c: char) -> usize {
    let before = word[..at].chars().next_back();
    let follows =
        |length: usize, test: fn(char) -> bool| word[at + length..].chars().next().is_some_and(test);
    let after = |test: fn(char) -> bool| before.is_some_and(test);
    let dots = run_of_dots(&word[at..]);
    if dots >= 2 {
        return dots;
    }
    let length = c.len_utf8();
    let found = c == '…'
        || is_symbol(c)
        || "+-*^".contains(c)
            && after(|c| c.is_ascii_digit())
            && follows(length, |c| c.is_ascii_digit() || c == '-')
        || c == '.'
            && after(|c| is_lower(c) || is_quote(c))
            && follows(length, |c| is_upper(c) || is_quote(c))
        || c == ',' && after(char::is_alphabetic) && follows(length, char::is_alphabetic)
        || ":<>=/".contains(c) && after(is_letter_or_digit) && follows(length, char::is_alphabetic);
    if found {
        return length;
    }
    let hyphen = HYPHENS.iter().find(|hyphen| word[at..].starts_with(**hyphen));
    match hyphen {
        Some(hyphen) if after(is_letter_or_digit) && follows(hyphen.len(), char::is_alphabetic) => {
            hyphen.len()
        }
        _ => 0,
    }
}

fn run_of_dots(text: &str) -> usize {
    text.len() - text.trim_start_matches('.').len()
}

fn is_letter_or_digit(c: char) -> bool {
    c.is_alphabetic() || c.is_ascii_digit()
}

/// In scripts without case, letters are upper and lower at once.
fn is_lower(c: char) -> bool {
    c.is_alphabetic() && !c.is_uppercase()
}

fn is_upper(c: char) -> bool {
    c.is_alphabetic() && !c.is_lowercase()
}

fn is_quote(c: char) -> bool {
    QUOTES.contains(c)
}

fn is_mark(c: char) -> bool {
    PUNCTUATION.contains(c) || is_quote(c)
}

fn is_edge(c: char) -> bool {
    is_mark(c) || is_symbol(c)
}

fn is_currency(c: char) -> bool {
    matches!(c, '$' | '£' | '€' | '¥' | '฿' | '﷼' | '\u{20a0}'..='\u{20bf}')
}

/// Symbols that are neither mathematical nor money, such as arrows, emoji, ©.
fn is_symbol(c: char) -> bool {
    static SYMBOL: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\p{So}$").expect("a correct regular expression"));
    !c.is_ascii() && SYMBOL.is_match(c.encode_utf8(&mut [0; 4]))
}

fn is_url(word: &str) -> bool {
    static URL: LazyLock<Regex> = LazyLock::new(|| {
        let label =
            r"(?:[A-Za-z0-9\x{a1}-\x{ffff}][A-Za-z0-9\x{a1}-\x{ffff}_-]{0,62})?[A-Za-z0-9\x{a1}-\x{ffff}]\.";
        let host = format!(r"(?:{label})+[\p{{L}}&&\P{{Lu}}]{{2,63}}");
        let octet = "(?:1?[0-9]{1,2}|2[0-4][0-9]|25[0-5])";
        let address = format!(
            r"(?:[1-9][0-9]?|1[0-9]{{2}}|2[01][0-9]|22[0-3])(?:\.{octet}){{2}}\.(?:[1-9][0-9]?|1[0-9]{{2}}|2[0-4][0-9]|25[0-4])"
        );
        let url = format!(
            r"^(?:[\w+.-]{{2,}}://)?(?:\S+(?::\S*)?@)?(?:{address}|{host})(?::[0-9]{{2,5}})?(?:[/?#]\S*)?$"
        );
        Regex::new(&url).expect("a correct regular expression")
    });
    word.contains('.') && URL.is_match(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens as spaCy 3.8 (`spacy.blank("en")`) makes them, by `|`.
    #[test]
    fn text_is_taken_apart_as_spacy_does() {
        for (text, tokens) in [
            ("My SSN is: 457-55-5462.", "My|SSN|is|:|457|-|55|-|5462|."),
            ("(212) 555-0143, ext.", "(|212|)|555|-|0143|,|ext|."),
            ("I don't; you'll e.g. see Mr. X", "I|do|n't|;|you|'ll|e.g.|see|Mr.|X"),
            ("see https://www.example.org/a?b=c, (ok)", "see|https://www.example.org/a?b=c|,|(|ok|)"),
            ("mara.lind@example.org", "mara.lind@example.org"),
            (
                "license-plate acct:zip and/or 10am 5km $5 #7",
                "license|-|plate|acct|:|zip|and/or|10|am|5|km|$|5|#|7",
            ),
            ("a  b\nc", "a| |b|\n|c"),
            ("wait...what?! ::1", "wait|...|what|?|!|:|:1"),
            ("U.S. 100% 20€ –x", "U.S.|100|%|20|€|–|x"),
        ] {
            let found: Vec<&str> = tokenize(text).into_iter().map(|token| &text[token]).collect();
            assert_eq!(found.join("|"), tokens);
        }
    }
}
