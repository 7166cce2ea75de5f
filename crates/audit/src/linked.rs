//! Two releases of a monitor: what each shows counts as known for the other, and those who came or went between them are a group.

use std::collections::BTreeMap;

use crate::attack::{With, answers, attack, told};
use crate::block::{Range, Told};
use crate::bounds::whole_numbers;
use crate::cell::{Place, UNKNOWN};
use crate::release::Release;
use crate::report::{Finding, Kind};

/// What follows from an earlier release and this one, of which `now` is told, together.
pub fn findings(
    earlier: &Release,
    release: &Release,
    now: &BTreeMap<&Place, Told>,
) -> Vec<Finding> {
    let before = told(earlier);
    let mut found = both_ways(release, now, &before, &earlier.name);
    let other = both_ways(earlier, &before, now, &release.name);
    let named = |finding: Finding| Finding {
        place: format!("release {}: {}", earlier.name, finding.place),
        against: Some(release.name.clone()),
        ..finding
    };
    found.extend(other.into_iter().map(named));
    found.extend(changed(earlier, &before, release, now));
    found
}

/// Attacks a release with what the other one tells of the cells that it does not show.
fn both_ways(
    release: &Release,
    own: &BTreeMap<&Place, Told>,
    other: &BTreeMap<&Place, Told>,
    name: &str,
) -> Vec<Finding> {
    let mut joint = own.clone();
    for (place, told) in other {
        let Some((place, truth)) = release.truth.get_key_value(*place) else { continue };
        if release.is_confidential(truth.n, truth.yes) {
            // What was shown of it when it was no small group is no news.
            continue;
        }
        let known = joint.entry(place).or_default();
        // The other release tells of other respondents too, as far as the true figure is from its range.
        let around = |range: Range, truth: f64| (range.0.min(truth), range.1.max(truth));
        known.value = known.value.or(told.value.map(|value| around(value, truth.value)));
        known.base = known.base.or(told.base.map(|base| around(base, truth.n)));
    }
    let found = attack(release, &joint, Some(With { name, own })).0;
    if found.is_empty() {
        return found;
    }
    let alone: Vec<(Kind, String)> =
        attack(release, own, None).0.into_iter().map(|found| (found.kind, found.place)).collect();
    found.into_iter().filter(|found| !alone.contains(&(found.kind, found.place.clone()))).collect()
}

/// Those by whom a cell differs between two releases, where they are few.
fn changed(
    earlier: &Release,
    before: &BTreeMap<&Place, Told>,
    release: &Release,
    now: &BTreeMap<&Place, Told>,
) -> Vec<Finding> {
    let of = |(place, truth): (&Place, &crate::cell::Truth)| {
        let was = earlier.truth.get(place)?;
        let by = (truth.n - was.n).abs();
        let few = by > 0.5 && by < release.disclosure.minimum_base_confidential - 0.5;
        if !(few && truth.is_asked && was.is_asked) || place.level == UNKNOWN {
            return None;
        }
        let (old, new) = (before.get(place)?, now.get(place)?);
        let (old_base, new_base) = (old.base?, new.base?);
        let finding = |kind: Kind, arithmetic: String| Finding {
            kind,
            against: Some(earlier.name.clone()),
            place: format!(
                "{} {} {} by {}, `{}`: those who came or went",
                place.indicator, place.panel, place.wave, place.breakdown, place.level
            ),
            arithmetic,
        };
        let people = (new_base.0 - old_base.1, new_base.1 - old_base.0);
        if whole_numbers(people) < 3 {
            let arithmetic =
                format!("{}..{} less {}..{}", new_base.0, new_base.1, old_base.0, old_base.1);
            return Some(finding(Kind::Respondents, arithmetic));
        }
        let (old_value, new_value) = (old.value?, new.value?);
        let indicator = release.indicator(&place.indicator);
        // Nobody and everybody of the whole cell say it in one release already.
        if answers(&indicator, was.n, old_value).is_some()
            || answers(&indicator, truth.n, new_value).is_some()
        {
            return None;
        }
        let unit = if indicator.is_proportion { indicator.unit } else { 1.0 };
        let sum = |base: Range, value: Range| (base.0 * value.0 / unit, base.1 * value.1 / unit);
        let (old_sum, new_sum) = (sum(old_base, old_value), sum(new_base, new_value));
        let answers = (new_sum.0 - old_sum.1, new_sum.1 - old_sum.0);
        (whole_numbers(answers) < 3).then(|| {
            let arithmetic = format!(
                "{:.3}..{:.3} answers less {:.3}..{:.3}",
                new_sum.0, new_sum.1, old_sum.0, old_sum.1
            );
            finding(Kind::Answers, arithmetic)
        })
    };
    release.truth.iter().filter_map(of).collect()
}
