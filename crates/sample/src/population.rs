//! The synthetic populations: who there is, and who answers.
//!
//! A population is a crossing of attributes with a known number of people in each cell. Who answers depends on age, sex
//! and education (or region, discipline, sector) only, one factor each, so that raking to the margins undoes it.

/// Six panels, in the order of the monitor.
pub const PANELS: [&str; 6] =
    ["gp", "specialist", "nurse", "social_physician", "population", "chronic"];
const PROVIDERS: [&str; 4] = ["gp", "specialist", "nurse", "social_physician"];
pub const WAVES: [u16; 5] = [2021, 2022, 2023, 2024, 2025];

pub fn is_provider(panel: &str) -> bool {
    PROVIDERS.contains(&panel)
}

/// One cell of the population: places in the answer lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// `age_group` of users, `age_group_provider` of providers.
    pub age: usize,
    /// 0 female, 1 male, as registered.
    pub sex: usize,
    /// Place in `education_detail`; providers: 4.
    pub education: usize,
    /// Region, discipline or sector of providers; users: 0.
    pub stratum: usize,
    pub skill: usize,
    /// Practice or hospital type; 0 where there is none.
    pub organisation: usize,
}

pub struct Population {
    pub panel: &'static str,
    pub wave: u16,
    pub cells: Vec<Cell>,
    /// People in each cell.
    pub people: Vec<f64>,
    /// Share of each cell among those who answer, cumulated to 1.
    pub answering: Vec<f64>,
}

/// People, age shares, share of women by age, shares of the third margin, factors of response.
struct Frame {
    people: f64,
    age: &'static [f64],
    women: &'static [f64],
    stratum: &'static [f64],
    organisation: &'static [f64],
    answers_age: &'static [f64],
    answers_women: f64,
    answers_stratum: &'static [f64],
}

const GP: Frame = Frame {
    people: 13_600.0,
    age: &[0.12, 0.30, 0.27, 0.31],
    women: &[0.72, 0.68, 0.58, 0.44],
    stratum: &[0.11, 0.21, 0.46, 0.22],
    organisation: &[0.17, 0.36, 0.47],
    answers_age: &[0.75, 0.9, 1.1, 1.25],
    answers_women: 1.15,
    answers_stratum: &[1.15, 1.05, 0.9, 1.0],
};

const SPECIALIST: Frame = Frame {
    people: 25_200.0,
    age: &[0.10, 0.33, 0.30, 0.27],
    women: &[0.60, 0.54, 0.44, 0.30],
    stratum: &[0.12, 0.19, 0.47, 0.22],
    organisation: &[0.31, 0.39, 0.30],
    answers_age: &[0.7, 0.85, 1.1, 1.35],
    answers_women: 1.1,
    answers_stratum: &[1.1, 1.1, 0.9, 1.0],
};

const SOCIAL_PHYSICIAN: Frame = Frame {
    people: 4_300.0,
    age: &[0.10, 0.22, 0.29, 0.39],
    women: &[0.74, 0.68, 0.58, 0.43],
    stratum: &[0.31, 0.33, 0.22, 0.14],
    organisation: &[1.0],
    answers_age: &[0.8, 0.9, 1.05, 1.15],
    answers_women: 1.1,
    answers_stratum: &[1.2, 0.9, 0.9, 1.1],
};

const NURSE: Frame = Frame {
    people: 193_000.0,
    age: &[0.27, 0.22, 0.22, 0.29],
    women: &[0.88, 0.87, 0.86, 0.85],
    stratum: &[0.36, 0.24, 0.22, 0.18],
    organisation: &[1.0],
    answers_age: &[0.6, 0.85, 1.2, 1.4],
    answers_women: 1.05,
    answers_stratum: &[0.9, 1.2, 1.05, 0.95],
};

const POPULATION: Frame = Frame {
    people: 14_200_000.0,
    age: &[0.262, 0.222, 0.256, 0.141, 0.119],
    women: &[0.49, 0.50, 0.50, 0.51, 0.57],
    stratum: &[1.0],
    organisation: &[1.0],
    answers_age: &[0.6, 0.85, 1.15, 1.5, 1.2],
    answers_women: 1.05,
    answers_stratum: &[1.0],
};

const CHRONIC: Frame = Frame {
    people: 5_100_000.0,
    age: &[0.15, 0.18, 0.28, 0.20, 0.19],
    women: &[0.56, 0.55, 0.53, 0.52, 0.57],
    stratum: &[1.0],
    organisation: &[1.0],
    answers_age: &[1.3, 1.1, 0.75, 1.0, 1.05],
    answers_women: 1.0,
    answers_stratum: &[1.0],
};

/// Education (primary, vmbo, mbo 1, middle, high) by age group of users.
const EDUCATION_BY_AGE: [[f64; 5]; 5] = [
    [0.05, 0.10, 0.05, 0.42, 0.38],
    [0.05, 0.12, 0.04, 0.37, 0.42],
    [0.07, 0.18, 0.04, 0.39, 0.32],
    [0.10, 0.28, 0.03, 0.33, 0.26],
    [0.18, 0.33, 0.02, 0.28, 0.19],
];
const ANSWERS_EDUCATION: [f64; 5] = [0.75, 0.95, 0.9, 0.95, 1.25];
/// The panel of the chronically ill recruits along education.
const ANSWERS_EDUCATION_CHRONIC: [f64; 5] = [1.1, 1.15, 1.0, 0.9, 1.0];
/// Digital skill (low, moderate, high) by age, youngest first.
const SKILL_BY_AGE: [[f64; 3]; 5] = [
    [0.10, 0.42, 0.48],
    [0.15, 0.47, 0.38],
    [0.24, 0.50, 0.26],
    [0.38, 0.45, 0.17],
    [0.55, 0.35, 0.10],
];

fn frame(panel: &str) -> &'static Frame {
    match panel {
        "gp" => &GP,
        "specialist" => &SPECIALIST,
        "social_physician" => &SOCIAL_PHYSICIAN,
        "nurse" => &NURSE,
        "population" => &POPULATION,
        _ => &CHRONIC,
    }
}

impl Population {
    /// The population of a panel in a wave; it grows by half a percent a year.
    pub fn of(panel: &'static str, wave: u16) -> Self {
        let frame = frame(panel);
        let size = frame.people * (1.0 + 0.005 * f64::from(wave - WAVES[0]));
        let educations = if is_provider(panel) { 4..5 } else { 0..5 };
        let mut population =
            Self { panel, wave, cells: Vec::new(), people: Vec::new(), answering: Vec::new() };
        for age in 0..frame.age.len() {
            for sex in 0..2 {
                for education in educations.clone() {
                    for stratum in 0..frame.stratum.len() {
                        for skill in 0..3 {
                            for organisation in 0..frame.organisation.len() {
                                population.add(
                                    frame,
                                    size,
                                    Cell { age, sex, education, stratum, skill, organisation },
                                );
                            }
                        }
                    }
                }
            }
        }
        let total: f64 = population.answering.iter().sum();
        let mut below = 0.0;
        for share in &mut population.answering {
            below += *share / total;
            *share = below;
        }
        population
    }

    fn add(&mut self, frame: &Frame, size: f64, cell: Cell) {
        let provider = is_provider(self.panel);
        let women = frame.women[cell.age];
        let education = if provider { 1.0 } else { EDUCATION_BY_AGE[cell.age][cell.education] };
        let people = size
            * frame.age[cell.age]
            * if cell.sex == 0 { women } else { 1.0 - women }
            * education
            * frame.stratum[cell.stratum]
            * SKILL_BY_AGE[cell.age][cell.skill]
            * frame.organisation[cell.organisation];
        let by_education =
            if self.panel == "chronic" { ANSWERS_EDUCATION_CHRONIC } else { ANSWERS_EDUCATION };
        let response = frame.answers_age[cell.age]
            * if cell.sex == 0 { frame.answers_women } else { 1.0 }
            * if provider {
                frame.answers_stratum[cell.stratum]
            } else {
                by_education[cell.education]
            };
        self.cells.push(cell);
        self.people.push(people);
        self.answering.push(people * response);
    }

    /// People for whom `level` says yes.
    pub fn count(&self, level: impl Fn(&Cell) -> bool) -> f64 {
        self.cells
            .iter()
            .zip(&self.people)
            .filter(|(cell, _)| level(cell))
            .map(|(_, people)| people)
            .sum()
    }
}

/// Three classes of education; mbo 1 moved from middle to low in 2023.
pub fn education_class(education: usize, wave: u16) -> usize {
    match education {
        0 | 1 => 0,
        2 if wave >= 2023 => 0,
        2 | 3 => 1,
        _ => 2,
    }
}

/// Smallest and largest age of an age group.
pub fn ages(panel: &str, group: usize) -> (i16, i16) {
    if is_provider(panel) {
        [(26, 34), (35, 44), (45, 54), (55, 67)][group]
    } else {
        [(if panel == "chronic" { 15 } else { 18 }, 34), (35, 49), (50, 64), (65, 74), (75, 94)]
            [group]
    }
}

/// Respondents of a panel-wave in the sample.
pub fn size(panel: &str, wave: u16) -> usize {
    let year = usize::from(wave - 2021);
    match panel {
        "gp" => [262, 241, 288, 318, 301][year],
        "specialist" => [271, 244, 256, 297, 322][year],
        "social_physician" => [203, 188, 214, 236, 221][year],
        "nurse" => [489, 521, 468, 577, 612][year],
        "population" => [884, 836, 941, 1012, 1043][year],
        _ => [566, 588, 631, 792, 854][year],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cells_of_a_population_sum_to_its_people() {
        for panel in PANELS {
            let population = Population::of(panel, 2021);
            let total: f64 = population.people.iter().sum();
            assert!((total / frame(panel).people - 1.0).abs() < 1e-9, "{panel}");
            assert!((population.answering[population.answering.len() - 1] - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn mbo_1_moves_to_the_lower_class_in_2023() {
        assert_eq!(education_class(2, 2022), 1);
        assert_eq!(education_class(2, 2023), 0);
    }
}
