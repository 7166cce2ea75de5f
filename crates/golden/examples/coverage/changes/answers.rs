//! A population that is asked twice: answers of one person go together, as do those of one cluster.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::FIGURES;
use crate::population::{normal, uniform};

/// People of a cluster.
pub const CLUSTER: usize = 20;
/// Prevalence of the three shares in both waves; the rare one does not change.
const PREVALENCES: [[f64; 2]; 3] = [[0.02, 0.02], [0.10, 0.12], [0.50, 0.53]];

pub struct Waves {
    pub sex: Vec<i16>,
    /// Young or old.
    pub age: Vec<i16>,
    pub education: Vec<i16>,
    /// By wave and figure: 0 or 1, or a score of 0 to 10.
    answers: [[Vec<f64>; FIGURES.len()]; 2],
}

impl Waves {
    pub fn new(people: usize, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let of_cluster: Vec<f64> = (0..people / CLUSTER).map(|_| normal(&mut random)).collect();
        let (mut sex, mut age, mut education) = (Vec::new(), Vec::new(), Vec::new());
        let mut leanings: [[Vec<(f64, usize)>; FIGURES.len()]; 2] = Default::default();
        for person in 0..people {
            sex.push(i16::from(uniform(&mut random) < 0.5));
            age.push(i16::from(uniform(&mut random) < 0.6));
            education.push((uniform(&mut random) * 3.0) as i16);
            let known = 0.4 * f64::from(sex[person]) - 0.5 * f64::from(age[person])
                + 0.3 * f64::from(education[person])
                + 0.4 * of_cluster[person / CLUSTER];
            for figure in 0..FIGURES.len() {
                let own = normal(&mut random);
                for wave in &mut leanings {
                    wave[figure].push((known + own + 0.7 * normal(&mut random), person));
                }
            }
        }
        let answers = [0, 1].map(|wave: usize| {
            std::array::from_fn(|figure| answers(&mut leanings[wave][figure], figure, wave))
        });
        Self { sex, age, education, answers }
    }

    pub fn people(&self) -> usize {
        self.sex.len()
    }

    pub fn answer(&self, wave: usize, figure: usize, person: usize) -> f64 {
        self.answers[wave][figure][person]
    }

    fn mean(&self, wave: usize, figure: usize, counts: impl Fn(usize) -> bool) -> f64 {
        let people = (0..self.people()).filter(|&person| counts(person));
        let (sum, size) = people
            .fold((0.0, 0.0), |(s, n), person| (s + self.answers[wave][figure][person], n + 1.0));
        sum / size
    }

    /// Second wave minus first.
    pub fn change(&self, figure: usize) -> f64 {
        self.mean(1, figure, |_| true) - self.mean(0, figure, |_| true)
    }

    /// Old minus young in the second wave.
    pub fn contrast(&self, figure: usize) -> f64 {
        self.mean(1, figure, |person| self.age[person] == 1)
            - self.mean(1, figure, |person| self.age[person] == 0)
    }
}

/// Yes for those who lean most, so that the prevalence is exact; of the last figure a score.
fn answers(leanings: &mut [(f64, usize)], figure: usize, wave: usize) -> Vec<f64> {
    let mut answers = vec![0.0; leanings.len()];
    let Some(prevalences) = PREVALENCES.get(figure) else {
        for &mut (leaning, person) in leanings {
            answers[person] = (6.0 + 1.2 * leaning + 0.2 * wave as f64).round().clamp(0.0, 10.0);
        }
        return answers;
    };
    leanings.sort_by(|a, b| b.0.total_cmp(&a.0));
    let yes = (prevalences[wave] * leanings.len() as f64).round() as usize;
    leanings[..yes].iter().for_each(|leaning| answers[leaning.1] = 1.0);
    answers
}
