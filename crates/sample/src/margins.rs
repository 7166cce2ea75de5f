//! The population totals to which each panel is weighted: `truth/population.csv`, from which config/targets is taken.

use std::fmt::Write as _;

use crate::population::{Cell, PANELS, Population, WAVES, education_class, is_provider};
use crate::vocabulary::list;

/// `truth/population.csv`: people in each cell of each margin, the numbers behind the weights.
pub fn populations() -> String {
    let mut text = "panel,wave,margin,level,total\n".to_owned();
    for panel in PANELS {
        for wave in WAVES {
            let population = Population::of(panel, wave);
            let people = population.count(|_| true).round();
            for (name, cells) in margins(&population) {
                for (level, people) in whole(cells, people) {
                    let _ = writeln!(text, "{panel},{wave},{name},{level},{people}");
                }
            }
        }
    }
    text
}

type Margin = (&'static str, Vec<(String, f64)>);

/// The margins to which a panel is weighted.
fn margins(population: &Population) -> Vec<Margin> {
    let count = |name: &'static str, inside: &dyn Fn(&Cell, usize) -> bool| {
        let codes = list(name).codes.iter().enumerate();
        let cells = codes
            .map(|(at, (code, _))| ((*code).to_owned(), population.count(|cell| inside(cell, at))));
        (name, cells.collect())
    };
    if is_provider(population.panel) {
        let stratum = match population.panel {
            "nurse" => "sector",
            "social_physician" => "discipline",
            _ => "region",
        };
        return vec![
            count("age_group_provider", &|cell, at| cell.age == at),
            count("sex_register", &|cell, at| cell.sex == at),
            count(stratum, &|cell, at| cell.stratum == at),
        ];
    }
    let mut crossed = Vec::new();
    for (age, (age_code, _)) in list("age_group").codes.iter().enumerate() {
        for (sex, (sex_code, _)) in list("sex_register").codes.iter().enumerate() {
            let people = population.count(|cell| cell.age == age && cell.sex == sex);
            crossed.push((format!("{age_code}*{sex_code}"), people));
        }
    }
    let education =
        count("education", &|cell, at| education_class(cell.education, population.wave) == at);
    vec![("age_group*sex_register", crossed), education]
}

/// Whole people, so that every margin of a panel-wave has the same sum.
fn whole(cells: Vec<(String, f64)>, total: f64) -> Vec<(String, f64)> {
    let mut left = total;
    let last = cells.len() - 1;
    let round = |(at, (level, people)): (usize, (String, f64))| {
        let people = if at == last { left } else { people.round() };
        left -= people;
        (level, people)
    };
    cells.into_iter().enumerate().map(round).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_margins_of_a_panel_wave_have_the_same_sum() {
        for panel in PANELS {
            for wave in WAVES {
                let population = Population::of(panel, wave);
                let people = population.count(|_| true).round();
                for (name, cells) in margins(&population) {
                    let total: f64 = whole(cells, people).iter().map(|(_, people)| people).sum();
                    assert_eq!(total, people, "{panel} {wave} {name}");
                }
            }
        }
    }
}
