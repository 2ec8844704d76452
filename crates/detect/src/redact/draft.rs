//! A redacted text that is being put together.

use std::ops::Range;

use super::{
    policy::OperatorKind,
    redactor::{Change, Item, Redacted},
    spans::Span,
    token,
};

/// The text so far, and what of it is not the original. All places are in the draft itself.
#[derive(Default)]
pub(super) struct Draft {
    text: String,
    treated: Vec<Treated>,
    /// Where our tokens stand, in order.
    tokens: Vec<Range<usize>>,
}

struct Treated {
    span: Span,
    draft: Range<usize>,
    operator: OperatorKind,
}

impl Draft {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), ..Self::default() }
    }

    /// Text that is the original's, or that nothing leads back from.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn extend(&mut self, text: impl Iterator<Item = char>) {
        self.text.extend(text);
    }

    pub(super) fn push_token(&mut self, token: &str) {
        let start = self.len();
        self.text.push_str(token);
        self.tokens.push(start..self.len());
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// What was pushed since the draft had `start` bytes stands for `span`.
    pub(super) fn treated(&mut self, span: Span, start: usize, operator: OperatorKind) {
        self.treated.push(Treated { span, draft: start..self.len(), operator });
    }

    pub(super) fn text(&self, place: &Range<usize>) -> &str {
        &self.text[place.clone()]
    }

    /// What has the form of a token but was not pushed as one, in order.
    pub(super) fn look_alikes(&self) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        let mut ours = self.tokens.iter().peekable();
        let mut from = 0;
        while let Some(found) = token::find(&self.text[from..]) {
            let found = from + found.start..from + found.end;
            from = found.end;
            if ours.next_if(|token| **token == found).is_none() {
                places.push(found);
            }
        }
        places
    }

    /// The result, with what stands in `escapes`, in order, in the place of look-alikes.
    pub(super) fn finish(self, escapes: &[(Range<usize>, String)]) -> Redacted {
        let mut text = String::with_capacity(self.len());
        let mut pieces = Vec::with_capacity(self.treated.len() + escapes.len());
        let mut done = 0;
        for (draft, token) in escapes {
            text.push_str(&self.text[done..draft.start]);
            text.push_str(token);
            done = draft.end;
            pieces.push(Piece { draft: draft.clone(), kind: PieceKind::Escape { new_end: text.len() } });
        }
        text.push_str(&self.text[done..]);
        pieces.extend(self.treated.iter().map(|treated| Piece {
            draft: treated.draft.clone(),
            kind: PieceKind::Item { original_end: treated.span.place.end },
        }));
        pieces.sort_by_key(|piece| (piece.draft.start, piece.draft.end));

        let changes = changes(&pieces);
        let mut within = changes.iter().peekable();
        let items = self.treated.into_iter().map(|treated| {
            while within.next_if(|change| change.original.end < treated.span.place.end).is_some() {}
            let change = within.peek().expect("every item lies in a change");
            Item {
                entity: treated.span.entity,
                start: change.new.start,
                end: change.new.end,
                original: treated.span.place,
                operator: treated.operator,
            }
        });
        Redacted { items: items.collect(), text, changes }
    }
}

/// A place of the draft that is not as in the original, or not as in the result.
struct Piece {
    draft: Range<usize>,
    kind: PieceKind,
}

enum PieceKind {
    Item { original_end: usize },
    Escape { new_end: usize },
}

/// The changes that `pieces`, in order, make. Those that share a byte are one.
fn changes(pieces: &[Piece]) -> Vec<Change> {
    let mut changes = Vec::with_capacity(pieces.len());
    let mut original = Follower::default();
    let mut new = Follower::default();
    let mut pieces = pieces.iter().peekable();
    while let Some(first) = pieces.next() {
        let (original_start, new_start) = (original.at(first.draft.start), new.at(first.draft.start));
        let mut end = first.draft.start;
        let mut next = Some(first);
        while let Some(piece) = next {
            match piece.kind {
                PieceKind::Item { original_end } => original.pass(piece.draft.end, original_end),
                PieceKind::Escape { new_end } => new.pass(piece.draft.end, new_end),
            }
            end = end.max(piece.draft.end);
            next = pieces.next_if(|piece| piece.draft.start < end);
        }
        changes.push(Change { original: original_start..original.at(end), new: new_start..new.at(end) });
    }
    changes
}

/// Follows a text that equals the draft from one place of each on.
#[derive(Default)]
struct Follower {
    draft: usize,
    other: usize,
}

impl Follower {
    fn pass(&mut self, draft: usize, other: usize) {
        *self = Self { draft, other };
    }

    fn at(&self, draft: usize) -> usize {
        draft - self.draft + self.other
    }
}
