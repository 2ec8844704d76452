//! Words of tokens: a model names the first token of a word, and the name is that of the whole word.

use std::ops::Range;

/// A token: its number in the vocabulary, and its place in the text, which may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) id: i32,
    pub(super) place: Range<usize>,
}

/// A word: its place, and the index of its first token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) place: Range<usize>,
    pub(super) token: usize,
}

/// The words that tokens make up. Vocabularies differ in what they cut where, and in whether a token has the space before
/// it: a word here is what tokens make up that touch between two letters or digits, and any other token.
pub(super) fn of_tokens(text: &str, tokens: &[Token]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::with_capacity(tokens.len());
    for (index, token) in tokens.iter().enumerate() {
        let place = trimmed(text, token.place.clone());
        if place.is_empty() {
            continue;
        }
        let last = words.last_mut().filter(|word| {
            place.start < word.place.end
                || place.start == word.place.end
                    && text[..place.start].chars().next_back().is_some_and(is_of_word)
                    && text[place.start..].chars().next().is_some_and(is_of_word)
        });
        match last {
            // A character of several bytes may have several tokens, all of which say they are all of it.
            Some(word) => word.place.end = word.place.end.max(place.end),
            None => words.push(Word { place, token: index }),
        }
    }
    words
}

/// Whether a character is of the inside of words: letters, digits, and marks upon them.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36F}' | '_')
}

/// The place without the space at its ends, on the borders of characters.
fn trimmed(text: &str, place: Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(place.start);
    let end = text.ceil_char_boundary(place.end).max(start);
    let inside = &text[start..end];
    let start = start + (inside.len() - inside.trim_start().len());
    start..start + inside.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<'t>(text: &'t str, places: &[Range<usize>]) -> Vec<(&'t str, usize)> {
        let tokens: Vec<_> = places.iter().map(|place| Token { id: 0, place: place.clone() }).collect();
        of_tokens(text, &tokens).into_iter().map(|word| (&text[word.place], word.token)).collect()
    }

    #[test]
    fn pieces_of_a_word_are_one_and_signs_stand_alone() {
        let text = "Mara Lind-Weber, 42.";
        let found = words(text, &[0..2, 2..4, 5..9, 9..10, 10..12, 12..15, 15..16, 17..19, 19..20]);
        assert_eq!(found, [("Mara", 0), ("Lind", 2), ("-", 3), ("Weber", 4), (",", 6), ("42", 7), (".", 8)]);
    }

    #[test]
    fn the_space_before_a_token_is_not_of_its_word() {
        assert_eq!(words("by Mara Lind", &[0..2, 2..7, 7..8, 7..12]), [("by", 0), ("Mara", 1), ("Lind", 3)]);
    }

    #[test]
    fn tokens_of_one_character_are_one_word() {
        let text = "Zo\u{EB} \u{1F600}";
        assert_eq!(words(text, &[0..2, 2..3, 3..4, 5..7, 7..9]), [("Zo\u{EB}", 0), ("\u{1F600}", 3)]);
    }
}
