//! Personal data in free text: found, and masked where a view must not show it.
//!
//! People write their number into the description although nobody asked. A unit officer sees the text with such pieces
//! replaced; a channel gets a warning and can ask whether it was meant. Patterns cannot know a name from a word, so a
//! masked text may still say who wrote it: `docs/TEXT.md` has what is found and how well, measured.
//!
//! Finders look at the text as it is read and not as it is written: `fold` and `spoken` produce that text, and keep for each
//! piece where it stands in the original.
//!
//! Every pattern runs in time linear in the text: the `regex` crate has neither look-around nor back-references. Where these
//! would be needed, code checks the candidate and a bounded piece of text before it.

mod email;
mod first_person;
mod fold;
mod handle;
mod nik;
mod pattern;
mod phone;
mod plate;
mod public;
mod rt_rw;
mod spoken;

use crate::wire_enum::wire_enum;
use fold::Folded;
pub use fold::MASK;
use spoken::as_read;
use std::{collections::BTreeSet, ops::Range};

wire_enum!(
    /// What kind of personal data a piece of text looks like.
    PersonalData {
        /// Nomor Induk Kependudukan or the number of a family card: 16 digits.
        Nik = "nik",
        /// A telephone number, mobile or not.
        Phone = "phone",
        /// An e-mail address, however it is spelled.
        Email = "email",
        /// A vehicle's registration plate.
        Plate = "plate",
        /// A handle or an address in a social network.
        Handle = "handle",
        /// The neighbourhood of somebody's home.
        RtRw = "rt_rw",
    }
);

/// A piece of a text that looks like personal data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// Where the piece stands, as a range of bytes.
    pub range: Range<usize>,
    /// The kind of personal data that it looks like.
    pub kind: PersonalData,
}

type Finder = fn(&str) -> Vec<Range<usize>>;

/// The more specific kinds come first, since a finder does not see what an earlier one has claimed: else a link would end at
/// its `@`.
const FINDERS: &[(PersonalData, Finder)] = &[
    (PersonalData::Phone, phone::links),
    (PersonalData::Handle, handle::links),
    (PersonalData::Email, email::find),
    (PersonalData::Nik, nik::find),
    (PersonalData::Phone, phone::find),
    (PersonalData::RtRw, rt_rw::find),
    (PersonalData::Plate, plate::find),
    (PersonalData::Handle, handle::names),
];

/// The most rounds of search in one text. A text that people write takes two or three; one that is built so that each round
/// frees the next piece is masked from end to end instead, so that no view of it takes long.
const ROUNDS: usize = 8;

/// A text while it is being masked.
struct Masking<'a> {
    text: &'a str,
    /// The pieces found, in order and without overlap.
    pieces: Vec<Piece>,
    /// The masked text as it is read, with positions in the original.
    read: Folded,
}

impl<'a> Masking<'a> {
    /// Masks until nothing more is found.
    ///
    /// Once a piece is masked, its neighbours have other surroundings, in which they may be found too. Only when a whole round
    /// finds nothing can the masked text hold nothing that a finder would find.
    fn new(text: &'a str) -> Self {
        let mut masking = Self { text, pieces: Vec::new(), read: as_read(text) };
        for _ in 0..ROUNDS {
            let found = FINDERS.iter().filter(|(kind, find)| masking.mask(*kind, find)).count();
            if found == 0 {
                return masking;
            }
            masking.read_anew();
        }
        masking.mask_the_rest();
        masking
    }

    /// Masks what one finder finds, and returns whether it found anything.
    fn mask(&mut self, kind: PersonalData, find: &Finder) -> bool {
        let found = find(&self.read.text).into_iter();
        let telling = found.filter(|range| self.read.text.get(range.clone()).is_some_and(says_something));
        let mut ranges: Vec<Range<usize>> = telling.map(|range| self.read.whole(range)).collect();
        ranges.sort_unstable_by_key(|range| range.start);
        // Two pieces may each have part of one word that stands for several digits.
        ranges.dedup_by(|next, range| {
            let touch = next.start < range.end;
            range.end = if touch { range.end.max(next.end) } else { range.end };
            touch
        });
        let more = !ranges.is_empty();
        if more {
            self.add(ranges.iter().map(|range| Piece { range: self.read.written(range), kind }).collect());
            self.read = self.read.masked(&ranges);
        }
        more
    }

    /// Reads the masked text again from the start, as a person who gets it would.
    fn read_anew(&mut self) {
        self.read = as_read(&render(self.text, &self.pieces));
        let mut pieces = self.pieces.iter().peekable();
        let (mut taken, mut put) = (0, 0);
        self.read.lead(|place| {
            while let Some(piece) =
                pieces.next_if(|piece| piece.range.start + put + MASK.len() <= place + taken)
            {
                taken += piece.range.len();
                put += MASK.len();
            }
            let within = pieces.peek().is_some_and(|piece| piece.range.start + put < place + taken);
            if within { pieces.peek().map_or(place, |piece| piece.range.start) } else { place + taken - put }
        });
    }

    fn mask_the_rest(&mut self) {
        let starts = std::iter::once(0).chain(self.pieces.iter().map(|piece| piece.range.end));
        let ends = self.pieces.iter().map(|piece| piece.range.start).chain([self.text.len()]);
        let kinds = self.pieces.iter().chain(self.pieces.last()).map(|piece| piece.kind);
        let rest = starts.zip(ends).zip(kinds).map(|((start, end), kind)| Piece { range: start..end, kind });
        let rest =
            rest.filter(|piece| self.text.get(piece.range.clone()).is_some_and(says_something)).collect();
        self.add(rest);
    }

    fn add(&mut self, pieces: Vec<Piece>) {
        self.pieces.extend(pieces);
        self.pieces.sort_unstable_by_key(|piece| piece.range.start);
    }
}

fn render(text: &str, pieces: &[Piece]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for Piece { range, .. } in pieces {
        masked += text.get(at..range.start).unwrap_or_default();
        masked += MASK;
        at = range.end;
    }
    masked + text.get(at..).unwrap_or_default()
}

/// The text with each symbol in its plain form and without invisible characters: digits of all scripts become ASCII, dashes
/// become hyphens.
pub(crate) fn as_symbols(text: &str) -> String {
    Folded::new(text).text
}

fn says_something(piece: &str) -> bool {
    piece.contains(char::is_alphanumeric)
}

/// The text with every piece that looks like personal data replaced by [`MASK`]. Pieces of the kinds in `keeps`, which the
/// report is about, stay unless the text says that they are the writer's own.
#[must_use]
pub fn masked(keeps: &BTreeSet<PersonalData>, text: &str) -> String {
    render(text, &pieces_beside(keeps, text))
}

/// The kinds of personal data that [`masked`] would remove from the text.
#[must_use]
pub fn found(keeps: &BTreeSet<PersonalData>, text: &str) -> BTreeSet<PersonalData> {
    pieces_beside(keeps, text).into_iter().map(|piece| piece.kind).collect()
}

fn pieces_beside(keeps: &BTreeSet<PersonalData>, text: &str) -> Vec<Piece> {
    let is_own = |piece: &Piece| first_person::is_own(text, piece.range.start);
    let (mut stay, mut gone): (Vec<Piece>, Vec<Piece>) =
        pieces(text).into_iter().partition(|piece| keeps.contains(&piece.kind) && !is_own(piece));
    // Once a piece is masked, the words after it may read otherwise: a word that was joined to a number stands alone.
    loop {
        let read = |piece: &Piece| {
            let before = gone.iter().take_while(|other| other.range.end <= piece.range.start);
            render(text.get(..piece.range.start).unwrap_or_default(), &before.cloned().collect::<Vec<_>>())
        };
        let is_own = |piece: &mut Piece| {
            let before = read(piece);
            first_person::is_own(&before, before.len())
        };
        let mut more: Vec<Piece> = stay.extract_if(.., is_own).collect();
        if more.is_empty() {
            // What stays may even read as another kind: `5t.me/62…` is a name, and `t.me/62…` a telephone.
            let reads_otherwise = |piece: &Piece| !keeps.contains(&piece.kind);
            if stay.is_empty() || !pieces(&render(text, &gone)).iter().any(reads_otherwise) {
                return gone;
            }
            more.append(&mut stay);
        }
        gone.extend(more);
        gone.sort_unstable_by_key(|piece| piece.range.start);
    }
}

/// All pieces of the text that look like personal data, in order.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece> {
    Masking::new(text).pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_after_too_many_rounds_is_masked_to_the_end() {
        let text = "Hubungi budi@contoh.id, atau siapa saja …";
        let mut masking = Masking { text, pieces: Vec::new(), read: as_read(text) };
        masking.mask(PersonalData::Email, &(email::find as Finder));
        masking.mask_the_rest();
        let whole = render(text, &masking.pieces);
        assert_eq!(whole, MASK.repeat(3));
        assert_eq!(masked(&BTreeSet::new(), &whole), whole);
    }
}
