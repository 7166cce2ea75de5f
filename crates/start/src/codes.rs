//! Codes for the answers of a question.

use survey::codebook::OTHER;

use crate::table::{free, slug};
use crate::values::Answer;

/// Codes with labels, or values with codes.
pub(crate) type Pairs = Vec<(String, String)>;

/// The code of all answers that are not written down.
const RARE: &str = "rare";

/// Codes with their labels, and delivered values with their codes.
pub(crate) struct Coded {
    pub(crate) codes: Pairs,
    pub(crate) values: Pairs,
}

pub(crate) fn coded(answers: &[Answer], has_rare: bool) -> Coded {
    let (mut codes, mut values) = (Pairs::new(), Pairs::new());
    for (answer, number) in answers.iter().zip(1..) {
        let slug = slug(&answer.text, 8, 40);
        let wanted = if slug.is_empty() { format!("answer_{number}") } else { slug };
        let code =
            free(&wanted, |code| code == RARE || codes.iter().any(|(known, _)| known == code));
        values.extend(answer.spellings.iter().map(|text| (text.clone(), code.clone())));
        codes.push((code, answer.text.clone()));
    }
    if has_rare {
        codes.push((RARE.to_owned(), "Another answer, given fewer than five times".to_owned()));
        values.push((OTHER.to_owned(), RARE.to_owned()));
    }
    Coded { codes, values }
}
