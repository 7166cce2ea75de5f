//! How alike two names or questions are, and which belongs to which: one measure for the whole program.

mod assign;
mod grams;
mod normal;
mod texts;

pub use assign::assign;
pub use normal::normal;
pub use texts::{Near, Texts};

/// From here on one name may be meant by another.
pub const MAY_BE_MEANT: f64 = 0.6;

/// How alike two texts are, from 0 to 1.
pub fn likeness(one: &str, other: &str) -> f64 {
    Texts::of([one, other]).likeness(one)[1]
}

/// The candidate that is most like a name, where one may be meant; of equals the first by name.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    likest(&[name], candidates, MAY_BE_MEANT).first().map(|(candidate, _)| *candidate)
}

/// Candidates at least so much like one of the wanted names, the likest first, each once.
pub fn likest<'a>(
    wanted: &[impl AsRef<str>],
    candidates: impl IntoIterator<Item = &'a str>,
    least: f64,
) -> Vec<(&'a str, f64)> {
    let mut candidates: Vec<&str> = candidates.into_iter().collect();
    candidates.sort_unstable();
    candidates.dedup();
    let texts = Texts::of(candidates.iter().copied());
    let of_each: Vec<Vec<f64>> = wanted.iter().map(|name| texts.likeness(name.as_ref())).collect();
    let best = |place: usize| of_each.iter().map(|of| of[place]).fold(0.0, f64::max);
    let mut near: Vec<(&str, f64)> =
        candidates.iter().enumerate().map(|(place, name)| (*name, best(place))).collect();
    near.retain(|(_, likeness)| *likeness >= least);
    near.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(right.0)));
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_is_meant_is_found_and_a_stranger_is_not() {
        let names = ["weight", "height", "video_use", "portal_use"];
        assert_eq!(nearest("wieght", names), Some("weight"));
        assert_eq!(nearest("Video use", names), Some("video_use"));
        assert_eq!(nearest("portl_use", names), Some("portal_use"));
        assert_eq!(nearest("education", names), None);
        assert_eq!(nearest("", names), None);
    }

    #[test]
    fn candidates_are_listed_once_the_likest_first() {
        let near = likest(&["respnr", "nr"], ["respnummer", "respnr2", "respnr2", "reden"], 0.6);
        assert_eq!(
            near.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            ["respnr2", "respnummer"]
        );
    }

    #[test]
    fn equal_but_for_case_spaces_signs_and_unicode_form_is_alike_whole() {
        for (one, other) in [
            ("Hoe oud bent u?", " hoe  OUD bent u"),
            ("Q14_3", "Q14.3"),
            ("Patie\u{308}ntportaal", "patiëntportaal"),
            ("ﬁets", "fiets"),
            ("leeftijd\u{feff}", "Leeftijd"),
        ] {
            assert!(likeness(one, other) > 0.999, "{one} {other} {}", likeness(one, other));
        }
    }

    #[test]
    fn likeness_is_the_same_both_ways_and_stays_between_0_and_1() {
        let texts =
            ["", "a", "video", "Hoe oud bent u?", "Wat is uw leeftijd in jaren?", "%%", "日本語"];
        for one in texts {
            for other in texts {
                let (there, back) = (likeness(one, other), likeness(other, one));
                assert!(
                    (0.0..=1.0).contains(&there) && (there - back).abs() < 1e-9,
                    "{one} {other}"
                );
            }
        }
    }
}
