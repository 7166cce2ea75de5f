//! Which steps a run is about: `stage:panel:wave` with lists, ranges and `+` for what depends on it or what it depends on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use store::step::Subject;
use store::{Stage, Step};
use survey::Wave;

use crate::error::Error;

/// All steps of a run and what each reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    /// Step → the steps whose hand-offs it reads.
    pub reads: BTreeMap<Step, BTreeSet<Step>>,
    /// Delivery → panels and wave that it feeds: its addresses.
    pub feeds: BTreeMap<String, (Vec<String>, Wave)>,
}

impl Grid {
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.reads.keys()
    }

    fn panels(&self) -> BTreeSet<String> {
        self.steps().filter_map(|step| step.panel().map(str::to_owned)).collect()
    }

    fn waves(&self) -> BTreeSet<Wave> {
        self.steps().filter_map(Step::wave).collect()
    }

    /// The steps and all that they read, however far up.
    fn with_dependencies(&self, steps: BTreeSet<Step>) -> BTreeSet<Step> {
        closure(steps, |step| self.reads.get(step).into_iter().flatten().cloned().collect())
    }

    /// The steps and all that read them, however far down.
    fn with_dependents(&self, steps: BTreeSet<Step>) -> BTreeSet<Step> {
        closure(steps, |step| {
            self.reads
                .iter()
                .filter(|(_, reads)| reads.contains(step))
                .map(|(reader, _)| reader.clone())
                .collect()
        })
    }
}

fn closure(mut steps: BTreeSet<Step>, next: impl Fn(&Step) -> Vec<Step>) -> BTreeSet<Step> {
    let mut open: Vec<Step> = steps.iter().cloned().collect();
    while let Some(step) = open.pop() {
        open.extend(next(&step).into_iter().filter(|step| steps.insert(step.clone())));
    }
    steps
}

/// What a run is asked to do, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Empty: everything.
    pub select: Vec<String>,
    pub exclude: Vec<String>,
    pub until: Option<String>,
}

impl Selection {
    /// The chosen steps of the grid; an impossible selection is an error that lists what exists.
    pub fn steps(&self, grid: &Grid) -> Result<BTreeSet<Step>, Error> {
        let mut chosen: BTreeSet<Step> = if self.select.is_empty() {
            grid.steps().cloned().collect()
        } else {
            union(&self.select, grid)?
        };
        for step in union(&self.exclude, grid)? {
            chosen.remove(&step);
        }
        if let Some(until) = &self.until {
            let last = stages(until, until)?.into_iter().max();
            chosen.retain(|step| last.is_none_or(|last| step.stage <= last));
        }
        if chosen.is_empty() {
            let steps = grid.steps().map(|step| step.stage.name().to_owned());
            return Err(impossible(&self.to_string(), "step left", &listed(steps.collect())));
        }
        Ok(chosen)
    }
}

impl fmt::Display for Selection {
    /// As it was typed, the defaults left out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |option: &'static str, patterns: &[String]| -> Vec<String> {
            patterns.iter().map(|pattern| format!("{option} {pattern}")).collect()
        };
        let until = self.until.as_ref().map(|until| format!("--until {until}"));
        let parts = [of("--select", &self.select), of("--exclude", &self.exclude)].concat();
        formatter.write_str(&parts.into_iter().chain(until).collect::<Vec<_>>().join(" "))
    }
}

/// Patterns side by side, also several in one text with blanks between them.
fn union(patterns: &[String], grid: &Grid) -> Result<BTreeSet<Step>, Error> {
    let mut steps = BTreeSet::new();
    for pattern in patterns.iter().flat_map(|text| text.split_whitespace()) {
        steps.extend(matching(pattern, grid)?);
    }
    Ok(steps)
}

/// The steps that one pattern names.
pub fn matching(pattern: &str, grid: &Grid) -> Result<BTreeSet<Step>, Error> {
    let core = pattern.trim();
    let (upwards, core) = core.strip_prefix('+').map_or((false, core), |rest| (true, rest));
    let (downwards, core) = core.strip_suffix('+').map_or((false, core), |rest| (true, rest));
    let mut parts = core.split(':');
    let stages = stages(parts.next().unwrap_or_default(), pattern)?;
    let panels = panels(parts.next().unwrap_or("*"), pattern, grid)?;
    let waves = waves(parts.next().unwrap_or("*"), pattern, grid)?;
    if parts.next().is_some() {
        return Err(impossible(pattern, "more than three parts", "`stage:panel:wave`"));
    }
    let chosen: BTreeSet<Step> = grid
        .steps()
        .filter(|step| {
            stages.contains(&step.stage) && is_of(step, panels.as_ref(), waves.as_ref(), grid)
        })
        .cloned()
        .collect();
    if chosen.is_empty() {
        let exist: BTreeSet<String> = grid
            .steps()
            .filter(|step| stages.contains(&step.stage))
            .map(ToString::to_string)
            .collect();
        return Err(impossible(pattern, "nothing that it names", &listed(exist)));
    }
    let mut all = chosen.clone();
    if upwards {
        all.extend(grid.with_dependencies(chosen.clone()));
    }
    if downwards {
        all.extend(grid.with_dependents(chosen));
    }
    Ok(all)
}

/// No set of panels or waves means all.
fn is_of(
    step: &Step,
    panels: Option<&BTreeSet<String>>,
    waves: Option<&BTreeSet<Wave>>,
    grid: &Grid,
) -> bool {
    let panel_fits = |panel: &str| panels.is_none_or(|panels| panels.contains(panel));
    let wave_fits = |wave: Wave| waves.is_none_or(|waves| waves.contains(&wave));
    match &step.of {
        Subject::PanelWave(of) => panel_fits(&of.panel) && wave_fits(of.wave),
        Subject::Panel(panel) => panel_fits(panel),
        Subject::All => panels.is_none() && waves.is_none(),
        Subject::Delivery(delivery) => grid.feeds.get(delivery).is_some_and(|(fed, wave)| {
            wave_fits(*wave) && (panel_fits(delivery) || fed.iter().any(|panel| panel_fits(panel)))
        }),
    }
}

fn stages(text: &str, pattern: &str) -> Result<BTreeSet<Stage>, Error> {
    let mut stages = BTreeSet::new();
    for name in text.split(',').map(str::trim) {
        match (name, Stage::from_name(name)) {
            ("*", _) => stages.extend(Stage::ALL),
            ("validate", _) => stages.extend([Stage::Admit, Stage::Confront]),
            (_, Some(stage)) => drop(stages.insert(stage)),
            _ => {
                let names = Stage::ALL.iter().map(|stage| stage.name().to_owned());
                let exist = names.chain(["validate (admit and confront)".to_owned()]).collect();
                return Err(impossible(pattern, &format!("stage `{name}`"), &listed(exist)));
            }
        }
    }
    Ok(stages)
}

fn panels(text: &str, pattern: &str, grid: &Grid) -> Result<Option<BTreeSet<String>>, Error> {
    let exist = grid.panels();
    let mut panels = BTreeSet::new();
    for name in text.split(',').map(str::trim) {
        if name == "*" {
            return Ok(None);
        }
        if !exist.contains(name) && !grid.feeds.contains_key(name) {
            return Err(impossible(pattern, &format!("panel `{name}`"), &listed(exist)));
        }
        panels.insert(name.to_owned());
    }
    Ok(Some(panels))
}

/// `2024`, `2022..2024` (both ends), `2022..`, `..2023`, `*`, and lists of these.
fn waves(text: &str, pattern: &str, grid: &Grid) -> Result<Option<BTreeSet<Wave>>, Error> {
    let exist = grid.waves();
    let exist_text = || listed(exist.iter().map(ToString::to_string).collect());
    let number = |text: &str, open: Wave| -> Result<Wave, Error> {
        if text.is_empty() {
            return Ok(open);
        }
        text.parse().map_err(|_| impossible(pattern, &format!("wave `{text}`"), &exist_text()))
    };
    let mut waves = BTreeSet::new();
    for part in text.split(',').map(str::trim) {
        if part == "*" {
            return Ok(None);
        }
        let (first, last) = if let Some((first, last)) = part.split_once("..") {
            (number(first, Wave::MIN)?, number(last.trim_start_matches('='), Wave::MAX)?)
        } else {
            let wave = number(part, 0)?;
            (wave, wave)
        };
        let found: Vec<Wave> =
            exist.iter().copied().filter(|wave| (first..=last).contains(wave)).collect();
        if found.is_empty() {
            return Err(impossible(pattern, &format!("wave `{part}`"), &exist_text()));
        }
        waves.extend(found);
    }
    Ok(Some(waves))
}

fn impossible(pattern: &str, found: &str, exist: &str) -> Error {
    Error::Selection {
        pattern: pattern.to_owned(),
        found: found.to_owned(),
        exist: exist.to_owned(),
    }
}

fn listed(names: BTreeSet<String>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop
    use survey::PanelWave;

    use super::*;

    /// gp and nurse in 2023–2025, one file each.
    fn grid() -> Grid {
        let mut grid = Grid::default();
        for panel in ["gp", "nurse"] {
            let mut weighted = BTreeSet::new();
            for wave in 2023..=2025 {
                let delivery = format!("{panel}_{wave}");
                let at = |stage| Step::of(stage, &PanelWave::new(panel, wave));
                grid.feeds.insert(delivery.clone(), (vec![panel.to_owned()], wave));
                grid.reads.insert(Step::ingest(&delivery), BTreeSet::new());
                grid.reads.insert(at(Stage::Admit), [Step::ingest(&delivery)].into());
                grid.reads.insert(at(Stage::Harmonise), [at(Stage::Admit)].into());
                grid.reads.insert(at(Stage::Confront), [at(Stage::Harmonise)].into());
                grid.reads.insert(at(Stage::Weight), [at(Stage::Confront)].into());
                weighted.insert(at(Stage::Weight));
            }
            grid.reads.insert(Step::estimate(panel), weighted);
        }
        grid.reads.insert(Step::publish(), [Step::estimate("gp"), Step::estimate("nurse")].into());
        grid
    }

    fn check(pattern: &str, expected: &[&str]) {
        let found: BTreeSet<String> =
            matching(pattern, &grid()).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(found, expected.iter().map(ToString::to_string).collect(), "{pattern}");
    }

    #[test]
    fn a_pattern_names_its_steps() {
        check("weight:nurse:2024", &["weight:nurse:2024"]);
        check(
            "weight:*:2024..",
            &["weight:gp:2024", "weight:gp:2025", "weight:nurse:2024", "weight:nurse:2025"],
        );
        check("weight:gp:..2024", &["weight:gp:2023", "weight:gp:2024"]);
        check(
            "harmonise,weight:gp:2023,2025",
            &["harmonise:gp:2023", "harmonise:gp:2025", "weight:gp:2023", "weight:gp:2025"],
        );
        check("validate:gp:2023", &["admit:gp:2023", "confront:gp:2023"]);
        check("ingest:nurse:2024", &["ingest:nurse_2024"]);
        check("ingest:nurse_2024", &["ingest:nurse_2024"]);
        check("publish", &["publish"]);
    }

    #[test]
    fn a_plus_behind_takes_what_depends_on_it_and_in_front_what_it_depends_on() {
        check("weight:nurse:2024+", &["estimate:nurse", "publish", "weight:nurse:2024"]);
        check("+harmonise:gp:2023", &["admit:gp:2023", "harmonise:gp:2023", "ingest:gp_2023"]);
    }

    #[test]
    fn an_impossible_selection_lists_what_exists() {
        let check = |pattern: &str, expected: &str| {
            assert_eq!(matching(pattern, &grid()).unwrap_err().to_string(), expected);
        };
        check(
            "weight:nurses:2024",
            "selection `weight:nurses:2024`: there is no panel `nurses`\nexpected: `gp`, `nurse`",
        );
        check(
            "weight:gp:2019",
            "selection `weight:gp:2019`: there is no wave `2019`\nexpected: `2023`, `2024`, `2025`",
        );
        assert!(matching("wieght:gp", &grid()).unwrap_err().to_string().contains("`ingest`"));
    }

    #[test]
    fn several_patterns_may_stand_in_one_text() {
        let one =
            Selection { select: vec!["weight:gp:2023 publish".to_owned()], ..Selection::default() };
        let select = vec!["weight:gp:2023".to_owned(), "publish".to_owned()];
        let two = Selection { select, ..Selection::default() };
        assert_eq!(one.steps(&grid()).unwrap(), two.steps(&grid()).unwrap());
    }

    #[test]
    fn a_selection_that_leaves_nothing_is_an_error_and_not_an_empty_run() {
        let selection = Selection {
            select: vec!["publish".to_owned()],
            until: Some("weight".to_owned()),
            ..Selection::default()
        };
        let error = selection.steps(&grid()).unwrap_err().to_string();
        assert!(
            error.starts_with(
                "selection `--select publish --until weight`: there is no step left\nexpected: "
            ),
            "{error}"
        );
    }

    #[test]
    fn both_plus_signs_take_both_sides_and_a_roll_up_takes_all_its_waves() {
        let both = matching("+weight:gp:2024+", &grid()).unwrap();
        let sides = [matching("+weight:gp:2024", &grid()), matching("weight:gp:2024+", &grid())];
        assert_eq!(both, sides.into_iter().flat_map(Result::unwrap).collect());
        assert_eq!(matching("+estimate:gp", &grid()).unwrap().len(), 5 * 3 + 1);
        assert_eq!(matching("+publish", &grid()).unwrap().len(), grid().reads.len());
        check("weight:gp:2023..2024,2025", &["weight:gp:2023", "weight:gp:2024", "weight:gp:2025"]);
    }

    #[test]
    fn until_and_exclude_take_away() {
        let selection = Selection {
            select: vec!["*:gp:2023".to_owned()],
            exclude: vec!["ingest".to_owned()],
            until: Some("harmonise".to_owned()),
        };
        let steps: Vec<String> =
            selection.steps(&grid()).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(steps, ["admit:gp:2023", "harmonise:gp:2023"]);
    }
}
