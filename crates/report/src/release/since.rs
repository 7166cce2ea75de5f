//! What a release says otherwise than an earlier one, figure by figure.

use std::collections::BTreeMap;

use super::Release;
use super::fact::{Call, Estimate, Key};

/// A figure by names, which both releases share: indicator, panel, cell, wave.
type Name<'a> = (&'a str, &'a str, String, i32);

/// The differences; keys are those of the later release.
#[derive(Debug, Default)]
pub struct Since {
    /// The earlier release, and the day on which it was made.
    pub release: String,
    pub made: String,
    /// Waves, indicators or groups that the earlier one had not: cells in all.
    pub new: usize,
    pub gone: usize,
    /// Value before and now, the largest difference first.
    pub moved: Vec<(Key, f64, f64)>,
    /// Shown before, and not now.
    pub withheld: Vec<Key>,
    /// Not shown before.
    pub shown: Vec<Key>,
    /// Changes that are called otherwise: the call before and now.
    pub called: Vec<(Key, Call, Call)>,
}

impl Since {
    pub fn of(earlier: &Release, release: &Release) -> Self {
        let before = named(earlier);
        let now = named(release);
        let mut since = Self {
            release: earlier.manifest.release.clone(),
            made: earlier.manifest.run.started.get(..10).unwrap_or_default().to_owned(),
            gone: before.keys().filter(|name| !now.contains_key(name)).count(),
            ..Self::default()
        };
        for (name, one) in &now {
            let Some(was) = before.get(name) else {
                since.new += 1;
                continue;
            };
            let value = |of: &Release, one: &Estimate| one.value.filter(|_| of.is_shown(one));
            match (value(earlier, was), value(release, one)) {
                (Some(was), Some(is)) if was != is => since.moved.push((one.key, was, is)),
                (Some(_), None) => since.withheld.push(one.key),
                (None, Some(_)) => since.shown.push(one.key),
                _ => {}
            }
            let calls = (earlier.change(was.key), release.change(one.key));
            if let (Some(was), Some(is)) = calls
                && was.call != is.call
            {
                since.called.push((one.key, was.call, is.call));
            }
        }
        let size = |moved: &(Key, f64, f64)| (moved.2 - moved.1).abs();
        since.moved.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.0.cmp(&b.0)));
        since
    }

    pub fn is_empty(&self) -> bool {
        let lists = [self.moved.len(), self.withheld.len(), self.shown.len(), self.called.len()];
        self.new + self.gone + lists.iter().sum::<usize>() == 0
    }
}

fn named(release: &Release) -> BTreeMap<Name<'_>, &Estimate> {
    let of = &release.dimensions;
    let name = |key: Key| {
        (
            of.indicators[key.indicator].key.as_str(),
            of.panels[key.panel].key.as_str(),
            of.levels[key.level].cell(),
            of.waves[key.wave].wave,
        )
    };
    release.estimates.iter().map(|one| (name(one.key), one)).collect()
}
