//! The planted population: 100,000 people in 1,000 clusters and 5 regions, whose answers depend on what they are calibrated on.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub const PEOPLE: usize = 100_000;
pub const REGIONS: usize = 5;
/// People in a cluster; a region has whole clusters.
pub const CLUSTER: usize = 100;
/// Prevalence of the three planted yes/no answers.
pub const PREVALENCES: [f64; 3] = [0.02, 0.1, 0.5];

pub struct Population {
    pub sex: Vec<u32>,
    pub age: Vec<u32>,
    pub education: Vec<u32>,
    /// Yes/no answers, one a prevalence.
    pub answers: [Vec<u8>; 3],
    /// A skewed amount, and what it is divided by in the ratio.
    pub amount: Vec<f64>,
    pub hours: Vec<f64>,
    pub truth: Truth,
}

/// What the intervals should hold.
pub struct Truth {
    pub shares: [f64; 3],
    pub mean: f64,
    pub total: f64,
    pub ratio: f64,
    pub median: f64,
}

impl Population {
    pub fn new(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let of_cluster: Vec<f64> = (0..PEOPLE / CLUSTER).map(|_| normal(&mut random)).collect();
        let (mut sex, mut age, mut education) = (Vec::new(), Vec::new(), Vec::new());
        let (mut amount, mut hours) = (Vec::new(), Vec::new());
        let mut scores: [Vec<(f64, usize)>; 3] = Default::default();
        for person in 0..PEOPLE {
            let cluster = of_cluster[person / CLUSTER];
            let is_woman = uniform(&mut random) < 0.51;
            let years = (uniform(&mut random) + 0.03 * cluster).clamp(0.0, 0.999);
            let schooling = normal(&mut random) - 0.8 * (years - 0.5) + 0.3 * cluster;
            let level = u32::from(schooling > -0.4) + u32::from(schooling > 0.6);
            sex.push(u32::from(is_woman));
            age.push((years * 5.0) as u32);
            education.push(level);
            let leaning =
                1.2 * (years - 0.5) - 0.5 * f64::from(level) + 0.3 * f64::from(sex[person]);
            for scores in &mut scores {
                let noise = uniform(&mut random).clamp(1e-12, 1.0 - 1e-12);
                scores.push((leaning + 0.4 * cluster + (noise / (1.0 - noise)).ln(), person));
            }
            let size = 0.5 * years + 0.25 * f64::from(level) + 0.15 * cluster;
            amount.push((1.0 + size + 0.7 * normal(&mut random)).exp());
            hours.push(4.0 + 3.0 * size + 2.0 * uniform(&mut random));
        }
        let answers =
            std::array::from_fn(|index| most_likely(&mut scores[index], PREVALENCES[index]));
        let truth = Truth::of(&answers, &amount, &hours);
        Self { sex, age, education, answers, amount, hours, truth }
    }
}

/// Yes for the people with the highest scores, so that the prevalence is exact.
fn most_likely(scores: &mut [(f64, usize)], prevalence: f64) -> Vec<u8> {
    scores.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut answers = vec![0; scores.len()];
    let yes = (prevalence * scores.len() as f64).round() as usize;
    scores[..yes].iter().for_each(|score| answers[score.1] = 1);
    answers
}

impl Truth {
    fn of(answers: &[Vec<u8>; 3], amount: &[f64], hours: &[f64]) -> Self {
        let share = |index: usize| {
            answers[index].iter().map(|&answer| f64::from(answer)).sum::<f64>() / PEOPLE as f64
        };
        let total: f64 = amount.iter().sum();
        let mut sorted = amount.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self {
            shares: std::array::from_fn(share),
            mean: total / PEOPLE as f64,
            total,
            ratio: total / hours.iter().sum::<f64>(),
            median: sorted[PEOPLE / 2 - 1],
        }
    }
}

/// Uniform on 0 to below 1.
pub fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Standard normal (Box and Muller).
pub fn normal(random: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * (1.0 - uniform(random)).ln()).sqrt();
    radius * (std::f64::consts::TAU * uniform(random)).cos()
}
