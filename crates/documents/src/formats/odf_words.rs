//! The words of a paragraph of OpenDocument, piece by piece, as its spans and changes cut them.

use super::paragraph;
use crate::{
    Marks,
    layout::{Layout, Raw},
    segment::Spot,
};

#[derive(Debug, Default)]
pub(super) struct Words<'x>(Vec<(Raw<'x>, Marks)>);

impl<'x> Words<'x> {
    pub(super) fn push(&mut self, raw: Raw<'x>, marks: Marks) {
        self.0.push((raw, marks));
    }

    /// The same for words in which a line end is no more than a blank, with the blanks around it.
    pub(super) fn push_flowing(&mut self, raw: &Raw<'x>, marks: Marks) {
        let mut at = raw.at;
        for (index, line) in raw.text.split('\n').enumerate() {
            let text = if index == 0 { line } else { line.trim_ascii_start() };
            if index > 0 && !self.0.last().is_none_or(|(last, _)| last.text.ends_with(' ')) {
                self.blank(" ", marks);
            }
            if !text.is_empty() {
                self.push(Raw { text, at: at + line.len() - text.len(), ..*raw }, marks);
            }
            at += line.len() + 1;
        }
    }

    /// A blank, tab or line end that is an element: no part writes it as such.
    pub(super) fn blank(&mut self, text: &'static str, marks: Marks) {
        self.push(Raw::made(text), marks);
    }

    /// A paragraph that follows.
    pub(super) fn append(&mut self, mut other: Self) {
        if let (Some((_, marks)), false) = (self.0.last(), other.0.is_empty()) {
            self.blank("\n", *marks);
        }
        self.0.append(&mut other.0);
    }

    /// What follows on the same line.
    pub(super) fn go_on(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub(super) fn mark(&mut self, more: Marks) {
        self.0.iter_mut().for_each(|(_, marks)| *marks = *marks | more);
    }

    pub(super) fn has(&self, what: impl Fn(char) -> bool + Copy) -> bool {
        self.0.iter().any(|(raw, _)| raw.text.contains(what))
    }

    pub(super) fn meaning(&self) -> String {
        self.0.iter().map(|(raw, _)| raw.meaning()).collect()
    }

    pub(super) fn lay_out(&self, label: &str, spot: Spot, layout: &mut Layout<'_>) {
        paragraph::lay_out(label, &self.0, std::iter::empty(), spot, layout);
    }
}
