//! The cells of one column, many rows at a time.

use survey::Class;
use workbook::text::{Span, trim};

use super::plan::Plan;
use crate::column::{Added, Cells};
use crate::identifier::Id;

/// The spans of one column out of rows of equal width.
pub(super) struct Spans<'a> {
    pub(super) rows: &'a [Span],
    pub(super) width: usize,
    pub(super) position: usize,
}

/// Texts of up to this many bytes are copied together with what stands behind them: no call, no loop.
const SHORT: usize = 32;
const WORD: usize = 8;

impl<'a> Spans<'a> {
    fn at(&self, row: usize) -> Span {
        self.rows[row * self.width + self.position]
    }

    fn iter(&self) -> impl Iterator<Item = Span> + use<'a> {
        let position = self.position;
        self.rows.chunks_exact(self.width).map(move |row| row[position])
    }
}

pub(super) fn keep(cells: &mut Cells, spans: &Spans<'_>, bytes: &[u8], plan: &Plan<'_>) {
    let rows = spans.rows.len() / spans.width;
    let mut added = cells.add(rows);
    let tells_by_form = plan.classifier.tells_by_form();
    let mut row = 0;
    loop {
        if tells_by_form {
            row += keep_short(&mut added, row, spans, bytes, plan.classifier.decimal());
        }
        if row == rows {
            break;
        }
        let span = spans.at(row);
        let text = span.text(bytes, plan.dialect.quote);
        match plan.classifier.classify(&text) {
            // A sign of missing; white space stays as it is.
            Class::Empty if !trim(&text).is_empty() => added.write(row, Class::Empty, b""),
            class => added.write(row, class, &text),
        }
        row += 1;
    }
}

/// Copies texts that are short and whose form tells their class, from this row on up to the first that is not; says how many.
#[inline(never)]
fn keep_short(
    added: &mut Added<'_>,
    first: usize,
    spans: &Spans<'_>,
    bytes: &[u8],
    decimal: u8,
) -> usize {
    let before = added.end;
    let (room, ends, classes) = added.parts(first);
    let rows = spans.rows[first * spans.width..].chunks_exact(spans.width);
    let (mut end, mut done) = (0, 0);
    for ((row, cell_end), class) in rows.zip(ends).zip(classes) {
        let span = row[spans.position];
        let Some(found) = copy_short(span, bytes, &mut room[end..], decimal) else { break };
        end += span.plain_bytes();
        *cell_end = (before + end) as i32;
        *class = found as i8;
        done += 1;
    }
    added.end = before + end;
    done
}

/// Copies a text that is short and whose form tells its class, and says the class.
#[inline]
fn copy_short(span: Span, bytes: &[u8], to: &mut [u8], decimal: u8) -> Option<Class> {
    let (start, length) = (span.start as usize, span.plain_bytes());
    if length <= WORD {
        let word = u64::from_le_bytes(*bytes.get(start..start + WORD)?.first_chunk()?);
        let class = class_of_word(word, length, decimal)?;
        *to.first_chunk_mut()? = word.to_le_bytes();
        Some(class)
    } else if length <= SHORT && bytes[start].is_ascii_alphabetic() {
        let text: &[u8; SHORT] = bytes.get(start..start + SHORT)?.first_chunk()?;
        *to.first_chunk_mut()? = *text;
        Some(Class::Text)
    } else {
        None
    }
}

/// The class of the first up to eight bytes, as `Classifier` tells it; none where it has to look closer.
#[inline]
fn class_of_word(word: u64, length: usize, decimal: u8) -> Option<Class> {
    const LOW_BITS: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let from_zero = word ^ 0x3030_3030_3030_3030;
    // The top bit of each byte that is no digit.
    let others = (((from_zero & LOW_BITS) + 0x7676_7676_7676_7676) | from_zero) & !LOW_BITS;
    // Without the bytes behind the text.
    let unused_bits = 64 - 8 * length as u32;
    let others = others.unbounded_shl(unused_bits);
    if others == 0 {
        return Some(if length == 0 { Class::Empty } else { Class::Number });
    }
    if (word as u8).is_ascii_alphabetic() {
        return Some(Class::Text);
    }
    let first_other = (others >> unused_bits).trailing_zeros() as usize / 8;
    let fraction = others.is_power_of_two()
        && (word >> (8 * first_other)) as u8 == decimal
        && first_other + 1 < length;
    fraction.then_some(Class::Number)
}

pub(super) fn pseudonymise(cells: &mut Cells, spans: &Spans<'_>, bytes: &[u8], plan: &Plan<'_>) {
    for span in spans.iter() {
        let text = span.text(bytes, plan.dialect.quote);
        let class = plan.classifier.classify(&text);
        let pseudonym = Id::of(class, &text).hidden(plan.key);
        cells.push(class, pseudonym.as_ref().map_or(b"", |pseudonym| pseudonym));
    }
}

pub(super) fn drop_personal(cells: &mut Cells, spans: &Spans<'_>, bytes: &[u8], plan: &Plan<'_>) {
    for span in spans.iter() {
        let class = plan.classifier.classify(&span.text(bytes, plan.dialect.quote));
        cells.push(class, b"");
    }
}

#[cfg(test)]
mod tests {
    use config::export::ValueForms;
    use proptest::prelude::*;

    use super::*;
    use crate::classify::Classifier;

    proptest! {
        #[test]
        fn a_class_told_at_once_is_the_one_that_the_classifier_tells(text in "[0-9]{0,4}[,.]?[0-9]{0,3}|[0-9,.a-cXYZ é\u{a0}+#-]{0,8}", decimal_comma in any::<bool>()) {
            let text = text.as_bytes();
            prop_assume!(text.len() <= WORD);
            let classifier = Classifier::new(&ValueForms { decimal_comma, ..ValueForms::default() });
            for behind in [b'7', b'x', b','] {
                let mut block = [behind; WORD];
                block[..text.len()].copy_from_slice(text);
                let word = u64::from_le_bytes(block);
                if let Some(class) = class_of_word(word, text.len(), classifier.decimal()) {
                    prop_assert_eq!(class, classifier.classify(text));
                }
            }
        }
    }
}
