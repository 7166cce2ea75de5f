//! How a producer writes an answer in a cell.

use crate::vocabulary::{Answer, DONT_KNOW, NOT_APPLICABLE, NOT_ROUTED, REFUSED, UNANSWERED, list};

/// Delivered texts of an answer list (or of a number) in one dialect.
#[derive(Debug, Clone)]
pub struct Coding {
    pub name: String,
    /// The number stands as it is, unless `texts` says otherwise.
    pub number: bool,
    pub texts: Texts,
}

const REASONS: [(Answer, &str); 3] = [
    (DONT_KNOW, "Weet niet"),
    (NOT_APPLICABLE, "Niet van toepassing, ik heb geen internet"),
    (REFUSED, "Wil ik niet zeggen"),
];

impl Coding {
    /// A dialect by name: `label`, `number`, `number_swapped`, …
    pub fn of(list_name: &str, style: &str, option: &str) -> Self {
        let special = match list_name {
            "" => return Self::numeric(style),
            "yes_no" => yes_no(style, option),
            "agreement" => agreement(style),
            "education_detail" => Some(education(style)),
            "sex" => sex(style),
            _ => None,
        };
        let texts = special.unwrap_or_else(|| general(list_name, style));
        Self { name: format!("{list_name}_{style}"), number: false, texts }
    }

    fn numeric(style: &str) -> Self {
        let texts = match style {
            "number_99" => worded(&[(DONT_KNOW, &["99"])]),
            "number_98" => worded(&[(DONT_KNOW, &["98"]), (REFUSED, &["99"])]),
            "number_88" => worded(&[(DONT_KNOW, &["88"]), (UNANSWERED, &["-99"])]),
            "number_word" => worded(&[(DONT_KNOW, &["Weet niet"])]),
            "number_anchored" => worded(&[
                (0, &["0 - zeer negatief"]),
                (5, &["5 - neutraal"]),
                (10, &["10 - zeer positief"]),
                (DONT_KNOW, &["Weet niet"]),
            ]),
            _ => Vec::new(),
        };
        Self { name: format!("score_{style}"), number: true, texts }
    }

    /// A box that is ticked or not.
    pub fn is_tick(&self) -> bool {
        matches!(self.name.as_str(), "yes_no_tick" | "yes_no_option")
    }

    /// The text of an answer; `pick` chooses among its spellings. None: the answer is a number as it stands.
    pub fn text(&self, answer: Answer, pick: usize) -> Option<&str> {
        let known = |answer: Answer| {
            self.texts.iter().find(|(of, _)| *of == answer).map(|(_, texts)| texts)
        };
        let texts = known(answer).or_else(|| match answer {
            _ if self.number => None,
            // a dialect without a code for it: "not applicable" falls to "don't know", that to "no"
            NOT_APPLICABLE => known(DONT_KNOW).or_else(|| known(1)),
            DONT_KNOW if self.name.starts_with("yes_no") => known(1),
            _ => None,
        });
        match texts {
            Some(texts) => Some(&texts[pick % texts.len()]),
            None if self.number && answer >= 0 => None,
            None => Some(""),
        }
    }
}

type Texts = Vec<(Answer, Vec<String>)>;

/// What all lists share: numbers from 1 with missing codes, LimeSurvey's `A1`, or the labels.
fn general(list_name: &str, style: &str) -> Texts {
    let numbered = |missing: [i16; 3]| {
        let mut texts: Texts =
            (0..codes(list_name)).map(|code| (code, vec![(code + 1).to_string()])).collect();
        let reasons = REASONS.iter().zip(missing);
        texts.extend(reasons.map(|((reason, _), code)| (*reason, vec![code.to_string()])));
        texts
    };
    match style {
        "number" => numbered([8, 7, 9]),
        "number_swapped" => numbered([9, 7, 8]),
        "number_98" => numbered([98, 97, 99]),
        "recode" => {
            let mut texts = numbered([-88, -77, -66]);
            texts.push((UNANSWERED, vec!["-99".to_owned()]));
            texts
        }
        "limesurvey" => {
            let mut texts: Texts =
                (0..codes(list_name)).map(|code| (code, vec![format!("A{}", code + 1)])).collect();
            texts.extend([
                (DONT_KNOW, vec!["A8".to_owned()]),
                (NOT_APPLICABLE, vec!["A9".to_owned()]),
            ]);
            texts
        }
        _ => {
            let labels = list(list_name).codes.iter().enumerate();
            let mut texts: Texts = labels
                .map(|(code, (_, label))| (code as Answer, vec![(*label).to_owned()]))
                .collect();
            texts.extend(REASONS.iter().map(|(reason, text)| (*reason, vec![(*text).to_owned()])));
            texts
        }
    }
}

fn yes_no(style: &str, option: &str) -> Option<Texts> {
    Some(match style {
        "frequency" => worded(&[
            (0, &["Ja, vaker dan één keer", "Ja, één keer"]),
            (1, &["Nee"]),
            (DONT_KNOW, &["Weet ik niet"]),
            (NOT_APPLICABLE, &["N.v.t., ik heb geen internet"]),
        ]),
        "offer" => worded(&[
            (0, &["Ja, ik gebruik dit zelf", "Ja, binnen mijn praktijk of afdeling"]),
            (1, &["Nee", "Nee, maar er zijn plannen"]),
            (DONT_KNOW, &["Weet ik niet"]),
        ]),
        "label_english" => worded(&[
            (0, &["Ja", "Ja", "Ja", "Ja", "Yes"]),
            (1, &["Nee", "Nee", "Nee", "Nee", "No"]),
            (DONT_KNOW, &["Weet niet", "Weet niet", "Don't know"]),
            (NOT_APPLICABLE, &["Niet van toepassing, ik heb geen internet"]),
            (REFUSED, &["Wil ik niet zeggen"]),
        ]),
        "tick" => worded(&[(0, &["Y"]), (1, &[""]), (NOT_ROUTED, &["N/A"])]),
        "option" => worded(&[(0, &[option]), (1, &[""])]),
        "zero_one" => worded(&[
            (0, &["1"]),
            (1, &["0"]),
            (DONT_KNOW, &["98"]),
            (NOT_APPLICABLE, &["97"]),
            (REFUSED, &["99"]),
        ]),
        _ => return None,
    })
}

fn agreement(style: &str) -> Option<Texts> {
    Some(match style {
        "number_reversed" => {
            let mut texts: Texts =
                (0..5).map(|code| (code, vec![(5 - code).to_string()])).collect();
            texts.push((DONT_KNOW, vec!["6".to_owned()]));
            texts
        }
        "four_label" => worded(&[
            (0, &["Helemaal mee eens"]),
            (1, &["Een beetje mee eens"]),
            (3, &["Een beetje mee oneens"]),
            (4, &["Helemaal mee oneens"]),
            (DONT_KNOW, &["Geen mening"]),
        ]),
        "label" | "label_english" => worded(&[
            (0, &["Helemaal mee eens"]),
            (1, &["Mee eens", "Mee eens", "Mee eens", "mee eens"]),
            (2, &["Niet mee eens, niet mee oneens", "Neutraal"]),
            (3, &["Mee oneens"]),
            (4, &["Helemaal mee oneens"]),
            (DONT_KNOW, &["Geen mening"]),
        ]),
        _ => return None,
    })
}

fn education(style: &str) -> Texts {
    const PRACTICAL: &str = "Praktische opleiding (basisonderwijs, vmbo, mbo-1)";
    match style {
        "label" | "label_english" => worded(&[
            (0, &["Geen opleiding of alleen basisonderwijs"]),
            (1, &["Lager beroepsonderwijs, vmbo of mavo"]),
            (2, &["Mbo niveau 1"]),
            (3, &["Mbo niveau 2-4", "Havo of vwo"]),
            (4, &["Hbo", "Wo"]),
            (REFUSED, &["Wil ik niet zeggen"]),
        ]),
        "three_label" => worded(&[
            (0, &[PRACTICAL]),
            (1, &[PRACTICAL]),
            (2, &[PRACTICAL]),
            (3, &["Middelbare opleiding (mbo 2-4, havo, vwo)"]),
            (4, &["Theoretische opleiding (hbo, wo)"]),
            (REFUSED, &["Zeg ik liever niet"]),
        ]),
        "limesurvey" => worded(&[
            (0, &["A1"]),
            (1, &["A2"]),
            (2, &["A3"]),
            (3, &["A4", "A5"]),
            (4, &["A6", "A7"]),
            (REFUSED, &["A9"]),
        ]),
        _ => worded(&[
            (0, &["1"]),
            (1, &["2"]),
            (2, &["3"]),
            (3, &["4", "5"]),
            (4, &["6", "7"]),
            (REFUSED, &[if style == "number_98" { "99" } else { "9" }]),
        ]),
    }
}

/// The same digits mean another sex in another dialect.
fn sex(style: &str) -> Option<Texts> {
    let [female, male, other, refused] = match style {
        "number" => ["2", "1", "3", "9"],
        "number_swapped" => ["1", "2", "3", "8"],
        "number_98" => ["2", "1", "3", "99"],
        "limesurvey" => ["F", "M", "X", "-"],
        _ => return None,
    };
    Some(worded(&[(0, &[female]), (1, &[male]), (2, &[other]), (REFUSED, &[refused])]))
}

fn codes(list_name: &str) -> Answer {
    list(list_name).codes.len() as Answer
}

fn worded(pairs: &[(Answer, &[&str])]) -> Texts {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    pairs.iter().map(|(answer, texts)| (*answer, owned(texts))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_and_nine_change_meaning_between_two_dialects() {
        let (one, other) =
            (Coding::of("yes_no", "number", ""), Coding::of("yes_no", "number_swapped", ""));
        assert_eq!(one.text(DONT_KNOW, 0), Some("8"));
        assert_eq!(other.text(REFUSED, 0), Some("8"));
    }

    #[test]
    fn a_tick_box_knows_no_dont_know() {
        assert_eq!(Coding::of("yes_no", "tick", "").text(DONT_KNOW, 0), Some(""));
        assert_eq!(Coding::of("yes_no", "tick", "").text(NOT_ROUTED, 0), Some("N/A"));
    }
}
